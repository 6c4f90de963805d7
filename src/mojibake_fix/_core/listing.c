#include "listing.h"
#include "utf8.h"
#include <string.h>

enum {
    LIKELY = 96, /* originals at one place that are tried */
    NONE = -1,
};

static void invert(mf_inverse *inverse, const mf_forms *forms) {
    inverse->forms = forms;
    inverse->dropped_count = inverse->dropped_lead_count = 0;
    memset(inverse->head, 0xFF, sizeof inverse->head);
    memset(inverse->begins, 0, sizeof inverse->begins);
    for (int i = 127; i >= 0; i--) {
        if (forms->length[i]) {
            int16_t *head = &inverse->head[forms->form[i][0] % MF_HASH];
            inverse->next[i] = *head;
            *head = (int16_t)i;
            if (i >= 0x40) inverse->begins[forms->form[i][0] % MF_HASH] = 1;
        } else if (i < 0x40) {
            inverse->dropped[inverse->dropped_count++] = (uint8_t)(0x80 + i);
        } else if (mf_sequence_length((uint8_t)(0x80 + i))) {
            inverse->dropped_leads[inverse->dropped_lead_count++] = (uint8_t)(0x80 + i);
        }
    }
}

void mf_listing_open(mf_listing *listing, const mf_model *model, const mf_forms *forms,
                     uint32_t literal) {
    listing->model = model;
    listing->literal = literal;
    memset(listing->pairs, 0xFF, sizeof listing->pairs);
    invert(&listing->inverse, forms);
}

/* Is the form of a byte at a place? Returns its length there, or 0. */
static size_t form_at(const mf_listing *listing, int index, size_t at) {
    const mf_forms *forms = listing->inverse.forms;
    size_t length = forms->length[index];
    if (at + length > listing->text->length) return 0;
    for (size_t i = 0; i < length; i++) {
        if (listing->given[at + i] || mf_at(listing->text, at + i) != forms->form[index][i]) {
            return 0;
        }
    }
    return length;
}

static uint32_t slot_of(uint32_t pair) {
    return pair * UINT32_C(0x9E3779B1) >> (32 - MF_PAIR_BITS);
}

/* Look up pairs of ids, unless that was done lately. */
static void look_up_pairs(mf_listing *listing, const uint32_t *pairs, size_t count) {
    uint32_t *missing = listing->missing;
    size_t misses = 0;
    for (size_t i = 0; i < count; i++) {
        if (listing->pairs[slot_of(pairs[i])].pair != pairs[i]) missing[misses++] = pairs[i];
    }
    mf_model_know(listing->model, missing, misses, listing->known);
    for (size_t i = 0; i < misses; i++) {
        listing->pairs[slot_of(missing[i])].pair = missing[i];
        listing->pairs[slot_of(missing[i])].is_known = listing->known[i];
    }
}

static int is_known(const mf_listing *listing, uint32_t pair) {
    const uint32_t slot = slot_of(pair);
    return listing->pairs[slot].pair != pair || listing->pairs[slot].is_known;
}

/* The pairs as which an id behind another one may be read: capitals as small letters, too. */
static size_t pairs_of(const mf_listing *listing, uint32_t before, uint32_t id, uint32_t pairs[4]) {
    uint32_t small_before = mf_small_of(listing, before), small = mf_small_of(listing, id);
    int two = small_before && small_before != before;
    size_t count = 0;
    pairs[count++] = mf_model_pair(before, id);
    if (two) pairs[count++] = mf_model_pair(small_before, id);
    if (!small || small == id) return count;
    pairs[count++] = mf_model_pair(before, small);
    if (two) pairs[count++] = mf_model_pair(small_before, small);
    return count;
}

/* What the second id of some pairs that were looked up costs at least, whatever stands before. */
static uint32_t least_of(const mf_listing *listing, const uint32_t *pairs, size_t count) {
    uint32_t least = UINT32_MAX;
    for (size_t i = 0; i < count; i++) {
        if (is_known(listing, pairs[i])) return 0;
        uint32_t alone = mf_model_alone(listing->model, pairs[i] & 0xFFFF);
        if (alone < least) least = alone;
    }
    return least;
}

/* What an id costs at least behind another one. */
static uint32_t least_behind(mf_listing *listing, uint32_t before, uint32_t id) {
    uint32_t pairs[4];
    size_t count = pairs_of(listing, before, id, pairs);
    look_up_pairs(listing, pairs, count);
    return least_of(listing, pairs, count);
}

static uint16_t id_at(const mf_listing *listing, size_t at) {
    return (uint16_t)mf_model_id(listing->model, mf_at(listing->text, at));
}

/* Can what is observed at a place only be as it stands, at a price? */
static int is_orphan(const mf_listing *listing, size_t at) {
    if (at >= listing->text->length || listing->given[at]) return 0;
    uint32_t observed = mf_at(listing->text, at);
    const mf_inverse *inverse = &listing->inverse;
    return observed >= 0x80 && !inverse->begins[observed % MF_HASH] &&
           !inverse->dropped_lead_count && !mf_is_blind(listing);
}

uint32_t mf_owed_at(mf_listing *listing, size_t at) {
    uint32_t owed = 0;
    uint16_t before = 0;
    for (int i = 0; i < 4 && owed <= 2 * MF_NEAR && is_orphan(listing, at); i++, at++) {
        uint16_t id = id_at(listing, at);
        owed += listing->literal + (i ? least_behind(listing, before, id) : 0);
        before = id;
    }
    return owed;
}

/* Are candidates up to this place listed now? */
static int is_due(mf_listing *listing, size_t end) {
    return mf_owed_behind(listing, end) == listing->due;
}

static int is_more_usual(const mf_candidate *a, const mf_candidate *b) {
    return a->alone != b->alone ? a->alone < b->alone : a->original < b->original;
}

/* Move a candidate down in the heap of all of them, of which the least usual one is the first. */
static void sink(mf_candidate *heap, size_t count, size_t at) {
    const mf_candidate moved = heap[at];
    for (size_t below; (below = 2 * at + 1) < count; at = below) {
        if (below + 1 < count && is_more_usual(&heap[below], &heap[below + 1])) below++;
        if (!is_more_usual(&moved, &heap[below])) break;
        heap[at] = heap[below];
    }
    heap[at] = moved;
}

/* The lesser layers that do not show a byte so; of bytes that are missing though they have a form
   by its reason. */
static uint8_t keeps(const mf_listing *listing, int index) {
    return listing->lesser ? listing->lesser->keeps[index] : 0;
}

/* One more original that may stand at a place; of many the most usual ones are kept. */
static void add_candidate(mf_listing *listing, uint32_t original, uint32_t id, uint8_t beyond,
                          size_t end) {
    mf_candidate *heap = listing->candidates;
    mf_candidate added = {
        .original = original, .count = 1, .end = end, .id = (uint16_t)id, .beyond = beyond};
    if (listing->count < LIKELY) {
        heap[listing->count++] = added;
        if (listing->count < LIKELY) return;
        for (size_t i = 0; i < LIKELY; i++)
            heap[i].alone = mf_model_alone(listing->model, heap[i].id);
        for (size_t i = LIKELY / 2; i-- > 0;)
            sink(heap, LIKELY, i);
        return;
    }
    added.alone = mf_model_alone(listing->model, id);
    if (!is_more_usual(&added, &heap[0])) return;
    heap[0] = added;
    sink(heap, LIKELY, 0);
}

/* One more original outside the vocabulary. */
static void add_unknown(mf_listing *listing, uint8_t beyond, size_t end) {
    size_t i = 0;
    while (i < listing->unknown_count &&
           (listing->unknown[i].end != end || listing->unknown[i].beyond != beyond))
        i++;
    if (i == MF_UNKNOWNS) return;
    if (i == listing->unknown_count) {
        listing->unknown[listing->unknown_count++] = (mf_candidate){
            .original = MF_REPLACEMENT, .end = end, .id = MF_MODEL_UNKNOWN, .beyond = beyond};
    }
    listing->unknown[i].count++;
}

/* The same of any code point: those that lost bytes and are outside the vocabulary share an arc. */
static void consider(mf_listing *listing, uint32_t original, int lost, uint8_t beyond, size_t end) {
    if (original < 0x80 || original - 0xD800u < 0x800u || original == MF_REPLACEMENT) return;
    uint32_t id = mf_model_id(listing->model, original);
    if (lost && id == MF_MODEL_UNKNOWN) {
        add_unknown(listing, beyond, end);
        return;
    }
    add_candidate(listing, original, id, beyond, end);
}

/* The bytes of an original, as far as they are known: each is one byte, or any that has no form. */
typedef struct {
    uint8_t bytes[4]; /* 0 is any */
    uint8_t beyond;   /* of those that are known */
    int need, lost;
} pattern;

/* Consider all originals of a pattern, given the bits of their bytes before the i-th. */
static void expand(mf_listing *listing, const pattern *whole, int i, uint32_t bits, uint8_t beyond,
                   size_t end) {
    const mf_inverse *inverse = &listing->inverse;
    if (i == whole->need || i == 4) {
        consider(listing, bits, whole->lost, beyond, end);
    } else if (whole->bytes[i]) {
        expand(listing, whole, i + 1, bits << 6 | (whole->bytes[i] & 0x3F), beyond, end);
    } else {
        for (int j = 0; j < inverse->dropped_count; j++) {
            uint8_t byte = inverse->dropped[j];
            if (i == 1 && !mf_may_follow(whole->bytes[0], byte)) continue;
            expand(listing, whole, i + 1, bits << 6 | (byte & 0x3F),
                   beyond | keeps(listing, byte - 0x80), end);
        }
    }
}

static void match(mf_listing *listing, pattern *so_far, int have, size_t at);

static void match_next(mf_listing *listing, pattern *so_far, int have, uint8_t byte, uint8_t beyond,
                       size_t at) {
    if (have == 1 && !mf_may_follow(so_far->bytes[0], byte)) return;
    const uint8_t before = so_far->beyond;
    so_far->bytes[have] = byte;
    so_far->beyond |= beyond;
    match(listing, so_far, have + 1, at);
    so_far->beyond = before;
}

/* Bytes whose form may be missing at a place though they have one. */
static void match_missing(mf_listing *listing, pattern *so_far, int have, size_t at) {
    const mf_forms *forms = listing->inverse.forms;
    const mf_text *text = listing->text;
    const int nbsp = 0x20; /* A0 */
    int ends = at == text->length || mf_at(text, at) == '\n';
    int beside = !ends && forms->form[nbsp][0] == ' ' && mf_at(text, at) == ' ';
    if (forms->length[nbsp] == 1 && ends && forms->flags & MF_LAYER_TRIMMED) {
        match_next(listing, so_far, have, 0xA0, keeps(listing, MF_TRIMMED), at);
    } else if (forms->length[nbsp] == 1 && beside && forms->flags & MF_LAYER_SQUEEZED) {
        match_next(listing, so_far, have, 0xA0, keeps(listing, MF_SQUEEZED), at);
    }
    if (!(forms->flags & MF_LAYER_RUNS) || at == listing->place) return;
    uint32_t before = mf_at(text, at - 1);
    if (before != MF_REPLACEMENT && before != '?') return;
    for (int i = 0; i < 0x40; i++) {
        if (forms->length[i] == 1 && forms->form[i][0] == before) {
            match_next(listing, so_far, have, (uint8_t)(0x80 + i), keeps(listing, i), at);
        }
    }
}

/* Find all originals that begin with these bytes: at most four deep. */
static void match(mf_listing *listing, pattern *so_far, int have, size_t at) {
    const mf_inverse *inverse = &listing->inverse;
    if (have == so_far->need) {
        uint32_t lead = so_far->bytes[0] & (0xFFu >> (so_far->need + 1));
        if (at > listing->place && is_due(listing, at))
            expand(listing, so_far, 1, lead, so_far->beyond, at);
        return;
    }
    int lost = so_far->lost;
    uint32_t observed = at < listing->text->length ? mf_at(listing->text, at) : 0;
    for (int i = inverse->head[observed % MF_HASH]; i != NONE; i = inverse->next[i]) {
        size_t length = i < 0x40 ? form_at(listing, i, at) : 0;
        if (!length) continue;
        so_far->lost = lost || observed == MF_REPLACEMENT || observed < 0x80;
        match_next(listing, so_far, have, (uint8_t)(0x80 + i), keeps(listing, i), at + length);
    }
    so_far->lost = 1;
    if (inverse->dropped_count) {
        so_far->bytes[have] = 0;
        match(listing, so_far, have + 1, at);
    }
    match_missing(listing, so_far, have, at);
    so_far->lost = lost;
}

static void match_lead(mf_listing *listing, uint8_t lead, int lost, size_t at) {
    pattern begun = {.bytes = {lead},
                     .beyond = keeps(listing, lead - 0x80),
                     .need = mf_sequence_length(lead),
                     .lost = lost};
    if (begun.need) match(listing, &begun, 1, at);
}

/* Find all originals that may begin at the place. */
static void match_place(mf_listing *listing) {
    const mf_inverse *inverse = &listing->inverse;
    uint32_t observed = mf_at(listing->text, listing->place);
    for (int i = inverse->head[observed % MF_HASH]; i != NONE; i = inverse->next[i]) {
        size_t length = i < 0x40 ? 0 : form_at(listing, i, listing->place);
        if (!length) continue;
        int lost = observed == MF_REPLACEMENT || observed < 0x80;
        match_lead(listing, (uint8_t)(0x80 + i), lost, listing->place + length);
    }
    for (int i = 0; i < inverse->dropped_lead_count; i++)
        match_lead(listing, inverse->dropped_leads[i], 1, listing->place);
}

/* Read the window of so many code points from the place on, and another one; returns where it is
   remembered, NULL if it is not. */
static mf_window *read_window(mf_listing *listing, size_t length, mf_window *read) {
    *read = (mf_window){.least = UINT32_MAX};
    if (length >= MF_WINDOW) return NULL;
    uint64_t hash = 0;
    for (size_t i = 0; i <= length; i++) {
        if (listing->given[listing->place + i]) return NULL;
        read->code_points[i] = mf_at(listing->text, listing->place + i);
        hash = (hash + read->code_points[i] + 1) * UINT64_C(0x9E3779B97F4A7C15);
    }
    return &listing->windows[hash >> (64 - MF_WINDOW_BITS)];
}

/* Are all candidates behind which so much is owed remembered to be too dear? */
static int are_dear(mf_listing *listing, uint32_t due, int64_t most) {
    for (size_t length = 1; length <= MF_LONGEST; length++) {
        if (listing->owed[length] != due) continue;
        mf_window here;
        const mf_window *known = read_window(listing, length, &here);
        if (!known || memcmp(known->code_points, here.code_points, sizeof here.code_points) ||
            known->least <= most) {
            return 0;
        }
    }
    return 1;
}

/* Remember what the code points behind candidates cost at least. */
static void remember(mf_listing *listing, const uint32_t *least) {
    if (listing->count >= LIKELY) return; /* some may have been left out */
    for (size_t length = 1; length < MF_WINDOW; length++) {
        mf_window here, *slot = NULL;
        if (listing->owed[length] == listing->due) slot = read_window(listing, length, &here);
        if (!slot) continue;
        for (size_t i = 0; i < listing->count; i++) {
            if (listing->candidates[i].end == listing->place + length && least[i] < here.least) {
                here.least = least[i];
            }
        }
        *slot = here;
    }
}

/* Leave out the candidates that the code points behind them, as they must stand, make too dear. */
static void drop_dear(mf_listing *listing, int64_t most) {
    mf_candidate *candidates = listing->candidates;
    uint32_t pairs[4 * MF_CANDIDATES], least[MF_CANDIDATES];
    size_t first[MF_CANDIDATES + 1] = {0}, kept = 0;
    for (size_t i = 0; i < listing->count; i++) {
        uint32_t orphan = id_at(listing, candidates[i].end);
        first[i + 1] = first[i] + pairs_of(listing, candidates[i].id, orphan, pairs + first[i]);
    }
    look_up_pairs(listing, pairs, first[listing->count]);
    for (size_t i = 0; i < listing->count; i++)
        least[i] = least_of(listing, pairs + first[i], first[i + 1] - first[i]);
    remember(listing, least);
    for (size_t i = 0; i < listing->count; i++) {
        if (least[i] <= most) candidates[kept++] = candidates[i];
    }
    listing->count = kept;
}

/* List all originals of a blind layer. */
static void list_all(mf_listing *listing) {
    const mf_forms *forms = listing->inverse.forms;
    for (int i = 0; i < 128; i++) {
        uint32_t id = mf_model_id(listing->model, forms->form[i][0]);
        if (!forms->length[i] || id == MF_MODEL_UNKNOWN) continue;
        listing->candidates[listing->count++] = (mf_candidate){.original = forms->form[i][0],
                                                               .count = 1,
                                                               .end = listing->place + 1,
                                                               .id = (uint16_t)id};
    }
}

void mf_list(mf_listing *listing, uint32_t due, int64_t most) {
    listing->due = due;
    listing->count = 0;
    if (due && are_dear(listing, due, most)) return;
    if (mf_is_blind(listing)) {
        list_all(listing);
        return;
    }
    listing->unknown_count = 0;
    match_place(listing);
    memcpy(listing->candidates + listing->count, listing->unknown,
           listing->unknown_count * sizeof *listing->unknown);
    listing->count += listing->unknown_count;
    if (due) drop_dear(listing, most);
}

mf_candidate mf_literal(mf_listing *listing, uint32_t *owes) {
    size_t at = listing->place;
    uint32_t observed = mf_at(listing->text, at);
    int given = listing->given[at];
    mf_candidate literal = {
        .original = observed,
        .count = 1,
        .price = given || observed < 0x80 ? 0 : listing->literal,
        .end = at + 1,
        .id = id_at(listing, at),
        .flags = (uint8_t)(MF_LITERAL | (given ? MF_GIVEN : 0)),
    };
    *owes = literal.price + mf_owed_behind(listing, at + 1);
    if (is_orphan(listing, at + 1))
        *owes += least_behind(listing, literal.id, id_at(listing, at + 1));
    return literal;
}

uint32_t mf_due_after(const mf_listing *listing, uint32_t due) {
    uint32_t next = MF_UNSET;
    for (size_t length = 1; length <= MF_LONGEST; length++) {
        if (listing->owed[length] > due && listing->owed[length] < next) {
            next = listing->owed[length];
        }
    }
    return next;
}

int mf_may_be_form(const mf_listing *listing, size_t at) {
    uint32_t observed = mf_at(listing->text, at);
    if (listing->given[at]) return 0;
    if (mf_is_blind(listing)) return observed == MF_REPLACEMENT;
    return observed >= 0x80 || listing->inverse.head[observed % MF_HASH] != NONE;
}
