#include "lattice.h"
#include "utf8.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    BEAM = 12,                          /* states kept at one place */
    BLIND_BEAM = 32,                    /* ... of a blind layer */
    ARCS = 64,                          /* arcs into one place that are looked at */
    NEAR = 12 * MF_MODEL_UNITS_PER_NAT, /* what is worse by more is dropped */
    LONGEST = 4 * MF_FORM_LENGTH,       /* forms of one original, in code points */
    RING = 16,                          /* more than LONGEST, a power of two */
    SEGMENT = 1024,                     /* places after which only the best path goes on */
    LIKELY = 96,                        /* originals at one place that are tried */
    UNKNOWNS = 32,                      /* kinds of unknown originals at one place */
    CANDIDATES = 129,                   /* ... with unknown ones, and what is observed */
    PAIR_BITS = 13,                     /* of the pairs of ids that are remembered */
    WINDOW = 4,                         /* code points of a window, at most */
    WINDOW_BITS = 11,                   /* of the windows that are remembered */
    HASH = 256,
    NONE = -1,
    CAPITALS = 4 * MF_MODEL_UNITS_PER_NAT, /* what beginning, or leaving off, in capitals costs */
    REPLACEMENT = 0xFFFD,
    NATS = 40, /* beyond which a double cannot tell a sum of probabilities from the greater one */
    UNSURE_PERMILLE = 999, /* posterior from which alternatives are of no interest */
};

/* Posterior from which an original is outside the vocabulary beyond doubt. */
#define UNKNOWN 0.95

/* Part beyond which another path is taken to tell parts of. */
#define LARGE 1e100

/* Units of cost that were not added up yet. */
#define UNSET UINT32_MAX

/* Bytes by the first code point of their form. */
typedef struct {
    const mf_forms *forms;
    int16_t head[HASH], next[128];
    uint8_t dropped[128]; /* continuation bytes without a form */
    uint8_t dropped_leads[128];
    int dropped_count, dropped_lead_count;
    uint8_t begins[HASH]; /* may an original begin with such a code point? */
} inverse;

/* The model has seen few words in capitals: a capital may also be read as its small letter, and
   so may those behind it. */
typedef struct {
    mf_model_state state;
    uint32_t in_capitals;
    size_t place;
    int64_t best; /* units: of the best path to here */
    /* Probabilities of all paths to here from the beginning of the segment, and from here to its
       end: as parts of that of a path which costs `origin`, and of one which costs the rest. */
    double alpha, beta;
    int64_t origin; /* units */
    int32_t first_edge, best_edge;
} node;

typedef struct {
    int32_t from, next; /* node; next edge into the same node */
    uint32_t original;
    uint32_t cost;
    uint8_t flags;
} edge;

/* An edge whose node is not made yet. */
typedef struct {
    int64_t total;
    int32_t from, next;
    uint32_t original, cost;
    uint16_t id;
    uint8_t matched, flags, in_capitals, beyond;
} arc;

/* What may stand at a place. */
typedef struct {
    uint32_t original, alone;
    uint32_t count; /* of unknown originals that it stands for */
    uint32_t price; /* units: of being written as it is observed */
    size_t end;
    uint16_t id;
    uint8_t flags;
    uint8_t beyond; /* bits of the lesser layers that show it otherwise */
} candidate;

/* Candidates as they are, and then the capitals among them as small letters; and their costs behind
   one node. */
typedef struct {
    size_t count;
    uint16_t ids[2 * CANDIDATES];
    uint32_t costs[2 * CANDIDATES];
    uint8_t matched[2 * CANDIDATES];
    size_t small[CANDIDATES]; /* place of a capital's small letter in the list, or 0 */
} readings;

/* Code points of which the last can only be as it stands, and what it costs at least, in units,
   behind any of the originals that all before it may be: the same wherever they stand. */
typedef struct {
    uint32_t code_points[WINDOW], least;
} window;

typedef struct {
    const mf_model *model;
    const mf_text *text;
    const uint8_t *given;
    uint32_t literal;
    inverse inverse;
    mf_restored *restored; /* NULL: only the cost is asked for */
    double cost;           /* nats: of all segments that are closed */
    const mf_lesser *lesser;
    double lesser_cost[MF_LESSER];                    /* the same without what is beyond each */
    double *lesser_alphas;                            /* of each node, as `alpha`: MF_LESSER */
    double nats[NATS], units[MF_MODEL_UNITS_PER_NAT]; /* probability of what costs so many */
    node *nodes;
    edge *edges;
    arc *arcs, *near; /* near: those of one place that are good enough */
    size_t node_count, node_capacity, edge_count, edge_capacity, arc_count, arc_capacity,
        near_capacity, alphas_capacity;
    int32_t ring[RING]; /* arcs into each place to come */
    int64_t best[RING]; /* total of the best of them, and what is owed behind it */
    int64_t least;      /* the same of all arcs in the ring */
    size_t waiting;     /* arcs in the ring */
    size_t place;       /* that is left now */
    /* What is owed behind it, by distance; what its candidates owe now. */
    uint32_t owed[LONGEST + 1], due;
    candidate unknown[UNKNOWNS]; /* candidates outside the vocabulary, by distance */
    size_t unknown_count;
    candidate candidates[CANDIDATES];
    readings readings;
    mf_model_asked asked[BLIND_BEAM]; /* of each node that is left */
    size_t candidate_count;
    int64_t floor; /* total of the best path to the place */
    struct {
        uint32_t pair;
        uint8_t is_known;
    } pairs[1 << PAIR_BITS];
    window windows[1 << WINDOW_BITS];
    uint32_t missing[4 * CANDIDATES]; /* pairs that are not remembered */
    uint8_t known[4 * CANDIDATES];
} lattice;

static int reserve(void **items, size_t *capacity, size_t count, size_t size) {
    if (count < *capacity) return 1;
    size_t more = *capacity ? *capacity * 2 : 256;
    void *moved = more > SIZE_MAX / size ? NULL : realloc(*items, more * size);
    if (!moved) return 0;
    *items = moved;
    *capacity = more;
    return 1;
}

#define RESERVE(items, capacity, count)                                                            \
    reserve((void **)&(items), &(capacity), (count), sizeof *(items))

/* Does the layer show the same of every character? */
static int is_blind(const lattice *lattice) {
    return lattice->inverse.forms->flags & MF_LAYER_BLIND;
}

static void invert(inverse *inverse, const mf_forms *forms) {
    inverse->forms = forms;
    inverse->dropped_count = inverse->dropped_lead_count = 0;
    memset(inverse->head, 0xFF, sizeof inverse->head);
    memset(inverse->begins, 0, sizeof inverse->begins);
    for (int i = 127; i >= 0; i--) {
        if (forms->length[i]) {
            int16_t *head = &inverse->head[forms->form[i][0] % HASH];
            inverse->next[i] = *head;
            *head = (int16_t)i;
            if (i >= 0x40) inverse->begins[forms->form[i][0] % HASH] = 1;
        } else if (i < 0x40) {
            inverse->dropped[inverse->dropped_count++] = (uint8_t)(0x80 + i);
        } else if (mf_sequence_length((uint8_t)(0x80 + i))) {
            inverse->dropped_leads[inverse->dropped_lead_count++] = (uint8_t)(0x80 + i);
        }
    }
}

/* Is the form of a byte at a place? Returns its length there, or 0. */
static size_t form_at(const lattice *lattice, int index, size_t at) {
    const mf_forms *forms = lattice->inverse.forms;
    size_t length = forms->length[index];
    if (at + length > lattice->text->length) return 0;
    for (size_t i = 0; i < length; i++) {
        if (lattice->given[at + i] || mf_at(lattice->text, at + i) != forms->form[index][i]) {
            return 0;
        }
    }
    return length;
}

/* The id of a letter's small letter; 0 if it is no letter of two cases. */
static inline uint16_t small_of(const lattice *lattice, uint32_t id) {
    return lattice->model->small ? lattice->model->small[id] : 0;
}

static uint32_t slot_of(uint32_t pair) {
    return pair * UINT32_C(0x9E3779B1) >> (32 - PAIR_BITS);
}

/* Look up pairs of ids, unless that was done lately. */
static void look_up_pairs(lattice *lattice, const uint32_t *pairs, size_t count) {
    uint32_t *missing = lattice->missing;
    size_t misses = 0;
    for (size_t i = 0; i < count; i++) {
        if (lattice->pairs[slot_of(pairs[i])].pair != pairs[i]) missing[misses++] = pairs[i];
    }
    mf_model_know(lattice->model, missing, misses, lattice->known);
    for (size_t i = 0; i < misses; i++) {
        lattice->pairs[slot_of(missing[i])].pair = missing[i];
        lattice->pairs[slot_of(missing[i])].is_known = lattice->known[i];
    }
}

static int is_known(const lattice *lattice, uint32_t pair) {
    const uint32_t slot = slot_of(pair);
    return lattice->pairs[slot].pair != pair || lattice->pairs[slot].is_known;
}

/* The pairs as which an id behind another one may be read: capitals as small letters, too. */
static size_t pairs_of(const lattice *lattice, uint32_t before, uint32_t id, uint32_t pairs[4]) {
    uint32_t small_before = small_of(lattice, before), small = small_of(lattice, id);
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
static uint32_t least_of(const lattice *lattice, const uint32_t *pairs, size_t count) {
    uint32_t least = UINT32_MAX;
    for (size_t i = 0; i < count; i++) {
        if (is_known(lattice, pairs[i])) return 0;
        uint32_t alone = mf_model_alone(lattice->model, pairs[i] & 0xFFFF);
        if (alone < least) least = alone;
    }
    return least;
}

/* What an id costs at least behind another one. */
static uint32_t least_behind(lattice *lattice, uint32_t before, uint32_t id) {
    uint32_t pairs[4];
    size_t count = pairs_of(lattice, before, id, pairs);
    look_up_pairs(lattice, pairs, count);
    return least_of(lattice, pairs, count);
}

static uint16_t id_at(const lattice *lattice, size_t at) {
    return (uint16_t)mf_model_id(lattice->model, mf_at(lattice->text, at));
}

/* Can what is observed at a place only be as it stands, at a price? */
static int is_orphan(const lattice *lattice, size_t at) {
    if (at >= lattice->text->length || lattice->given[at]) return 0;
    uint32_t observed = mf_at(lattice->text, at);
    const inverse *inverse = &lattice->inverse;
    return observed >= 0x80 && !inverse->begins[observed % HASH] && !inverse->dropped_lead_count &&
           !is_blind(lattice);
}

/* What must be paid from a place on, in units: for code points that can only be as they stand. */
static uint32_t owed_at(lattice *lattice, size_t at) {
    uint32_t owed = 0;
    uint16_t before = 0;
    for (int i = 0; i < 4 && owed <= 2 * NEAR && is_orphan(lattice, at); i++, at++) {
        uint16_t id = id_at(lattice, at);
        owed += lattice->literal + (i ? least_behind(lattice, before, id) : 0);
        before = id;
    }
    return owed;
}

/* The same at a place up to which a candidate reaches. */
static uint32_t owed_behind(lattice *lattice, size_t end) {
    uint32_t *owed = &lattice->owed[end - lattice->place];
    if (*owed == UNSET) *owed = owed_at(lattice, end);
    return *owed;
}

/* Are candidates up to this place listed now? */
static int is_due(lattice *lattice, size_t end) {
    return owed_behind(lattice, end) == lattice->due;
}

static int is_more_usual(const candidate *a, const candidate *b) {
    return a->alone != b->alone ? a->alone < b->alone : a->original < b->original;
}

/* Move a candidate down in the heap of all of them, of which the least usual one is the first. */
static void sink(candidate *heap, size_t count, size_t at) {
    const candidate moved = heap[at];
    for (size_t below; (below = 2 * at + 1) < count; at = below) {
        if (below + 1 < count && is_more_usual(&heap[below], &heap[below + 1])) below++;
        if (!is_more_usual(&moved, &heap[below])) break;
        heap[at] = heap[below];
    }
    heap[at] = moved;
}

/* The lesser layers that do not show a byte so; of bytes that are missing though they have a form
   by its reason. */
static uint8_t keeps(const lattice *lattice, int index) {
    return lattice->lesser ? lattice->lesser->keeps[index] : 0;
}

/* One more original that may stand at a place; of many the most usual ones are kept. */
static void add_candidate(lattice *lattice, uint32_t original, uint32_t id, uint8_t beyond,
                          size_t end) {
    candidate *heap = lattice->candidates;
    candidate added = {
        .original = original, .count = 1, .end = end, .id = (uint16_t)id, .beyond = beyond};
    if (lattice->candidate_count < LIKELY) {
        heap[lattice->candidate_count++] = added;
        if (lattice->candidate_count < LIKELY) return;
        for (size_t i = 0; i < LIKELY; i++)
            heap[i].alone = mf_model_alone(lattice->model, heap[i].id);
        for (size_t i = LIKELY / 2; i-- > 0;)
            sink(heap, LIKELY, i);
        return;
    }
    added.alone = mf_model_alone(lattice->model, id);
    if (!is_more_usual(&added, &heap[0])) return;
    heap[0] = added;
    sink(heap, LIKELY, 0);
}

/* One more original outside the vocabulary. */
static void add_unknown(lattice *lattice, uint8_t beyond, size_t end) {
    size_t i = 0;
    while (i < lattice->unknown_count &&
           (lattice->unknown[i].end != end || lattice->unknown[i].beyond != beyond))
        i++;
    if (i == UNKNOWNS) return;
    if (i == lattice->unknown_count) {
        lattice->unknown[lattice->unknown_count++] = (candidate){
            .original = REPLACEMENT, .end = end, .id = MF_MODEL_UNKNOWN, .beyond = beyond};
    }
    lattice->unknown[i].count++;
}

/* The same of any code point: those that lost bytes and are outside the vocabulary share an arc. */
static void consider(lattice *lattice, uint32_t original, int lost, uint8_t beyond, size_t end) {
    if (original < 0x80 || original - 0xD800u < 0x800u || original == REPLACEMENT) return;
    uint32_t id = mf_model_id(lattice->model, original);
    if (lost && id == MF_MODEL_UNKNOWN) {
        add_unknown(lattice, beyond, end);
        return;
    }
    add_candidate(lattice, original, id, beyond, end);
}

/* The bytes of an original, as far as they are known: each is one byte, or any that has no form. */
typedef struct {
    uint8_t bytes[4]; /* 0 is any */
    uint8_t beyond;   /* of those that are known */
    int need, lost;
} pattern;

/* Consider all originals of a pattern, given the bits of their bytes before the i-th. */
static void expand(lattice *lattice, const pattern *whole, int i, uint32_t bits, uint8_t beyond,
                   size_t end) {
    const inverse *inverse = &lattice->inverse;
    if (i == whole->need || i == 4) {
        consider(lattice, bits, whole->lost, beyond, end);
    } else if (whole->bytes[i]) {
        expand(lattice, whole, i + 1, bits << 6 | (whole->bytes[i] & 0x3F), beyond, end);
    } else {
        for (int j = 0; j < inverse->dropped_count; j++) {
            uint8_t byte = inverse->dropped[j];
            if (i == 1 && !mf_may_follow(whole->bytes[0], byte)) continue;
            expand(lattice, whole, i + 1, bits << 6 | (byte & 0x3F),
                   beyond | keeps(lattice, byte - 0x80), end);
        }
    }
}

static void match(lattice *lattice, pattern *so_far, int have, size_t at);

static void match_next(lattice *lattice, pattern *so_far, int have, uint8_t byte, uint8_t beyond,
                       size_t at) {
    if (have == 1 && !mf_may_follow(so_far->bytes[0], byte)) return;
    const uint8_t before = so_far->beyond;
    so_far->bytes[have] = byte;
    so_far->beyond |= beyond;
    match(lattice, so_far, have + 1, at);
    so_far->beyond = before;
}

/* Bytes whose form may be missing at a place though they have one. */
static void match_missing(lattice *lattice, pattern *so_far, int have, size_t at) {
    const mf_forms *forms = lattice->inverse.forms;
    const mf_text *text = lattice->text;
    const int nbsp = 0x20; /* A0 */
    int ends = at == text->length || mf_at(text, at) == '\n';
    int beside = !ends && forms->form[nbsp][0] == ' ' && mf_at(text, at) == ' ';
    if (forms->length[nbsp] == 1 && ends && forms->flags & MF_LAYER_TRIMMED) {
        match_next(lattice, so_far, have, 0xA0, keeps(lattice, MF_TRIMMED), at);
    } else if (forms->length[nbsp] == 1 && beside && forms->flags & MF_LAYER_SQUEEZED) {
        match_next(lattice, so_far, have, 0xA0, keeps(lattice, MF_SQUEEZED), at);
    }
    if (!(forms->flags & MF_LAYER_RUNS) || at == lattice->place) return;
    uint32_t before = mf_at(text, at - 1);
    if (before != REPLACEMENT && before != '?') return;
    for (int i = 0; i < 0x40; i++) {
        if (forms->length[i] == 1 && forms->form[i][0] == before) {
            match_next(lattice, so_far, have, (uint8_t)(0x80 + i), keeps(lattice, i), at);
        }
    }
}

/* Find all originals that begin with these bytes: at most four deep. */
static void match(lattice *lattice, pattern *so_far, int have, size_t at) {
    const inverse *inverse = &lattice->inverse;
    if (have == so_far->need) {
        uint32_t lead = so_far->bytes[0] & (0xFFu >> (so_far->need + 1));
        if (at > lattice->place && is_due(lattice, at))
            expand(lattice, so_far, 1, lead, so_far->beyond, at);
        return;
    }
    int lost = so_far->lost;
    uint32_t observed = at < lattice->text->length ? mf_at(lattice->text, at) : 0;
    for (int i = inverse->head[observed % HASH]; i != NONE; i = inverse->next[i]) {
        size_t length = i < 0x40 ? form_at(lattice, i, at) : 0;
        if (!length) continue;
        so_far->lost = lost || observed == REPLACEMENT || observed < 0x80;
        match_next(lattice, so_far, have, (uint8_t)(0x80 + i), keeps(lattice, i), at + length);
    }
    so_far->lost = 1;
    if (inverse->dropped_count) {
        so_far->bytes[have] = 0;
        match(lattice, so_far, have + 1, at);
    }
    match_missing(lattice, so_far, have, at);
    so_far->lost = lost;
}

static void match_lead(lattice *lattice, uint8_t lead, int lost, size_t at) {
    pattern begun = {.bytes = {lead},
                     .beyond = keeps(lattice, lead - 0x80),
                     .need = mf_sequence_length(lead),
                     .lost = lost};
    if (begun.need) match(lattice, &begun, 1, at);
}

/* Find all originals that may begin at the place. */
static void match_place(lattice *lattice) {
    const inverse *inverse = &lattice->inverse;
    uint32_t observed = mf_at(lattice->text, lattice->place);
    for (int i = inverse->head[observed % HASH]; i != NONE; i = inverse->next[i]) {
        size_t length = i < 0x40 ? 0 : form_at(lattice, i, lattice->place);
        if (!length) continue;
        int lost = observed == REPLACEMENT || observed < 0x80;
        match_lead(lattice, (uint8_t)(0x80 + i), lost, lattice->place + length);
    }
    for (int i = 0; i < inverse->dropped_lead_count; i++)
        match_lead(lattice, inverse->dropped_leads[i], 1, lattice->place);
}

/* Read the window of so many code points from the place on, and another one; returns where it is
   remembered, NULL if it is not. */
static window *read_window(lattice *lattice, size_t length, window *read) {
    *read = (window){.least = UINT32_MAX};
    if (length >= WINDOW) return NULL;
    uint64_t hash = 0;
    for (size_t i = 0; i <= length; i++) {
        if (lattice->given[lattice->place + i]) return NULL;
        read->code_points[i] = mf_at(lattice->text, lattice->place + i);
        hash = (hash + read->code_points[i] + 1) * UINT64_C(0x9E3779B97F4A7C15);
    }
    return &lattice->windows[hash >> (64 - WINDOW_BITS)];
}

/* What may be paid for a code point behind a candidate besides what is due, in units. */
static int64_t most_behind(const lattice *lattice, uint32_t due) {
    return lattice->least + NEAR - lattice->floor - due;
}

/* Are all candidates behind which so much is owed remembered to be too dear? */
static int are_dear(lattice *lattice, uint32_t due) {
    for (size_t length = 1; length <= LONGEST; length++) {
        if (lattice->owed[length] != due) continue;
        window here;
        const window *known = read_window(lattice, length, &here);
        if (!known || memcmp(known->code_points, here.code_points, sizeof here.code_points) ||
            known->least <= most_behind(lattice, due)) {
            return 0;
        }
    }
    return 1;
}

/* Remember what the code points behind candidates cost at least. */
static void remember(lattice *lattice, const uint32_t *least) {
    if (lattice->candidate_count >= LIKELY) return; /* some may have been left out */
    for (size_t length = 1; length < WINDOW; length++) {
        window here, *slot = NULL;
        if (lattice->owed[length] == lattice->due) slot = read_window(lattice, length, &here);
        if (!slot) continue;
        for (size_t i = 0; i < lattice->candidate_count; i++) {
            if (lattice->candidates[i].end == lattice->place + length && least[i] < here.least) {
                here.least = least[i];
            }
        }
        *slot = here;
    }
}

/* Leave out the candidates that the code points behind them, as they must stand, make too dear. */
static void drop_dear(lattice *lattice) {
    candidate *candidates = lattice->candidates;
    uint32_t pairs[4 * CANDIDATES], least[CANDIDATES];
    size_t first[CANDIDATES + 1] = {0}, kept = 0;
    for (size_t i = 0; i < lattice->candidate_count; i++) {
        uint32_t orphan = id_at(lattice, candidates[i].end);
        first[i + 1] = first[i] + pairs_of(lattice, candidates[i].id, orphan, pairs + first[i]);
    }
    look_up_pairs(lattice, pairs, first[lattice->candidate_count]);
    for (size_t i = 0; i < lattice->candidate_count; i++)
        least[i] = least_of(lattice, pairs + first[i], first[i + 1] - first[i]);
    remember(lattice, least);
    for (size_t i = 0; i < lattice->candidate_count; i++) {
        if (least[i] <= most_behind(lattice, lattice->due)) candidates[kept++] = candidates[i];
    }
    lattice->candidate_count = kept;
}

/* List all originals of a blind layer. */
static void list_all(lattice *lattice) {
    const mf_forms *forms = lattice->inverse.forms;
    for (int i = 0; i < 128; i++) {
        uint32_t id = mf_model_id(lattice->model, forms->form[i][0]);
        if (!forms->length[i] || id == MF_MODEL_UNKNOWN) continue;
        lattice->candidates[lattice->candidate_count++] = (candidate){.original = forms->form[i][0],
                                                                      .count = 1,
                                                                      .end = lattice->place + 1,
                                                                      .id = (uint16_t)id};
    }
}

/* List the originals whose forms begin at the place, and behind which so much is owed. */
static void list_candidates(lattice *lattice, uint32_t due) {
    lattice->due = due;
    lattice->candidate_count = 0;
    if (is_blind(lattice)) {
        list_all(lattice);
        return;
    }
    lattice->unknown_count = 0;
    match_place(lattice);
    memcpy(lattice->candidates + lattice->candidate_count, lattice->unknown,
           lattice->unknown_count * sizeof *lattice->unknown);
    lattice->candidate_count += lattice->unknown_count;
    if (due) drop_dear(lattice);
}

/* What is owed next to so much behind candidates at the place, at least. */
static uint32_t due_after(const lattice *lattice, uint32_t due) {
    uint32_t next = UNSET;
    for (size_t length = 1; length <= LONGEST; length++) {
        if (lattice->owed[length] > due && lattice->owed[length] < next) {
            next = lattice->owed[length];
        }
    }
    return next;
}

/* What it costs to begin with capitals behind a node: more behind a small letter. */
static uint32_t cost_of_capitals(const lattice *lattice, const node *from) {
    if (from->in_capitals) return 0;
    uint16_t before = from->state.ids[0];
    return before && small_of(lattice, before) == before ? 2 * CAPITALS : CAPITALS;
}

/* List the readings of all candidates. */
static void list_readings(lattice *lattice) {
    readings *list = &lattice->readings;
    list->count = lattice->candidate_count;
    for (size_t i = 0; i < lattice->candidate_count; i++) {
        uint16_t id = lattice->candidates[i].id, small = small_of(lattice, id);
        int is_capital = small && small != id;
        list->ids[i] = id;
        list->small[i] = is_capital ? list->count : 0;
        if (is_capital) list->ids[list->count++] = small;
    }
}

static void price(lattice *lattice, const node *from, const mf_model_asked *asked) {
    const candidate *candidates = lattice->candidates;
    readings *list = &lattice->readings;
    size_t count = lattice->candidate_count;
    uint32_t begin = cost_of_capitals(lattice, from);
    mf_model_told(lattice->model, &from->state, list->ids, list->count, asked, list->costs,
                  list->matched);
    for (size_t i = 0; i < count; i++) {
        uint32_t *cost = &list->costs[i];
        if (candidates[i].count > 1) {
            uint32_t share = (uint32_t)(log(candidates[i].count) * MF_MODEL_UNITS_PER_NAT);
            *cost = *cost > share ? *cost - share : 0;
        }
        *cost += candidates[i].price;
        if (from->in_capitals && small_of(lattice, list->ids[i])) *cost += CAPITALS;
        if (!list->small[i]) continue;
        list->costs[list->small[i]] += candidates[i].price + begin;
    }
}

/* Add the arc of a reading of a candidate, behind which so much is owed, unless it is so much worse
   than another one that it would be dropped later. */
static int add_arc(lattice *lattice, const candidate *read, size_t reading, int32_t from,
                   uint32_t owed, int in_capitals) {
    const readings *list = &lattice->readings;
    int64_t total = lattice->nodes[from].best + list->costs[reading], sure = total + owed;
    if (sure > lattice->least + NEAR) return 1;
    mf_model_expect(lattice->model, &lattice->nodes[from].state, list->ids[reading],
                    list->matched[reading]);
    if (!RESERVE(lattice->arcs, lattice->arc_capacity, lattice->arc_count)) return 0;
    int32_t *head = &lattice->ring[read->end % RING];
    lattice->arcs[lattice->arc_count] = (arc){.total = total,
                                              .from = from,
                                              .next = *head,
                                              .original = read->original,
                                              .cost = list->costs[reading],
                                              .id = list->ids[reading],
                                              .matched = list->matched[reading],
                                              .flags = read->flags,
                                              .in_capitals = (uint8_t)in_capitals,
                                              .beyond = read->beyond};
    int64_t *best = &lattice->best[read->end % RING];
    if (*head == NONE || sure < *best) *best = sure;
    if (sure < lattice->least) lattice->least = sure;
    *head = (int32_t)lattice->arc_count++;
    lattice->waiting++;
    return 1;
}

/* Add the arcs of all candidates that begin at a node. */
static int leave_node(lattice *lattice, int32_t from, const mf_model_asked *asked) {
    price(lattice, &lattice->nodes[from], asked);
    for (size_t i = 0; i < lattice->candidate_count; i++) {
        const candidate *read = &lattice->candidates[i];
        uint32_t owed = owed_behind(lattice, read->end);
        size_t small = lattice->readings.small[i];
        if (!add_arc(lattice, read, i, from, owed, 0)) return 0;
        if (small && !add_arc(lattice, read, small, from, owed, 1)) return 0;
    }
    return 1;
}

/* Leave the nodes from `first` on for the candidates behind which so much is owed. */
static int leave_nodes(lattice *lattice, uint32_t due, size_t first, size_t end) {
    const readings *list = &lattice->readings;
    list_readings(lattice);
    /* All of them are asked before they are told: they wait for memory together. */
    for (size_t i = first; i < end; i++) {
        const node *from = &lattice->nodes[i];
        if (from->best + due > lattice->least + NEAR) break; /* best come first */
        mf_model_ask(lattice->model, &from->state, list->ids, list->count,
                     &lattice->asked[i - first]);
    }
    for (size_t i = first; i < end; i++) {
        if (lattice->nodes[i].best + due > lattice->least + NEAR) break;
        if (!leave_node(lattice, (int32_t)i, &lattice->asked[i - first])) return 0;
    }
    return 1;
}

/* May a form stand there? */
static int is_form(const lattice *lattice, size_t at) {
    uint32_t observed = mf_at(lattice->text, at);
    if (lattice->given[at]) return 0;
    if (is_blind(lattice)) return observed == REPLACEMENT;
    return observed >= 0x80 || lattice->inverse.head[observed % HASH] != NONE;
}

/* Add the arcs that begin at a place, whose nodes begin with `first`: those first behind which
   nothing is owed, as it is often not worth to look for the others any more. */
static int leave_place(lattice *lattice, size_t at, size_t first) {
    uint32_t observed = mf_at(lattice->text, at);
    int given = lattice->given[at];
    size_t end = lattice->node_count;
    lattice->place = at;
    memset(lattice->owed, 0xFF, sizeof lattice->owed);
    const candidate literal = {
        .original = observed,
        .count = 1,
        .price = given || observed < 0x80 ? 0 : lattice->literal,
        .end = at + 1,
        .id = id_at(lattice, at),
        .flags = (uint8_t)(MF_LITERAL | (given ? MF_GIVEN : 0)),
    };
    uint32_t literal_owes = literal.price + owed_behind(lattice, at + 1);
    if (is_orphan(lattice, at + 1)) {
        literal_owes += least_behind(lattice, literal.id, id_at(lattice, at + 1));
    }
    lattice->floor = lattice->nodes[first].best;
    int lists = is_form(lattice, at);
    for (uint32_t due = lists ? 0 : literal_owes, next; due != UNSET; due = next) {
        if (lattice->floor + due > lattice->least + NEAR) break; /* and more even more so */
        lattice->candidate_count = 0;
        if (lists && (!due || !are_dear(lattice, due))) list_candidates(lattice, due);
        next = lists ? due_after(lattice, due) : UNSET;
        if (literal_owes == due) lattice->candidates[lattice->candidate_count++] = literal;
        if (literal_owes > due && literal_owes < next) next = literal_owes;
        if (!lattice->candidate_count) continue;
        if (!leave_nodes(lattice, due, first, end)) return 0;
    }
    return 1;
}

static inline int is_better(const arc *a, const arc *b) {
    if (a->total != b->total) return a->total < b->total;
    if (a->from != b->from) return a->from < b->from;
    if (a->original != b->original) return a->original < b->original;
    return a->in_capitals < b->in_capitals;
}

/* Move an arc down in a heap of arcs, of which the worst one is the first. */
static void sink_arc(arc *heap, size_t count, size_t at) {
    const arc moved = heap[at];
    for (size_t below; (below = 2 * at + 1) < count; at = below) {
        if (below + 1 < count && is_better(&heap[below], &heap[below + 1])) below++;
        if (!is_better(&moved, &heap[below])) break;
        heap[at] = heap[below];
    }
    heap[at] = moved;
}

/* Sort the best of many arcs into the first ARCS places. */
static void sort_best(arc *arcs, size_t count) {
    for (size_t i = ARCS / 2; i-- > 0;)
        sink_arc(arcs, ARCS, i);
    for (size_t i = ARCS; i < count; i++) {
        if (!is_better(&arcs[i], &arcs[0])) continue;
        arcs[0] = arcs[i];
        sink_arc(arcs, ARCS, 0);
    }
    for (size_t end = ARCS; --end > 0;) {
        const arc worst = arcs[0];
        arcs[0] = arcs[end];
        arcs[end] = worst;
        sink_arc(arcs, end, 0);
    }
}

/* Sort arcs, as far as they are looked at: few of them for the most part. */
static void sort(arc *arcs, size_t count) {
    if (count > ARCS) {
        sort_best(arcs, count);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        const arc moved = arcs[i];
        size_t to = i;
        for (; to > 0 && is_better(&moved, &arcs[to - 1]); to--)
            arcs[to] = arcs[to - 1];
        arcs[to] = moved;
    }
}

/* The probability of what costs so much. */
static inline double probability(const lattice *lattice, int64_t units) {
    if (units >= NATS * MF_MODEL_UNITS_PER_NAT) return 0;
    if (units < 0) return exp((double)-units / MF_MODEL_UNITS_PER_NAT);
    return lattice->nats[units / MF_MODEL_UNITS_PER_NAT] *
           lattice->units[units % MF_MODEL_UNITS_PER_NAT];
}

/* Add the paths that end with an arc to those to its node, by lesser layers. */
static int add_lesser(lattice *lattice, const arc *taken, size_t to, int is_made, double part) {
    if (!RESERVE(lattice->lesser_alphas, lattice->alphas_capacity, (to + 1) * MF_LESSER)) return 0;
    double *alphas = lattice->lesser_alphas + to * MF_LESSER;
    const double *before = lattice->lesser_alphas + (size_t)taken->from * MF_LESSER;
    for (size_t i = 0; i < MF_LESSER; i++) {
        double alpha = taken->beyond >> i & 1 ? 0 : before[i] * part;
        alphas[i] = is_made ? alpha : alphas[i] + alpha;
    }
    return 1;
}

/* Make an arc an edge into the node of its state; most of the states were made by better arcs. */
static int take_arc(lattice *lattice, const arc *taken, size_t place, size_t first) {
    const node *from = &lattice->nodes[taken->from];
    node to = {.place = place,
               .best = taken->total,
               .first_edge = NONE,
               .in_capitals = taken->in_capitals};
    mf_model_follow(lattice->model, &from->state, taken->id, taken->matched, &to.state);
    size_t same = first;
    for (; same < lattice->node_count; same++) {
        const node *made = &lattice->nodes[same];
        if (!memcmp(&made->state, &to.state, sizeof to.state) &&
            made->in_capitals == to.in_capitals) {
            break;
        }
    }
    int is_made = same == lattice->node_count;
    int64_t cost = from->origin + taken->cost;
    if (is_made) {
        if (same - first >= (is_blind(lattice) ? BLIND_BEAM : BEAM)) return 1;
        if (!RESERVE(lattice->nodes, lattice->node_capacity, lattice->node_count)) return 0;
        to.origin = cost;
        if (from->alpha > LARGE) to.origin -= (int64_t)(log(from->alpha) * MF_MODEL_UNITS_PER_NAT);
        to.best_edge = (int32_t)lattice->edge_count;
        lattice->nodes[lattice->node_count++] = to;
    }
    from = &lattice->nodes[taken->from]; /* nodes may have moved */
    double part = probability(lattice, cost - lattice->nodes[same].origin);
    lattice->nodes[same].alpha += from->alpha * part;
    if (!lattice->restored) {
        return !lattice->lesser || add_lesser(lattice, taken, same, is_made, part);
    }
    if (!RESERVE(lattice->edges, lattice->edge_capacity, lattice->edge_count)) return 0;
    lattice->edges[lattice->edge_count] = (edge){.from = taken->from,
                                                 .next = lattice->nodes[same].first_edge,
                                                 .original = taken->original,
                                                 .cost = taken->cost,
                                                 .flags = taken->flags};
    lattice->nodes[same].first_edge = (int32_t)lattice->edge_count++;
    return 1;
}

/* Make the nodes of a place from the arcs that end there. Returns 0 when memory runs out. */
static int enter_place(lattice *lattice, size_t place) {
    size_t count = 0, first = lattice->node_count;
    int32_t *head = &lattice->ring[place % RING];
    /* What is worse than a path that is further on already will not get better. */
    int64_t most = lattice->least + NEAR - owed_at(lattice, place);
    for (int32_t i = *head; i != NONE; i = lattice->arcs[i].next) {
        lattice->waiting--;
        if (lattice->arcs[i].total > most) continue;
        if (!RESERVE(lattice->near, lattice->near_capacity, count)) return 0;
        lattice->near[count++] = lattice->arcs[i];
    }
    *head = NONE;
    lattice->least = INT64_MAX - NEAR;
    for (int i = 0; lattice->waiting && i < RING; i++) {
        if (lattice->ring[i] != NONE && lattice->best[i] < lattice->least) {
            lattice->least = lattice->best[i];
        }
    }
    if (!lattice->waiting) lattice->arc_count = 0;
    sort(lattice->near, count);
    for (size_t i = 0; i < count && i < ARCS; i++) {
        if (!take_arc(lattice, &lattice->near[i], place, first)) return 0;
    }
    return 1;
}

/* Put a possible original among the alternatives of a place, the best first. */
static void offer(mf_place *place, uint32_t original, float posterior) {
    int at = place->alternatives;
    for (int i = 0; i < place->alternatives; i++) {
        if (place->other[i] == original) {
            posterior += place->other_posterior[i];
            at = i;
            break;
        }
    }
    if (at == MF_ALTERNATIVES) {
        at--;
        if (place->other_posterior[at] >= posterior) return;
    } else if (at == place->alternatives) {
        place->alternatives++;
    }
    for (; at > 0 && place->other_posterior[at - 1] < posterior; at--) {
        place->other[at] = place->other[at - 1];
        place->other_posterior[at] = place->other_posterior[at - 1];
    }
    place->other[at] = original;
    place->other_posterior[at] = posterior;
}

/* Write the place of an edge of the best path: of all originals from the same code points the
   one with the greatest posterior. */
static void write_place(lattice *lattice, mf_place *place, int32_t to, const edge *chosen,
                        double total) {
    size_t start = lattice->nodes[chosen->from].place, end = lattice->nodes[to].place;
    *place = (mf_place){.start = start, .original = chosen->original, .flags = chosen->flags};
    if (chosen->flags & MF_GIVEN) {
        place->posterior = 1;
        return;
    }
    size_t first = (size_t)to, last = (size_t)to;
    while (first > 0 && lattice->nodes[first - 1].place == end)
        first--;
    while (last + 1 < lattice->node_count && lattice->nodes[last + 1].place == end)
        last++;
    struct {
        uint32_t original;
        uint8_t flags;
        double posterior;
    } sums[ARCS + 1];
    sums[0].original = chosen->original;
    sums[0].flags = chosen->flags;
    sums[0].posterior = 0;
    size_t count = 1;
    for (size_t i = first; i <= last; i++) {
        for (int32_t j = lattice->nodes[i].first_edge; j != NONE; j = lattice->edges[j].next) {
            const edge *edge = &lattice->edges[j];
            const node *from = &lattice->nodes[edge->from];
            if (from->place != start) continue;
            const node *into = &lattice->nodes[i];
            double share = from->alpha * into->beta / total *
                           probability(lattice, from->origin + edge->cost - into->origin);
            size_t k = 0;
            while (k < count &&
                   (sums[k].original != edge->original || sums[k].flags != edge->flags)) {
                k++;
            }
            if (k == count) {
                if (count > ARCS) continue;
                sums[count].original = edge->original;
                sums[count].flags = edge->flags;
                sums[count++].posterior = 0;
            }
            sums[k].posterior += share;
        }
    }
    size_t best = 0;
    for (size_t k = 0; k < count; k++) {
        if (sums[k].original == REPLACEMENT && !(sums[k].flags & MF_LITERAL)) {
            if (sums[k].posterior > UNKNOWN) place->flags |= MF_UNKNOWN;
            sums[k].posterior = 0; /* what is known is guessed in its place */
        }
        if (sums[k].posterior > sums[best].posterior) best = k;
    }
    place->original = sums[best].original;
    place->flags = (uint8_t)((place->flags & MF_UNKNOWN) | sums[best].flags);
    place->posterior = sums[best].posterior > 1 ? 1 : (float)sums[best].posterior;
    if (place->posterior * 1000 >= UNSURE_PERMILLE) return;
    for (size_t k = 0; k < count; k++) {
        if (k != best && sums[k].posterior > 0) {
            offer(place, sums[k].original, (float)sums[k].posterior);
        }
    }
}

/* What one of the last nodes has to be multiplied by, so that all of them tell parts of the same.
 */
static double end_part(const lattice *lattice, size_t first_end, size_t end) {
    return probability(lattice, lattice->nodes[end].origin - lattice->nodes[first_end].origin);
}

/* Write the places of the best path to a node, given the sum of all paths, as a part. */
static int write_places(lattice *lattice, size_t first_end, int32_t last, double total) {
    mf_restored *restored = lattice->restored;
    for (size_t i = first_end; i < lattice->node_count; i++)
        lattice->nodes[i].beta = end_part(lattice, first_end, i);
    for (size_t i = lattice->node_count; i-- > 1;) {
        const node *to = &lattice->nodes[i];
        if (to->beta == 0) continue;
        for (int32_t j = to->first_edge; j != NONE; j = lattice->edges[j].next) {
            node *from = &lattice->nodes[lattice->edges[j].from];
            int64_t cost = from->origin + lattice->edges[j].cost - to->origin;
            from->beta += to->beta * probability(lattice, cost);
        }
    }
    size_t length = 0;
    for (int32_t i = last; i != 0; i = lattice->edges[lattice->nodes[i].best_edge].from)
        length++;
    while (restored->count + length > restored->capacity) {
        if (!RESERVE(restored->places, restored->capacity, restored->capacity)) return 0;
    }
    size_t at = restored->count + length;
    for (int32_t i = last; i != 0;) {
        const edge *chosen = &lattice->edges[lattice->nodes[i].best_edge];
        write_place(lattice, &restored->places[--at], i, chosen, total);
        i = chosen->from;
    }
    restored->count += length;
    return 1;
}

/* What a sum of paths costs that is told as a part of one which costs `origin`, in nats. */
static double cost_of(double part, int64_t origin) {
    return (double)origin / MF_MODEL_UNITS_PER_NAT - log(part);
}

/* Close a segment for the lesser layers. */
static void close_lesser(lattice *lattice, size_t first_end) {
    for (size_t i = 0; i < lattice->lesser->count; i++) {
        double total = 0;
        for (size_t j = first_end; j < lattice->node_count; j++)
            total += lattice->lesser_alphas[j * MF_LESSER + i] * end_part(lattice, first_end, j);
        lattice->lesser_cost[i] += cost_of(total, lattice->nodes[first_end].origin);
        lattice->lesser_alphas[i] = 1; /* of the node that the next one begins with */
    }
}

/* Close a segment at its last nodes, and begin anew at the best of them. */
static int close_segment(lattice *lattice, size_t first_end, int32_t last) {
    double total = 0;
    for (size_t i = first_end; i < lattice->node_count; i++)
        total += lattice->nodes[i].alpha * end_part(lattice, first_end, i);
    if (lattice->restored && !write_places(lattice, first_end, last, total)) return 0;
    lattice->cost += cost_of(total, lattice->nodes[first_end].origin);
    if (lattice->lesser) close_lesser(lattice, first_end);
    node first = lattice->nodes[last];
    first.alpha = 1;
    first.beta = 0;
    first.best = first.origin = 0;
    first.first_edge = first.best_edge = NONE;
    lattice->nodes[0] = first;
    lattice->node_count = 1;
    lattice->edge_count = 0;
    return 1;
}

static int32_t best_node(const lattice *lattice, size_t first) {
    size_t best = first;
    for (size_t i = first + 1; i < lattice->node_count; i++) {
        if (lattice->nodes[i].best < lattice->nodes[best].best) best = i;
    }
    return (int32_t)best;
}

/* Pass a code point that is given, when there is one node only: nothing has to be weighed. */
static int pass_given(lattice *lattice, size_t at) {
    mf_restored *restored = lattice->restored;
    node *only = &lattice->nodes[0];
    uint32_t code_point = mf_at(lattice->text, at);
    uint32_t cost = mf_model_cost(lattice->model, &only->state,
                                  mf_model_id(lattice->model, code_point), &only->state);
    lattice->cost += (double)cost / MF_MODEL_UNITS_PER_NAT;
    for (size_t i = 0; lattice->lesser && i < lattice->lesser->count; i++)
        lattice->lesser_cost[i] += (double)cost / MF_MODEL_UNITS_PER_NAT;
    only->place = at + 1;
    if (!restored) return 1;
    if (!RESERVE(restored->places, restored->capacity, restored->count)) return 0;
    restored->places[restored->count++] = (mf_place){
        .start = at, .original = code_point, .flags = MF_LITERAL | MF_GIVEN, .posterior = 1};
    return 1;
}

/* Can a code point that is given only have been one thing? */
static int is_plain(const lattice *lattice, size_t at) {
    if (!lattice->given[at] || lattice->nodes[0].in_capitals) return 0;
    uint16_t id = (uint16_t)mf_model_id(lattice->model, mf_at(lattice->text, at));
    uint16_t small = small_of(lattice, id);
    return !small || small == id;
}

static void empty_ring(lattice *lattice) {
    for (int i = 0; i < RING; i++)
        lattice->ring[i] = NONE;
    lattice->least = INT64_MAX - NEAR;
    lattice->waiting = lattice->arc_count = 0;
}

/* Go through a text from its beginning. Returns 0 when memory runs out. */
static int run(lattice *lattice, const mf_text *text, const uint8_t *given) {
    size_t length = text->length, begun = 0, at = 0;
    lattice->text = text;
    lattice->given = given;
    lattice->cost = 0;
    empty_ring(lattice);
    if (lattice->lesser) {
        if (!RESERVE(lattice->lesser_alphas, lattice->alphas_capacity, MF_LESSER)) return 0;
        for (int i = 0; i < MF_LESSER; i++)
            lattice->lesser_alphas[i] = 1;
        memset(lattice->lesser_cost, 0, sizeof lattice->lesser_cost);
    }
    if (!RESERVE(lattice->nodes, lattice->node_capacity, 0)) return 0;
    node start = {.alpha = 1, .first_edge = NONE, .best_edge = NONE};
    mf_model_start(lattice->model, &start.state);
    lattice->nodes[0] = start;
    lattice->node_count = 1;
    lattice->edge_count = 0;
    for (size_t first = 0;;) {
        while (at < length && lattice->node_count == 1 && !lattice->waiting &&
               is_plain(lattice, at)) {
            if (!pass_given(lattice, at++)) return 0;
            begun = at;
        }
        if (at == length) return 1;
        if (!leave_place(lattice, at, first)) return 0;
        do { /* no path may come by a place */
            at++;
            first = lattice->node_count;
            if (!enter_place(lattice, at)) return 0;
        } while (first == lattice->node_count);
        int alone = first + 1 == lattice->node_count && !lattice->waiting;
        if (!alone && at < length && at - begun < SEGMENT) continue;
        int32_t best = best_node(lattice, first);
        if (at < length) {
            /* Only the best goes on, so that it alone is summed up to. */
            node kept = lattice->nodes[best];
            lattice->nodes[first] = kept;
            if (lattice->lesser) {
                memcpy(lattice->lesser_alphas + first * MF_LESSER,
                       lattice->lesser_alphas + (size_t)best * MF_LESSER,
                       MF_LESSER * sizeof *lattice->lesser_alphas);
            }
            lattice->node_count = first + 1;
            best = (int32_t)first;
        }
        if (!close_segment(lattice, first, best)) return 0;
        empty_ring(lattice);
        first = 0;
        begun = at;
    }
}

static lattice *open_lattice(const mf_model *model, const mf_forms *forms, uint32_t literal) {
    lattice *opened = calloc(1, sizeof *opened);
    if (!opened) return NULL;
    opened->model = model;
    opened->literal = literal;
    memset(opened->pairs, 0xFF, sizeof opened->pairs);
    for (int i = 0; i < NATS; i++)
        opened->nats[i] = exp(-i);
    for (int i = 0; i < MF_MODEL_UNITS_PER_NAT; i++)
        opened->units[i] = exp((double)-i / MF_MODEL_UNITS_PER_NAT);
    invert(&opened->inverse, forms);
    return opened;
}

static void close_lattice(lattice *lattice) {
    free(lattice->nodes);
    free(lattice->lesser_alphas);
    free(lattice->edges);
    free(lattice->arcs);
    free(lattice->near);
    free(lattice);
}

int mf_restore(const mf_model *model, const mf_forms *forms, const mf_text *text,
               const uint8_t *given, uint32_t literal, mf_restored *restored) {
    *restored = (mf_restored){0};
    lattice *lattice = open_lattice(model, forms, literal);
    if (!lattice) return 0;
    lattice->restored = restored;
    int ok = run(lattice, text, given);
    restored->cost = lattice->cost;
    close_lattice(lattice);
    return ok;
}

void mf_restored_free(mf_restored *restored) {
    free(restored->places);
    *restored = (mf_restored){0};
}

int mf_line_costs(const mf_model *model, const mf_forms *forms, const mf_text *text,
                  const uint8_t *given, uint32_t literal, const mf_lesser *lesser,
                  const double *most, double *costs, size_t *count) {
    lattice *lattice = open_lattice(model, forms, literal);
    if (!lattice) return 0;
    lattice->lesser = lesser->count ? lesser : NULL;
    double sum = 0;
    size_t lines = *count;
    int ok = 1;
    *count = 0;
    for (size_t start = 0, end; start < text->length && *count < lines; start = end) {
        for (end = start; end < text->length && mf_at(text, end) != '\n';)
            end++;
        if (end < text->length) end++;
        const mf_text line = mf_part(text, start, end);
        ok = run(lattice, &line, given + start);
        if (!ok) break;
        *costs++ = lattice->cost;
        for (size_t i = 0; i < lesser->count; i++)
            *costs++ = lattice->lesser_cost[i];
        sum += lattice->cost;
        if (sum > most[(*count)++]) break;
    }
    close_lattice(lattice);
    return ok;
}
