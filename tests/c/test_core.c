/* The C core without Python: fixed texts, and pseudo-random ones in buffers of exactly their size,
   so that the sanitizers see every step outside. Run by test_c_core.py.

       test_core [ROUNDS]

   Exits 0 if all holds, else says what does not and exits 1. */
#include "broken.h"
#include "check.h"
#include "escape.h"
#include "foreign.h"
#include "layer.h"
#include "lone.h"
#include "run.h"
#include "scan.h"
#include "scan_pair.h"
#include "utf8.h"
#include "vicinity.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CP1252 = 0, LATIN_1 = 1, LONGEST = 96, DEFAULT_ROUNDS = 20000 };

/* edits.c is compiled so that it takes memory here. */
static long allocations_left = -1; /* -1: no end */

void *test_realloc(void *block, size_t size);

void *test_realloc(void *block, size_t size) {
    if (!allocations_left) return NULL;
    if (allocations_left > 0) allocations_left--;
    return realloc(block, size);
}

static int narrowest(const uint32_t *code_points, size_t length) {
    int width = 1;
    for (size_t i = 0; i < length; i++) {
        if (code_points[i] > 0xFFFF) return 4;
        if (code_points[i] > 0xFF) width = 2;
    }
    return width;
}

/* What the original looks like after UTF-8 and a wrong decoder; returns its length. */
static size_t damaged(const char *utf8, int decoder, uint32_t *observed) {
    size_t length = strlen(utf8);
    for (size_t i = 0; i < length; i++) {
        uint8_t byte = (uint8_t)utf8[i];
        observed[i] = byte < 0x80 ? byte : mf_decoded[decoder][byte - 0x80];
    }
    return length;
}

static mf_prior usual_prior(void) {
    mf_prior prior = {.accept = 24, .misfit = 80, .most = 160, .stranger = 64, .favour = 48};
    for (int decoder = 0; decoder < MF_DECODERS; decoder++) {
        prior.log_odds[decoder] = decoder ? -80 : -72;
        prior.preference[decoder] = decoder ? -8 : 0;
    }
    return prior;
}

/* Pseudo-random text: images of one decoder or of any, ASCII, U+FFFD, and any code point. */
static size_t tempting(uint32_t *code_points) {
    size_t length = below(LONGEST + 1);
    uint32_t decoder = below(MF_DECODERS), mixed = below(3), ascii = below(4);
    for (size_t i = 0; i < length; i++) {
        if (!mixed) decoder = below(MF_DECODERS);
        uint32_t kind = below(12);
        if (kind < ascii) {
            code_points[i] = below(0x80);
        } else if (kind < 5) {
            code_points[i] = mf_decoded[decoder][0x40 + below(0x35)]; /* a lead */
        } else if (kind < 11) {
            code_points[i] = mf_decoded[decoder][below(0x40)]; /* a continuation */
        } else {
            code_points[i] = below(3) ? 0xFFFD : below(0x110000);
        }
    }
    return length;
}

/* utf8 */

static size_t invalid(const char *bytes, size_t length) {
    uint8_t *exact = malloc(length ? length : 1);
    CHECK(exact);
    memcpy(exact, bytes, length);
    size_t found = mf_find_invalid_utf8(exact, length);
    free(exact);
    return found;
}

static void test_utf8(void) {
    static const struct {
        const char *bytes;
        size_t length, invalid;
    } cases[] = {
        {"", 0, MF_NONE},
        {"plain", 5, MF_NONE},
        {"\0", 1, MF_NONE},
        {"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 9, MF_NONE},
        {"\xF4\x8F\xBF\xBF", 4, MF_NONE},
        {"\xED\x9F\xBF\xEE\x80\x80", 6, MF_NONE},
        {"123456789\x80", 10, 9},
        {"\xC3", 1, 0},
        {"a\xC3", 2, 1},
        {"\xE2\x82", 2, 0},
        {"\xF0\x9F\x98", 3, 0},
        {"\xC0\x80", 2, 0},
        {"\xC1\xBF", 2, 0},
        {"\xE0\x9F\xBF", 3, 0},
        {"\xED\xA0\x80", 3, 0},
        {"\xF0\x8F\xBF\xBF", 4, 0},
        {"\xF4\x90\x80\x80", 4, 0},
        {"\xF5\x80\x80\x80", 4, 0},
        {"\xC3\xA9\xFF", 3, 2},
        {"\xE2\x28\xA1", 3, 0},
        {"\xF0\x9F\x28\x80", 4, 0},
        {"\xF0\x9F\x98\x28", 4, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK(invalid(cases[i].bytes, cases[i].length) == cases[i].invalid);
    }
    for (uint32_t code_point = 0; code_point < 0x110000; code_point++) {
        uint8_t bytes[4];
        int count = mf_encode(code_point, bytes);
        CHECK(count == 1 || mf_sequence_length(bytes[0]) == count);
        CHECK(count == 1 || mf_may_follow(bytes[0], bytes[1]));
        CHECK(count == 1 || mf_decode_sequence(bytes, count) == code_point);
        int surrogate = code_point >= 0xD800 && code_point < 0xE000;
        CHECK((mf_find_invalid_utf8(bytes, (size_t)count) == MF_NONE) == !surrogate);
    }
}

/* tables */

static void test_tables(void) {
    CHECK(!strcmp(mf_decoder_name[CP1252], "cp1252"));
    CHECK(!strcmp(mf_decoder_name[LATIN_1], "latin-1"));
    for (int decoder = 0; decoder < MF_DECODERS; decoder++) {
        for (unsigned byte = 0x80; byte < 0x100; byte++) {
            unsigned id = mf_image_id(mf_decoded[decoder][byte - 0x80]);
            CHECK(id > 0 && id < MF_IMAGES);
            CHECK(mf_image_byte[id][decoder] == byte);
            int lead = (mf_lead_mask(id) >> decoder & 1) != 0;
            int continuation = (mf_image_roles[id].continuation >> decoder & 1) != 0;
            CHECK(lead == (mf_sequence_length((uint8_t)byte) > 0));
            CHECK(continuation == (byte < 0xC0));
        }
    }
    for (uint32_t code_point = 0; code_point < 0x110000; code_point++) {
        CHECK(mf_image_id(code_point) < MF_IMAGES);
        CHECK(mf_entry(code_point) >> 8 < MF_CLASSES);
    }
    CHECK(!mf_image_id('a') && !mf_image_id(0xFFFD) && !mf_image_id(0x1F600));
    CHECK(mf_entry('\n') == MF_LINE_ENTRY);
}

/* scan */

static size_t scanned(const mf_text *text, size_t start) {
    size_t found = mf_find_suspect(text, start);
    mf_scan_without_vectors(1);
    CHECK(mf_find_suspect(text, start) == found);
    mf_scan_without_vectors(0);
    CHECK(found == MF_NONE || (found >= start && found + 1 < text->length));
    return found;
}

static size_t scanned_utf8(const uint8_t *bytes, size_t length, size_t start) {
    size_t found = mf_find_suspect_utf8(bytes, length, start);
    mf_scan_without_vectors(1);
    CHECK(mf_find_suspect_utf8(bytes, length, start) == found);
    mf_scan_without_vectors(0);
    CHECK(found == MF_NONE || (found >= start && found < length));
    return found;
}

static void test_scan(void) {
    static const char *const clean[] = {"", "plain", "na\xC3\xAFve", "\xE4\xBD\xA0\xE5\xA5\xBD",
                                        "\xF0\x9F\x98\x80"};
    uint32_t code_points[3 * LONGEST];
    for (size_t i = 0; i < sizeof clean / sizeof *clean; i++) {
        size_t length = strlen(clean[i]);
        CHECK(scanned_utf8((const uint8_t *)clean[i], length, 0) == MF_NONE);
    }
    /* The same suspect behind any number of letters, in every width. */
    for (size_t padding = 0; padding < 2 * LONGEST; padding++) {
        for (size_t i = 0; i < 3 * LONGEST; i++)
            code_points[i] = 'a';
        code_points[padding] = 0xC3;
        code_points[padding + 1] = 0xA9;
        for (int width = 1; width <= 4; width *= 2) {
            for (size_t length = padding; length <= 3 * LONGEST; length += LONGEST / 2) {
                mf_text text = text_of(code_points, length, width);
                CHECK(scanned(&text, 0) == (length < padding + 2 ? MF_NONE : padding));
                CHECK(scanned(&text, padding + 1) == MF_NONE);
                drop(&text);
            }
        }
    }
}

static void random_scan(const uint32_t *code_points, size_t length) {
    int width = narrowest(code_points, length);
    size_t start = below((uint32_t)length + 2);
    uint32_t decoders = below(1u << MF_DECODERS);
    mf_text narrow = text_of(code_points, length, width), wide = text_of(code_points, length, 4);
    CHECK(scanned(&narrow, start) == scanned(&wide, start));
    CHECK(mf_find_pair(&narrow, start, decoders) == mf_find_pair(&wide, start, decoders));
    /* As UTF-8, at the same places; surrogates have no such form. */
    uint8_t *bytes = malloc(4 * LONGEST + 4);
    CHECK(bytes);
    size_t size = 0, offsets[LONGEST + 2];
    for (size_t i = 0; i < length; i++) {
        offsets[i] = size;
        uint32_t code_point = code_points[i];
        if (code_point >= 0xD800 && code_point < 0xE000) code_point = 0x4E00;
        size += (size_t)mf_encode(code_point, bytes + size);
    }
    offsets[length] = offsets[length + 1] = size;
    uint8_t *exact = realloc(bytes, size ? size : 1);
    CHECK(exact);
    CHECK(mf_find_invalid_utf8(exact, size) == MF_NONE);
    size_t in_text = scanned(&wide, start);
    size_t in_bytes = scanned_utf8(exact, size, offsets[start]);
    CHECK(in_bytes == (in_text == MF_NONE ? MF_NONE : offsets[in_text]));
    /* Bytes that are not UTF-8 do no harm. */
    uint32_t steps = 1 + below(64);
    for (size_t i = below(steps); i < size; i += 1 + below(steps))
        exact[i] = (uint8_t)below(256);
    size_t wrong = mf_find_invalid_utf8(exact, size);
    CHECK(wrong == MF_NONE || wrong < size);
    mf_scan_without_vectors(1);
    CHECK(mf_find_invalid_utf8(exact, size) == wrong);
    mf_scan_without_vectors(0);
    if (wrong != MF_NONE) CHECK(mf_find_invalid_utf8(exact, wrong) == MF_NONE);
    size_t somewhere = below((uint32_t)size + 2);
    for (int plain = 0; plain < 2; plain++) {
        mf_scan_without_vectors(plain);
        size_t found = mf_find_suspect_utf8(exact, size, somewhere);
        CHECK(found == MF_NONE || (found >= somewhere && found < size));
    }
    mf_scan_without_vectors(0);
    free(exact);
    drop(&narrow);
    drop(&wide);
}

/* edits */

static void test_edits(void) {
    mf_edits edits = {0};
    for (uint32_t i = 0; i < 1000; i++) {
        mf_edit edit = {.start = i, .end = i + 1, .original = i, .count = 1};
        CHECK(mf_edits_add(&edits, &edit));
        CHECK(mf_edits_add_original(&edits, i));
    }
    CHECK(edits.count == 1000 && edits.originals_count == 1000);
    for (uint32_t i = 0; i < 1000; i++) {
        CHECK(edits.edits[i].start == i && edits.originals[i] == i);
    }
    mf_edits_free(&edits);
    CHECK(!edits.edits && !edits.originals && !edits.count && !edits.originals_count);
    mf_edits_free(&edits);
}

static void test_edits_without_memory(void) {
    for (long allocations = 0; allocations < 6; allocations++) {
        mf_edits edits = {0};
        mf_edit edit = {.start = 1, .end = 2};
        size_t added = 0, originals = 0;
        allocations_left = allocations;
        while (added < 500 && mf_edits_add(&edits, &edit))
            added++;
        while (originals < 500 && mf_edits_add_original(&edits, 7))
            originals++;
        CHECK(edits.count == added && edits.originals_count == originals);
        for (size_t i = 0; i < added; i++)
            CHECK(edits.edits[i].end == 2);
        for (size_t i = 0; i < originals; i++)
            CHECK(edits.originals[i] == 7);
        allocations_left = -1;
        CHECK(mf_edits_add(&edits, &edit) && mf_edits_add_original(&edits, 7));
        mf_edits_free(&edits);
    }
}

/* runs */

static void test_runs(void) {
    uint32_t observed[LONGEST];
    for (int decoder = 0; decoder < MF_DECODERS; decoder++) {
        /* Whole sequences of two, three and four bytes. */
        static const char original[] = "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80";
        static const uint32_t meant[] = {0xE9, 0x20AC, 0x1F600};
        mf_text text = text_of(observed, damaged(original, decoder, observed), 2);
        mf_run run = {.start = 0, .end = text.length};
        mf_edit like = {.decoder = (uint8_t)decoder, .odds = 5, .rival = 3};
        mf_edits edits = {0};
        CHECK(mf_cut_run(&text, decoder, &run, &edits, &like));
        CHECK(!run.truncated && edits.count == 1);
        CHECK(edits.edits[0].end == text.length && edits.edits[0].odds == 5);
        CHECK(edits.edits[0].evidence == run.evidence);
        CHECK(edits.edits[0].count == 3 && !memcmp(edits.originals, meant, sizeof meant));
        CHECK(mf_proves(&text, &edits, &edits.edits[0]));
        edits.originals[1]++;
        CHECK(!mf_proves(&text, &edits, &edits.edits[0]));
        mf_edits_free(&edits);
        drop(&text);
        /* Less its last byte the run is truncated. */
        text = text_of(observed, damaged("\xC3\xA9\xE2\x82", decoder, observed), 2);
        run = (mf_run){.start = 0, .end = text.length};
        CHECK(mf_cut_run(&text, decoder, &run, NULL, NULL));
        CHECK(run.truncated);
        drop(&text);
        /* Two surrogates are one character, one surrogate is none. */
        text = text_of(observed, damaged("\xED\xA0\xBD\xED\xB8\x80", decoder, observed), 2);
        run = (mf_run){.start = 0, .end = text.length};
        CHECK(mf_cut_run(&text, decoder, &run, &edits, &like));
        CHECK(!run.truncated && edits.count == 1 && edits.originals[0] == 0x1F600);
        CHECK(edits.edits[0].flags & MF_EDIT_SURROGATES);
        CHECK(mf_proves(&text, &edits, &edits.edits[0]));
        run = (mf_run){.start = 0, .end = 3};
        CHECK(mf_cut_run(&text, decoder, &run, NULL, NULL));
        CHECK(run.truncated);
        mf_edits_free(&edits);
        drop(&text);
    }
}

/* layer */

static void check_edits(const mf_text *text, const mf_edits *edits) {
    size_t end = 0;
    for (size_t i = 0; i < edits->count; i++) {
        const mf_edit *edit = &edits->edits[i];
        CHECK(edit->start >= end && edit->end > edit->start && edit->end <= text->length);
        CHECK(edit->decoder < MF_DECODERS);
        end = edit->end;
        if (edit->flags & MF_EDIT_LOSSY) continue;
        CHECK(edit->count > 0 && edit->original + edit->count <= edits->originals_count);
        CHECK(2 * edit->count <= edit->end - edit->start);
        CHECK(mf_proves(text, edits, edit));
    }
}

static void test_layer(void) {
    mf_prior prior = usual_prior();
    uint32_t observed[LONGEST];
    size_t length = damaged("K\xC3\xB6ln und Malm\xC3\xB6", CP1252, observed);
    for (int width = 1; width <= 4; width *= 2) {
        mf_text text = text_of(observed, length, width);
        int64_t weights[MF_DECODERS];
        mf_edits edits = {0};
        mf_weigh(&text, &prior, weights);
        CHECK(mf_undo(&text, &prior, weights, NULL, &edits));
        check_edits(&text, &edits);
        CHECK(edits.count == 2 && edits.edits[0].start == 1 && edits.edits[1].start == 14);
        CHECK(edits.originals_count == 2 && edits.originals[0] == 0xF6);
        mf_edits_free(&edits);
        drop(&text);
    }
    mf_text nothing = text_of(observed, 0, 1);
    int64_t weights[MF_DECODERS];
    mf_edits edits = {0};
    mf_weigh(&nothing, &prior, weights);
    CHECK(mf_undo(&nothing, &prior, weights, NULL, &edits) && !edits.count);
    drop(&nothing);
}

static void test_layer_without_memory(void) {
    enum { WORDS = 300, LENGTH = 3 };
    static uint32_t observed[WORDS * LENGTH];
    for (size_t i = 0; i < WORDS; i++) {
        observed[i * LENGTH] = 0xC3;
        observed[i * LENGTH + 1] = 0xA9;
        observed[i * LENGTH + 2] = ' ';
    }
    mf_prior prior = usual_prior();
    mf_text text = text_of(observed, WORDS * LENGTH, 1);
    int64_t weights[MF_DECODERS];
    mf_weigh(&text, &prior, weights);
    int done = 0;
    for (long allocations = 0; !done; allocations++) {
        mf_edits edits = {0};
        allocations_left = allocations;
        done = mf_undo(&text, &prior, weights, NULL, &edits);
        allocations_left = -1;
        CHECK(allocations < 20 && done == (edits.count == WORDS));
        mf_edits_free(&edits);
    }
    drop(&text);
}

/* A model that knows no character, and is no longer than it has to be. */
static void test_a_lone_lead_stands_for_no_more_than_unicode_has(void) {
    enum { PAGES = 0x110000 / MF_MODEL_PAGE, IDS = 2, SEGMENT = 4, CELLS = 3 * SEGMENT };
    uint8_t *pages = calloc(PAGES, 2), *ids = calloc(MF_MODEL_PAGE, 2), *costs = calloc(IDS, 2);
    uint8_t *cells = calloc(CELLS, 2);
    CHECK(pages && ids && costs && cells);
    const mf_model model = {.page = pages,
                            .id_of = ids,
                            .alone = costs,
                            .leave = costs,
                            .cells = cells,
                            .ids = IDS,
                            .pages = 1,
                            .reach = SEGMENT,
                            .segment = SEGMENT};
    const mf_prior prior = {.literal = 1, .most_lone = 1}; /* nothing stands as written */
    mf_text text = text_of((const uint32_t[]){'a', ' ', 0xF4, ' ', 'b'}, 5, 1);
    mf_broken run;
    CHECK(mf_find_lone(&text, LATIN_1, 2, &run));
    size_t lookups = 0;
    CHECK(!mf_may_restore(&text, LATIN_1, &run, &prior, &model, &lookups));
    drop(&text);
    free(pages);
    free(ids);
    free(costs);
    free(cells);
}

static void random_layer(const uint32_t *code_points, size_t length) {
    mf_prior prior = usual_prior();
    prior.accept = (int32_t)below(80) - 40;
    mf_text narrow = text_of(code_points, length, narrowest(code_points, length));
    mf_text wide = text_of(code_points, length, 4);
    int64_t weights[MF_DECODERS], again[MF_DECODERS];
    int may_be = mf_weigh(&narrow, &prior, weights);
    CHECK(mf_weigh(&wide, &prior, again) == may_be);
    CHECK(!memcmp(weights, again, sizeof weights));
    mf_edits none = {0};
    CHECK(mf_undo(&narrow, &prior, weights, NULL, &none));
    CHECK(may_be || !none.count);
    mf_edits_free(&none);
    for (int decoder = 0; decoder < MF_DECODERS; decoder++) {
        if (!below(8)) weights[decoder] += (int64_t)below(800) - 400;
    }
    mf_edits edits = {0}, same = {0};
    CHECK(mf_undo(&narrow, &prior, weights, NULL, &edits));
    CHECK(mf_undo(&wide, &prior, weights, NULL, &same));
    check_edits(&narrow, &edits);
    CHECK(edits.count == same.count);
    for (size_t i = 0; i < edits.count; i++) {
        CHECK(edits.edits[i].start == same.edits[i].start);
        CHECK(edits.edits[i].end == same.edits[i].end);
        CHECK(edits.edits[i].evidence == same.edits[i].evidence);
        CHECK(edits.edits[i].odds == same.edits[i].odds);
    }
    mf_edits_free(&edits);
    mf_edits_free(&same);
    drop(&narrow);
    drop(&wide);
}

static void random_broken_runs(const uint32_t *code_points, size_t length) {
    mf_text text = text_of(code_points, length, narrowest(code_points, length));
    int decoder = (int)below(MF_DECODERS);
    size_t at = below((uint32_t)length + 1), end = at + below((uint32_t)(length - at) + 1);
    mf_broken run;
    while (mf_find_broken(&text, decoder, at, end, &run)) {
        CHECK(at <= run.start && run.start < run.end && run.end <= run.rest && run.rest <= end);
        CHECK(mf_lead_mask(mf_image_id(mf_at(&text, run.start))) >> decoder & 1);
        CHECK(run.rest == mf_broken_rest(&text, decoder, run.end, end));
        at = run.end;
    }
    drop(&text);
}

/* escapes */

/* Escapes, pieces of them and what may stand beside them, in UTF-8. */
static const char *const spellings[] = {
    "\\u00c3",
    "\\u00A9",
    "\\u",
    "\\ud83d",
    "\\ude00",
    "\\",
    "\\\\",
    "&Atilde;",
    "&copy;",
    "&nbsp;",
    "&#195;",
    "&#x",
    "&#xa9;",
    "&#128;",
    "&",
    "&amp;",
    "%C3%83",
    "%c2%a9",
    "%",
    "%E2%82",
    "/",
    "\\xc3\\x83",
    "\\xc2",
    "\\303\\203",
    "\\302\\251",
    "=C3=83",
    "=C2=A9",
    "\xC3\x83",
    "\xC2\xA9",
    "a",
    "\"",
    "=",
    "\xE4\xB8\xAD",
    "\xF0\x9F\x98\x80",
};

/* What stands around the signs of some bytes; the extent of all of them. */
static void check_vicinity(const char *bytes, const char *expected, size_t length, size_t beyond) {
    size_t size = strlen(bytes), suspect, foreign;
    uint8_t *copy = malloc(size); /* so that reads behind the end are seen */
    CHECK(copy);
    memcpy(copy, bytes, size);
    suspect = mf_find_any_suspect_utf8(copy, size, 0);
    foreign = mf_find_foreign_utf8(copy, size, 0);
    mf_vicinity around, wanted;
    CHECK(mf_vicinity_signs(copy, size, suspect, foreign, &around));
    CHECK(mf_vicinity_all((const uint8_t *)expected, strlen(expected), &wanted));
    CHECK(around.text.length == wanted.text.length);
    for (size_t i = 0; i < around.text.length; i++)
        CHECK(mf_at(&around.text, i) == mf_at(&wanted.text, i));
    if (foreign != MF_NONE) {
        CHECK(around.extent.length == length && around.extent.beyond == beyond);
    }
    mf_vicinity_free(&around);
    mf_vicinity_free(&wanted);
    free(copy);
}

static void test_vicinity(void) {
    enum { WORDS = 400 };
    static const char control[] = "b\xC2\x92s"; /* a place that is foreign */
    check_vicinity("", "", 0, 0);
    check_vicinity("one\ntwo caf\xC3\xA9\n", "", 0, 0);
    check_vicinity("b\xC2\x92s", "b\xC2\x92s", 3, 1);
    check_vicinity("\xEF\xBB\xBFone\nb\xC2\x92s two\nthree", "b\xC2\x92s two", 17, 1);
    check_vicinity("\xF0\x9F\x99\x82\nb\xC2\x92s\n\n\xC3\x83\xC2\xA9 d\n",
                   "b\xC2\x92s\n\xC3\x83\xC2\xA9 d", 12, 4);
    /* Of a long line, words on both sides. */
    static char line[3 * WORDS * 3 + sizeof control], around[sizeof line];
    for (int i = 0; i < WORDS; i++)
        strcat(line, "ab ");
    strcat(line, control);
    for (int i = 0; i < WORDS; i++)
        strcat(line, " cd");
    for (int i = 0; i < 67; i++)
        strcat(around, "ab ");
    strcat(around, control);
    for (int i = 0; i < 66; i++)
        strcat(around, " cd");
    check_vicinity(line, around, 6 * WORDS + 3, 1);
}

static void test_escapes(void) {
    static const struct {
        const char *text;
        uint32_t code_point, size;
    } cases[] = {
        {"\\u00e9", 0xE9, 6},
        {"\\ud83d\\ude00", 0x1F600, 12},
        {"\\ud83d", 0, 0},
        {"\\u0041", 0, 0},
        {"\\u00e", 0, 0},
        {"&eacute;", 0xE9, 8},
        {"&eacute", 0, 0},
        {"&amp;", 0, 0},
        {"&#233;", 0xE9, 6},
        {"&#xe9;", 0xE9, 6},
        {"&#128;", 0x20AC, 6},
        {"&#129;", 0x81, 6},
        {"&#55357;", 0, 0},
        {"&#1114112;", 0, 0},
        {"%C3%A9", 0xE9, 6},
        {"%C3%29", 0, 0},
        {"%ED%A0%80", 0, 0},
        {"\\xe2\\x82\\xac", 0x20AC, 12},
        {"\\303\\251", 0xE9, 8},
        {"\\777\\251", 0, 0},
        {"=F0=9F=98=80", 0x1F600, 12},
        {"%C0%80", 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mf_text text = {cases[i].text, strlen(cases[i].text), 1};
        mf_escape escape = {0};
        CHECK(mf_read_escape(&text, 0, &escape) == (cases[i].size > 0));
        CHECK(!cases[i].size || escape.code_point == cases[i].code_point);
        CHECK(!cases[i].size || escape.size == cases[i].size);
    }
    for (size_t i = 0; i < MF_NAMES; i++) {
        CHECK(strlen(mf_names[i].name) <= MF_LONGEST_NAME && mf_names[i].code_point >= 0x80);
        CHECK(!i || strcmp(mf_names[i - 1].name, mf_names[i].name) < 0);
    }
}

static void check_view(const mf_text *text, const mf_view *view) {
    size_t at = 0, start = 0;
    for (size_t i = 0; i < view->count; i++) {
        const mf_escapes *run = &view->runs[i];
        CHECK(run->at >= at && run->count > 0 && run->start - start == run->at - at);
        for (; at < run->at; at++, start++)
            CHECK(view->code_points[at] == mf_at(text, start));
        for (size_t j = 0; j < run->count; j++, at++, start += run->size) {
            mf_escape escape;
            CHECK(mf_read_escape(text, start, &escape));
            CHECK(escape.notation == run->notation && escape.size == run->size);
            CHECK(escape.code_point == view->code_points[at]);
        }
    }
    CHECK(text->length - start == view->length - at);
}

static void random_escapes(void) {
    uint8_t bytes[24 * 16];
    size_t size = 0, pieces = below(16);
    for (size_t i = 0; i < pieces; i++) {
        const char *piece = spellings[below(sizeof spellings / sizeof *spellings)];
        memcpy(bytes + size, piece, strlen(piece));
        size += strlen(piece);
    }
    if (size) size -= below((uint32_t)(size < 4 ? size : 4)); /* cut off in the middle */
    uint8_t *exact = malloc(size ? size : 1);
    uint32_t *code_points = malloc((size + 1) * sizeof *code_points);
    size_t *offsets = malloc((size + 2) * sizeof *offsets);
    CHECK(exact && code_points && offsets);
    memcpy(exact, bytes, size);
    size_t start = below((uint32_t)size + 2);
    for (int plain = 0; plain < 2; plain++) {
        mf_scan_without_vectors(plain);
        size_t found = mf_find_any_suspect_utf8(exact, size, start);
        CHECK(found == MF_NONE || (found >= start && found < size));
    }
    mf_scan_without_vectors(0);
    /* The same as code points, as far as it is UTF-8. */
    size_t valid = mf_find_invalid_utf8(exact, size), length = 0;
    if (valid == MF_NONE) valid = size;
    for (size_t i = 0; i < valid; length++) {
        int count = exact[i] < 0x80 ? 1 : mf_sequence_length(exact[i]);
        offsets[length] = i;
        code_points[length] = count == 1 ? exact[i] : mf_decode_sequence(exact + i, count);
        i += (size_t)count;
    }
    offsets[length] = offsets[length + 1] = valid;
    start = below((uint32_t)length + 2);
    size_t in_bytes = mf_find_any_suspect_utf8(exact, valid, offsets[start]);
    for (int width = narrowest(code_points, length); width <= 4; width *= 2) {
        mf_text text = text_of(code_points, length, width);
        size_t found = mf_find_any_suspect(&text, start), first = mf_find_escape(&text, start);
        CHECK(in_bytes == (found == MF_NONE ? MF_NONE : offsets[found]));
        CHECK(first == MF_NONE || (first >= start && first < length));
        mf_view view;
        CHECK(mf_resolve(&text, (int)below(2), &view));
        check_view(&text, &view);
        mf_view_free(&view);
        drop(&text);
    }
    free(exact);
    free(code_points);
    free(offsets);
}

int main(int count, char **arguments) {
    long rounds = count > 1 ? strtol(arguments[1], NULL, 10) : DEFAULT_ROUNDS;
    test_utf8();
    test_tables();
    test_scan();
    test_vicinity();
    test_escapes();
    test_edits();
    test_edits_without_memory();
    test_runs();
    test_layer();
    test_layer_without_memory();
    test_a_lone_lead_stands_for_no_more_than_unicode_has();
    for (current_round = 1; current_round <= rounds; current_round++) {
        uint32_t code_points[LONGEST];
        size_t length = tempting(code_points);
        random_scan(code_points, length);
        random_layer(code_points, length);
        random_broken_runs(code_points, length);
        random_escapes();
    }
    return 0;
}
