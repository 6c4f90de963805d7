#include "spelling.h"
#include "codec.h"
#include <stdlib.h>

enum { SPELLINGS = 3, VOICED = 0x3099, SEMI_VOICED = 0x309A };

static int is_space(uint32_t character) {
    return character <= ' ' || character == MF_NEXT_LINE || character == 0xA0 ||
           character == 0x3000;
}

static int has_control(const mf_text *text) {
    for (size_t i = 0; i < text->length; i++) {
        if (mf_is_control(mf_at(text, i))) return 1;
    }
    return 0;
}

/* A katakana letter with a sound mark, or 0: those with one follow those without. */
static uint32_t with_mark(uint32_t kana, uint32_t mark) {
    int is_h = kana >= 0x30CF && kana <= 0x30DB && (kana - 0x30CF) % 3 == 0;
    if (mark == SEMI_VOICED) return is_h ? kana + 2 : 0;
    if (mark != VOICED) return 0;
    if (kana == 0x30A6) return 0x30F4;
    int is_k_to_ti = kana >= 0x30AB && kana <= 0x30C1 && kana % 2 == 1;
    int is_tu_to_to = kana >= 0x30C4 && kana <= 0x30C8 && kana % 2 == 0;
    return is_h || is_k_to_ti || is_tu_to_to ? kana + 1 : 0;
}

/* Write a text in usual characters. Returns how many words change. */
static uint32_t write_usual(const mf_text *text, uint32_t *usual, size_t *length) {
    uint32_t words = 0;
    int is_changed = 0;
    *length = 0;
    for (size_t i = 0; i < text->length; i++) {
        uint32_t character = mf_at(text, i);
        uint32_t other =
            is_space(character) ? character : mf_replaced(mf_usual, MF_USUAL, character);
        if (is_space(character)) is_changed = 0;
        if (other != character && !is_changed) {
            is_changed = 1;
            words++;
        }
        uint32_t marked = *length ? with_mark(usual[*length - 1], other) : 0;
        if (marked) {
            usual[*length - 1] = marked;
        } else {
            usual[(*length)++] = other;
        }
    }
    return words;
}

/* How many words of a text change in small letters? */
static uint32_t words_with_capitals(const mf_model *model, const mf_text *text) {
    uint32_t words = 0;
    int is_changed = 0;
    for (size_t i = 0; i < text->length; i++) {
        uint32_t character = mf_at(text, i), id = mf_model_id(model, character);
        if (is_space(character)) is_changed = 0;
        if (is_changed || mf_model_small(model, id) == id) continue;
        is_changed = 1;
        words++;
    }
    return words;
}

int mf_least_costs(const mf_model *model, const mf_text *texts, size_t count, uint32_t change,
                   uint64_t *costs) {
    size_t length = 0, passages = 0;
    for (size_t i = 0; i < count; i++)
        length += texts[i].length;
    mf_model_passage *all = malloc((count * SPELLINGS + 1) * sizeof *all);
    uint32_t *words = malloc((count * SPELLINGS + 1) * sizeof *words);
    uint32_t *usual = malloc((length + 1) * sizeof *usual), *next = usual;
    int ok = all && words && usual;
    for (size_t i = 0; ok && i < count; i++) {
        words[passages] = 0;
        all[passages++] = (mf_model_passage){.parts[1] = texts[i]};
        if ((words[passages] = words_with_capitals(model, &texts[i]))) {
            all[passages] = all[passages - 1];
            all[passages++].in_small = 1;
        }
        size_t written;
        if ((words[passages] = write_usual(&texts[i], next, &written))) {
            all[passages++] = (mf_model_passage){.parts[1] = {next, written, 4}};
            next += written;
        }
    }
    if (ok) mf_model_read(model, all, passages);
    for (size_t i = 0, text = 0; ok && i < passages; i++) {
        uint64_t cost = all[i].cost + (uint64_t)change * words[i];
        int is_first = !words[i];
        text += is_first && i > 0;
        if (has_control(&texts[text])) cost += MF_CONTROL;
        if (is_first || cost < costs[text]) costs[text] = cost;
    }
    free(all);
    free(words);
    free(usual);
    return ok;
}
