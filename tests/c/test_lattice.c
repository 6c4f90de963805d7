/* The lattice without Python, on random texts in buffers of exactly their size, so that the
   sanitizers see every step outside. Run by test_lattice.py.

       test_lattice MODEL ROUNDS

   Exits 0 if all holds, else says what does not and exits 1. */
#include "check.h"
#include "lattice.h"
#include "pieces.h"
#include "tables.h"
#include "utf8.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 400, LONG = 20000, USUAL = 40, REPLACEMENT = 0xFFFD, NBSP = 0xA0, LITERAL = 512 };

/* Return a text in the narrowest storage that holds it, at times in the widest. */
static mf_text stored(const uint32_t *code_points, size_t length) {
    int width = 1;
    for (size_t i = 0; i < length; i++) {
        if (code_points[i] > 0xFF && width < 2) width = 2;
        if (code_points[i] > 0xFFFF) width = 4;
    }
    return text_of(code_points, length, below(4) ? width : 4);
}

/* A decoder's images, of which one in `whole` is lost in one way or another. */
static mf_forms random_forms(int decoder, uint32_t whole) {
    mf_forms forms = {.flags = below(2) ? (uint8_t)below(8) : 0};
    for (uint32_t i = 0; i < 128; i++) {
        static const uint32_t folded[] = {'?', REPLACEMENT, '-', '\'', '"', ' ', 'a', '\n'};
        forms.length[i] = 1;
        forms.form[i][0] = mf_decoded[decoder][i];
        if (below(whole)) continue;
        switch (below(4)) {
        case 0:
            forms.length[i] = 0;
            break;
        case 1:
            forms.length[i] = 3;
            for (int j = 0; j < 3; j++)
                forms.form[i][j] = below(2) ? '.' : below(0x110000);
            break;
        default:
            forms.form[i][0] = folded[below(below(3) ? 6 : 8)];
        }
    }
    if (below(2)) forms.form[NBSP - 0x80][0] = ' ';
    return forms;
}

static size_t append_form(const mf_forms *forms, uint8_t byte, uint32_t *to, size_t left) {
    size_t length = byte < 0x80 ? 1 : forms->length[byte - 0x80];
    if (length > left) return 0;
    for (size_t i = 0; i < length; i++)
        to[i] = byte < 0x80 ? byte : forms->form[byte - 0x80][i];
    return length;
}

/* Fill a text: forms of whole characters and of any bytes, ASCII, markers and anything. */
static void random_text(const mf_forms *forms, uint32_t *code_points, size_t length) {
    static const uint32_t markers[] = {'?', REPLACEMENT, ' ', '\n', '.', '-', '\'', NBSP};
    uint32_t script = 0x80 + below(0x800);
    for (size_t at = 0; at < length;) {
        uint8_t bytes[4];
        uint32_t kind = below(16);
        if (kind < 9) {
            uint32_t original = below(12) ? script + below(64) : below(0x110000);
            int count = mf_encode(original, bytes);
            for (int i = 0; i < count; i++)
                at += append_form(forms, bytes[i], code_points + at, length - at);
        } else if (kind < 10) {
            at += append_form(forms, (uint8_t)(0x80 + below(128)), code_points + at, length - at);
        } else if (kind < 13) {
            code_points[at++] = 'a' + below(26);
        } else if (kind < 15) {
            code_points[at++] = markers[below(8)];
        } else {
            code_points[at++] = below(2) ? below(0x3000) : below(0x110000);
        }
    }
}

/* May the form of a byte be missing at a place of the text, inside a character? */
static int may_miss(const mf_forms *forms, const mf_text *text, uint8_t byte, size_t at) {
    uint32_t form = forms->form[byte - 0x80][0];
    if (forms->length[byte - 0x80] != 1) return 0;
    uint32_t here = at < text->length ? mf_at(text, at) : '\n';
    if (byte == NBSP && forms->flags & MF_LAYER_TRIMMED && here == '\n') return 1;
    if (byte == NBSP && forms->flags & MF_LAYER_SQUEEZED && form == ' ' && here == ' ') return 1;
    return forms->flags & MF_LAYER_RUNS && (form == '?' || form == REPLACEMENT) && at > 0 &&
           mf_at(text, at - 1) == form;
}

/* Do the forms of these bytes, less those that may be missing, fill a stretch of the text? */
static int fills(const mf_forms *forms, const mf_text *text, const uint8_t *bytes, int count,
                 size_t at, size_t end) {
    if (!count) return at == end;
    const uint32_t *form = forms->form[bytes[0] - 0x80];
    size_t length = forms->length[bytes[0] - 0x80], same = 0;
    while (same < length && at + same < end && mf_at(text, at + same) == form[same])
        same++;
    if (same == length && fills(forms, text, bytes + 1, count - 1, at + length, end)) return 1;
    return may_miss(forms, text, bytes[0], at) && fills(forms, text, bytes + 1, count - 1, at, end);
}

static void check_posteriors(const mf_place *place) {
    CHECK(place->posterior >= 0 && place->posterior <= 1);
    CHECK(place->alternatives <= MF_ALTERNATIVES);
    double sum = place->posterior;
    for (int i = 0; i < place->alternatives; i++) {
        CHECK(place->other_posterior[i] > 0 && place->other_posterior[i] <= 1.001f);
        CHECK(i == 0 || place->other_posterior[i] <= place->other_posterior[i - 1]);
        sum += place->other_posterior[i];
        for (int j = 0; j < i; j++)
            CHECK(place->other[i] != place->other[j]);
    }
    CHECK(sum <= 1.001);
}

static void check_restored(const mf_forms *forms, const mf_text *text, const uint8_t *given,
                           const mf_restored *restored) {
    CHECK(isfinite(restored->cost) && restored->cost >= 0);
    CHECK((restored->count > 0) == (text->length > 0));
    if (restored->count) CHECK(restored->places[0].start == 0);
    for (size_t i = 0; i < restored->count; i++) {
        const mf_place *place = &restored->places[i];
        size_t end = i + 1 < restored->count ? place[1].start : text->length;
        CHECK(place->start < end && end <= text->length);
        check_posteriors(place);
        CHECK(!(place->flags & MF_GIVEN) == !given[place->start]);
        CHECK(!(place->flags & MF_GIVEN) || place->flags & MF_LITERAL);
        if (place->flags & MF_LITERAL) {
            CHECK(end == place->start + 1 && place->original == mf_at(text, place->start));
            continue;
        }
        for (size_t at = place->start; at < end; at++)
            CHECK(!given[at]);
        if (place->original == REPLACEMENT) continue;
        uint8_t bytes[4];
        int count = mf_encode(place->original, bytes);
        CHECK(place->original >= 0x80 && place->original < 0x110000);
        CHECK(place->original < 0xD800 || place->original >= 0xE000);
        CHECK(fills(forms, text, bytes, count, place->start, end));
    }
}

static void check_same(const mf_restored *one, const mf_restored *other) {
    CHECK(one->count == other->count && one->cost == other->cost);
    for (size_t i = 0; i < one->count; i++) {
        CHECK(one->places[i].start == other->places[i].start);
        CHECK(one->places[i].original == other->places[i].original);
        CHECK(one->places[i].flags == other->places[i].flags);
        CHECK(one->places[i].posterior == other->places[i].posterior);
    }
}

/* Lesser layers never cost less, and what the lines cost beside them is about the same. */
static void check_lesser(const mf_model *model, const mf_forms *forms, const mf_text *text,
                         const uint8_t *given, uint32_t literal, const double *most,
                         const double *alone) {
    mf_lesser lesser = {.count = 1 + below(MF_LESSER)};
    for (size_t i = 0; i < sizeof lesser.keeps; i++)
        lesser.keeps[i] = (uint8_t)(below(3) ? 0 : below(256));
    size_t lines = text->length + 1, count = lines, layers = 1 + lesser.count;
    double *costs = calloc(lines * layers, sizeof *costs);
    CHECK(costs && mf_line_costs(model, forms, text, given, literal, &lesser, most, costs, &count));
    for (size_t i = 0; i < count * layers; i++) {
        double own = costs[i - i % layers];
        CHECK(costs[i] >= own - 1e-6);
        if (i % layers == 0 && i / layers + 1 < count) /* it may have stopped within the last */
            CHECK(fabs(own - alone[i / layers]) < 1 + own / 4);
    }
    free(costs);
}

/* The costs of the lines are what they cost when each is restored by itself; of the last one, up to
   where that is too much. */
static void check_line_costs(const mf_model *model, const mf_forms *forms, const mf_text *text,
                             const uint8_t *given, uint32_t literal) {
    size_t lines = text->length + 1, count = lines, line = 0;
    double *most = calloc(lines, sizeof *most), *costs = calloc(lines, sizeof *costs), sum = 0;
    CHECK(most && costs);
    for (size_t i = 0; i < lines; i++)
        most[i] = below(30) ? (double)INFINITY : below(1000);
    const mf_lesser none = {0};
    CHECK(mf_line_costs(model, forms, text, given, literal, &none, most, costs, &count));
    check_lesser(model, forms, text, given, literal, most, costs);
    for (size_t start = 0, end; start < text->length && line < count; start = end, line++) {
        for (end = start; end < text->length && mf_at(text, end) != '\n';)
            end++;
        if (end < text->length) end++;
        const mf_text part = {(const char *)text->data + start * (size_t)text->width, end - start,
                              text->width};
        mf_restored restored;
        CHECK(mf_restore(model, forms, &part, given + start, literal, &restored));
        int is_whole = sum + restored.cost <= most[line];
        CHECK(is_whole ? restored.cost == costs[line] : costs[line] <= restored.cost);
        mf_restored_free(&restored);
        sum += costs[line];
        CHECK(line + 1 < count ? sum <= most[line] : sum > most[line] || end == text->length);
    }
    CHECK(line == count);
    free(most);
    free(costs);
}

/* Pieces of what was restored cost what their texts do, and count what there is of each. */
static void check_pieces(const mf_model *model, const mf_text *text, const mf_restored *restored) {
    enum { PIECES = 8 };
    size_t count = 0, length = restored->count, last = 0;
    uint32_t *originals = calloc(length + 1, sizeof *originals);
    uint32_t *starts = calloc(length + 1, sizeof *starts);
    uint8_t *flags = calloc(length + 1, 1);
    CHECK(originals && starts && flags);
    for (size_t i = 0; i < length; i++) {
        originals[i] = restored->places[i].original;
        starts[i] = (uint32_t)restored->places[i].start;
        flags[i] = restored->places[i].flags;
    }
    mf_piece pieces[PIECES];
    for (; count < PIECES && last < length; count++) {
        size_t begin = last + below((uint32_t)(length - last));
        size_t stop = last = begin + below((uint32_t)(length - begin) + 1);
        size_t end = stop < length ? starts[stop] : text->length;
        pieces[count] = (mf_piece){
            .at = starts[begin], .end = end, .run_end = end, .begin = begin, .stop = stop};
    }
    const mf_reading reading = {*text, {originals, length, 4}, starts, flags};
    CHECK(mf_judge(model, &reading, pieces, count));
    for (size_t i = 0; i < count; i++) {
        const mf_piece *piece = &pieces[i];
        CHECK(piece->restored <= piece->stop - piece->begin);
        CHECK(piece->strange <= piece->stop - piece->begin);
        CHECK(piece->and_rest >= piece->meant);
        CHECK(piece->meant || piece->begin == piece->stop);
    }
    free(originals);
    free(starts);
    free(flags);
}

/* Pieces that are joined stand where they are said to, and nothing else is not given. */
static void check_joined(const mf_text *text) {
    enum { PIECES = 8 };
    mf_edit list[PIECES];
    mf_edits edits = {.edits = list};
    mf_known known = {*text, *text, &edits};
    mf_joint joints[PIECES];
    size_t count = 0, last = 0, length = 0, context = below(8), missing = 0;
    for (size_t at = 0; edits.count < PIECES && at < text->length; edits.count++) {
        size_t start = at + below(9);
        at = start + below(9);
        list[edits.count] =
            (mf_edit){.start = start, .end = at, .count = below(20), .flags = (uint8_t)below(2)};
    }
    for (; count < PIECES && last < text->length; count++) {
        joints[count].start = last + below((uint32_t)(text->length - last));
        last = joints[count].start + below((uint32_t)(text->length - joints[count].start) + 1);
        joints[count].end = last;
        length += last - joints[count].start;
    }
    size_t most = length + (count + 1) * (2 * context + 1);
    uint32_t *joined = calloc(most, sizeof *joined);
    uint8_t *given = calloc(most, 1);
    CHECK(joined && given);
    size_t all = mf_join(&known, joints, count, context, joined, given);
    CHECK(all <= most);
    for (size_t i = 0; i < count; i++) {
        CHECK(joints[i].begin <= text->length && joints[i].stop <= text->length);
        for (size_t j = joints[i].start; j < joints[i].end; j++) {
            size_t at = joints[i].at + j - joints[i].start;
            CHECK(joined[at] == mf_at(text, j) && !given[at]);
        }
    }
    for (size_t i = 0; i < all; i++)
        missing += !given[i];
    CHECK(missing == length);
    free(joined);
    free(given);
}

static void restore(const mf_model *model, size_t length, uint32_t whole) {
    uint32_t *code_points = calloc(length ? length : 1, sizeof *code_points);
    uint8_t *given = calloc(length ? length : 1, 1);
    CHECK(code_points && given);
    mf_forms forms = random_forms((int)below(MF_DECODERS), whole);
    random_text(&forms, code_points, length);
    mf_text text = stored(code_points, length);
    uint32_t share = below(3) ? 0 : below(11);
    for (size_t i = 0; i < length; i++)
        given[i] = below(10) < share;

    mf_restored restored, again;
    uint32_t literal = below(3) ? LITERAL : below(2000);
    CHECK(mf_restore(model, &forms, &text, given, literal, &restored));
    check_restored(&forms, &text, given, &restored);
    CHECK(mf_restore(model, &forms, &text, given, literal, &again));
    check_same(&restored, &again);
    mf_restored_free(&again);
    check_line_costs(model, &forms, &text, given, literal);
    check_pieces(model, &text, &restored);
    check_joined(&text);

    mf_restored_free(&restored);
    CHECK(!restored.places && !restored.count);
    drop(&text);
    free(code_points);
    free(given);
}

/* Each character may be one of many, so that nodes are made until they have to be moved. */
static void test_many_originals(const mf_model *model) {
    enum { CHARACTERS = 60, FIRST_SHOWN = 0xA0 - 0x80 };
    uint32_t code_points[2 * CHARACTERS];
    uint8_t given[2 * CHARACTERS] = {0};
    mf_forms forms = {.flags = 0};
    for (uint32_t i = 0; i < 128; i++) {
        forms.length[i] = i >= FIRST_SHOWN;
        forms.form[i][0] = 0x80 + i;
    }
    for (size_t i = 0; i < CHARACTERS; i++) {
        code_points[2 * i] = 0xE5;
        code_points[2 * i + 1] = 0xA4;
    }
    mf_text text = stored(code_points, 2 * CHARACTERS);
    mf_restored restored;
    CHECK(mf_restore(model, &forms, &text, given, LITERAL, &restored));
    check_restored(&forms, &text, given, &restored);
    check_line_costs(model, &forms, &text, given, LITERAL);
    mf_restored_free(&restored);
    drop(&text);
}

static size_t random_length(void) {
    return below(8) ? below(USUAL) : below(LONGEST + 1);
}

int main(int count, char **arguments) {
    CHECK(count == 3);
    file whole = read_file(arguments[1]);
    mf_model model;
    CHECK(!mf_model_open(&model, whole.bytes, whole.size));
    restore(&model, 0, 8);
    test_many_originals(&model);
    restore(&model, LONG, 16);
    long rounds = strtol(arguments[2], NULL, 10);
    for (current_round = 1; current_round <= rounds; current_round++)
        restore(&model, random_length(), 2 + below(30));
    free(whole.bytes);
    return 0;
}
