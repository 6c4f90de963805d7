#include "transcode.h"
#include "growing.h"
#include "tables.h"
#include "utf8.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A place is an observed character and how much of it has been read: nothing, the first byte of
   one of its codes, or the first of two bytes for which the marker stands. */
enum {
    VARIANTS = 6, /* codes of one character that are looked at */
    HALF_MARKER = VARIANTS + 1,
    STATES = 8,
    AHEAD = 8, /* more observed characters than one original can take, a power of two */
};

enum {
    BEAM = 48,                             /* nodes kept at one place */
    ARCS = 512,                            /* arcs into one place that are looked at */
    NEAR = 14 * MF_MODEL_UNITS_PER_NAT,    /* what is worse by more is dropped */
    SEGMENT = 1024,                        /* characters after which only the best path goes on */
    MARKERS = 6,                           /* in a row, more of which are not read as bytes */
    MOST_LOST = 2,                         /* bytes of an original of four bytes */
    FEW = 64,                              /* originals that are looked at behind each node */
    MANY = 256,                            /* ... if they are likely */
    BATCH = 64,                            /* ... that are weighed at once */
    STRAY = 24 * MF_MODEL_UNITS_PER_NAT,   /* cost of a byte that is left over */
    OTHER = 2 * MF_MODEL_UNITS_PER_NAT,    /* cost of lost ASCII that is no white space */
    LONE = 4 * MF_MODEL_UNITS_PER_NAT,     /* ... of one byte, and nothing, before a line end */
    TRAILING = 4 * MF_MODEL_UNITS_PER_NAT, /* ... of a lost space at the end of a line */
    WITHIN_RUN = 40 * MF_MODEL_UNITS_PER_NAT,
    INDENTED = MF_MODEL_UNITS_PER_NAT, /* cost of a lost line end before an indented line */
    UNSURE_PERMILLE = 999,             /* posterior from which alternatives do not matter */
    PAGE = 64,
    PAGES = 1024, /* of the basic plane */
    NONE = -1,
    REPLACEMENT = 0xFFFD,
};

typedef struct {
    mf_model_state state;
    size_t place;
    int64_t best; /* units: of the best path to here */
    double alpha; /* nats: of all paths to here, from the beginning of the segment */
    double beta;  /* nats: of all paths from here to the end of the segment */
    int32_t first_edge, best_edge;
    uint8_t damaged; /* does the path stand in damage? */
    uint8_t half;    /* first byte of a marker's two, if the path stands between them */
} node;

typedef struct {
    int32_t from, next; /* node; next edge into the same node */
    uint32_t original, cost;
    uint8_t flags;
} edge;

/* An edge whose node is not made yet. */
typedef struct {
    int64_t total;
    int32_t from, next;
    uint32_t original, cost;
    uint16_t id;
    uint8_t flags, damaged, half, matched;
} arc;

typedef struct {
    uint32_t original;
    uint32_t count; /* of unknown originals that it stands for */
    uint32_t cost;  /* behind the best node of the place, if there are more than FEW */
    size_t end;
    uint16_t id;
    uint8_t first, half; /* the byte that it begins with; as in the node where it ends */
    uint8_t lone;        /* as in its sequence */
} candidate;

typedef struct {
    const mf_model *model;
    const mf_transcoding *how;
    const mf_text *text;
    mf_restored *restored;
    node *nodes;
    edge *edges;
    arc *arcs, *near;
    size_t node_count, node_capacity, edge_count, edge_capacity, arc_count, arc_capacity,
        near_capacity;
    int32_t ring[AHEAD * STATES];  /* arcs into each place to come */
    int64_t least[AHEAD * STATES]; /* total of the best of them */
    size_t waiting;                /* arcs in the ring */
    candidate *candidates;
    uint32_t *costs;  /* of the candidates behind one node */
    uint8_t *matched; /* of each, what mf_model_follow takes */
    size_t candidate_count, candidate_capacity, cost_capacity, matched_capacity;
    /* The candidate, from 1, that stands for all unknown originals that end at a place; or there
       between a marker's two bytes, by the first of them. */
    size_t unknown[AHEAD * STATES], unknown_half[MF_BYTES];
    int has_unknown; /* is one of them set? */
    /* Continuations, a bit each: of two bytes of three those that the model knows, and whether that
       was looked up; those that `wrong` reads neither by themselves nor as leads, its leads, and
       those that are no pair of it behind each of them. */
    uint64_t known[PAGES], alone, leads, unpaired[PAGE];
    uint8_t is_looked_up[PAGES];
    int failed; /* memory ran out */
} search;

static inline size_t place_of(size_t at, unsigned state) {
    return at * STATES + state;
}

/* The bytes of an original so far, and where they end. */
typedef struct {
    uint8_t bytes[4];
    int have, need, lost;
    size_t at;
    unsigned state;
    uint8_t half; /* first byte of a marker's two, between them */
    uint8_t lone; /* did a marker before a line end, not the last, stand for one byte only? */
} sequence;

static void spell(search *search, const sequence *so_far);

static void add_candidates(search *search, const sequence *whole, uint32_t original, uint32_t id,
                           uint32_t count) {
    size_t end = place_of(whole->at, whole->state);
    if (whole->lost && id == MF_MODEL_UNKNOWN) {
        size_t *shared = whole->half ? &search->unknown_half[whole->half]
                                     : &search->unknown[end % (AHEAD * STATES)];
        if (*shared) {
            search->candidates[*shared - 1].count += count;
            return;
        }
        original = REPLACEMENT;
        *shared = search->candidate_count + 1;
        search->has_unknown = 1;
    }
    if (!MF_RESERVE(search->candidates, search->candidate_capacity, search->candidate_count)) {
        search->failed = 1;
        return;
    }
    search->candidates[search->candidate_count++] = (candidate){.original = original,
                                                                .end = end,
                                                                .count = count,
                                                                .id = (uint16_t)id,
                                                                .first = whole->bytes[0],
                                                                .half = whole->half,
                                                                .lone = whole->lone};
}

/* Return which of the 64 characters that begin with two bytes of three are in the vocabulary. */
static uint64_t known_behind(search *search, const sequence *so_far) {
    uint32_t page = (so_far->bytes[0] & 15u) << 6 | (so_far->bytes[1] & 63u);
    if (!search->is_looked_up[page]) {
        search->is_looked_up[page] = 1;
        for (uint32_t i = 0; i < PAGE; i++) {
            if (mf_model_id(search->model, page * PAGE + i) != MF_MODEL_UNKNOWN)
                search->known[page] |= UINT64_C(1) << i;
        }
    }
    return search->known[page];
}

/* One byte more of an original: it may be whole, go on, or not be. */
static void take(search *search, const sequence *so_far, uint8_t byte, size_t at, unsigned state) {
    const mf_codec *source = search->how->source;
    sequence next = *so_far;
    next.bytes[next.have++] = byte;
    next.at = at;
    next.state = state;
    if (next.have == 1) {
        next.need = byte < 0x80 ? 1 : source ? 1 + source->leads[byte] : mf_sequence_length(byte);
        if (!next.need || (!source && byte == 0xC0)) return;
    } else if (!source &&
               (next.have == 2 ? !mf_may_follow(next.bytes[0], byte) : (byte & 0xC0) != 0x80)) {
        return;
    }
    if (next.need == 4 && next.lost > MOST_LOST) return;
    if (next.need == 3 && next.have == 2 && next.lost == 2 && !known_behind(search, &next)) return;
    if (next.have < next.need) {
        spell(search, &next);
        return;
    }
    uint32_t original = byte;
    if (source) {
        uint32_t code = next.need == 1 ? byte : (uint32_t)next.bytes[0] << 8 | byte;
        original = code < 0x80 ? code : source->character[code];
        if (original < 0x80 && original != code) return;
    } else if (next.need > 1) {
        original = mf_decode_sequence(next.bytes, next.need);
        if (original - 0xD800u < 0x800u || original == REPLACEMENT) return;
    }
    add_candidates(search, &next, original, mf_model_id(search->model, original), 1);
}

/* The last byte of three is lost: it is one of some continuations. */
static void take_last(search *search, const sequence *so_far, uint64_t bytes) {
    uint32_t page = (so_far->bytes[0] & 15u) << 6 | (so_far->bytes[1] & 63u), others = 0;
    uint64_t known = known_behind(search, so_far);
    for (uint32_t i = 0; i < PAGE; i++) {
        uint32_t original = page * PAGE + i;
        if (!(bytes >> i & 1) || original == REPLACEMENT) continue;
        if (known >> i & 1) {
            add_candidates(search, so_far, original, mf_model_id(search->model, original), 1);
        } else {
            others++;
        }
    }
    if (others) add_candidates(search, so_far, REPLACEMENT, MF_MODEL_UNKNOWN, others);
}

static int is_last_of_three(const search *search, const sequence *so_far) {
    return !search->how->source && so_far->need == 3 && so_far->have == 2;
}

static int ends_line(const mf_text *text, size_t at) {
    if (at == text->length) return 1;
    uint32_t code_point = mf_at(text, at);
    return code_point == '\n' || code_point == '\r';
}

/* Is a code point one that damage shows, and no ASCII? */
static int is_image(const search *search, uint32_t code_point) {
    return code_point >= 0x80 && mf_codec_count(search->how->wrong, code_point);
}

/* May a marker's bytes be told: does an image stand beside it, or beside few others in a row? */
static int is_marker(const search *search, size_t at) {
    const mf_text *text = search->text;
    uint32_t marker = search->how->marker;
    if (!marker || mf_at(text, at) != marker) return 0;
    size_t first = at, last = at + 1;
    while (first > 0 && at - first < MARKERS && mf_at(text, first - 1) == marker)
        first--;
    while (last < text->length && last - at < MARKERS && mf_at(text, last) == marker)
        last++;
    if (last - first > MARKERS) return 0;
    return (first > 0 && is_image(search, mf_at(text, first - 1))) ||
           (last < text->length && is_image(search, mf_at(text, last)));
}

/* Bytes for which a marker may stand; the first of two, if it stands for two. */
static void spell_marker(search *search, const sequence *so_far) {
    const mf_codec *wrong = search->how->wrong;
    size_t behind = so_far->at + 1;
    sequence next = *so_far;
    next.lost++;
    int last = ends_line(search->text, behind) ||
               (!search->how->takes_ascii && mf_at(search->text, behind) < 0x80);
    uint8_t lone = search->how->takes_ascii && behind + 1 < search->text->length;
    if (is_last_of_three(search, so_far)) {
        next.at = behind;
        take_last(search, &next, search->alone);
        next.lone = lone;
        if (last) take_last(search, &next, search->leads);
        next.at = so_far->at;
        next.lone = 0;
    }
    unsigned least = so_far->have ? 0x80 : 0xC0, most = so_far->have ? 0xC0 : MF_BYTES;
    for (unsigned byte = least; byte < most; byte++) {
        int alone = !wrong->leads[byte] && !wrong->character[byte];
        if (!is_last_of_three(search, so_far) && (alone || (wrong->leads[byte] && last))) {
            next.lone = alone ? 0 : lone;
            take(search, &next, (uint8_t)byte, behind, 0);
            next.lone = 0;
        }
        if (!wrong->leads[byte]) continue;
        next.half = (uint8_t)byte;
        take(search, &next, (uint8_t)byte, so_far->at, HALF_MARKER);
        next.half = 0;
    }
}

/* Second bytes of a marker's two. What the first one was is known if it belongs to the same
   original; else it is a matter of the node, and looked at there. */
static void spell_half_marker(search *search, const sequence *so_far) {
    const mf_codec *wrong = search->how->wrong;
    unsigned least = search->how->takes_ascii && !so_far->have ? 1 : 0x80;
    unsigned most = so_far->have ? 0xC0 : MF_BYTES;
    sequence next = *so_far;
    next.lost++;
    next.half = 0;
    if (is_last_of_three(search, so_far)) {
        next.at++;
        next.state = 0;
        take_last(search, &next, so_far->half ? search->unpaired[so_far->half & 63] : UINT64_MAX);
        return;
    }
    for (unsigned byte = least; byte < most; byte++) {
        if (so_far->half && wrong->character[so_far->half << 8 | byte]) continue;
        take(search, &next, (uint8_t)byte, so_far->at + 1, 0);
    }
}

/* Look up once what `spell_marker` asks about continuations. */
static void look_up_continuations(search *search) {
    const mf_codec *wrong = search->how->wrong;
    for (uint32_t i = 0; i < PAGE; i++) {
        uint32_t byte = 0x80 + i;
        uint64_t bit = UINT64_C(1) << i;
        if (wrong->leads[byte]) {
            search->leads |= bit;
            for (uint32_t j = 0; j < PAGE; j++) {
                if (!wrong->character[byte << 8 | (0x80 + j)])
                    search->unpaired[i] |= UINT64_C(1) << j;
            }
        } else if (!wrong->character[byte]) {
            search->alone |= bit;
        }
    }
}

/* Find all originals that begin with these bytes: at most four deep. */
static void spell(search *search, const sequence *so_far) {
    const mf_codec *wrong = search->how->wrong;
    size_t at = so_far->at;
    if (so_far->have && search->how->drops_80 && so_far->state == 0) {
        take(search, so_far, 0x80, at, 0);
    }
    if (at == search->text->length) return;
    uint32_t observed = mf_at(search->text, at);
    if (so_far->state == HALF_MARKER) {
        spell_half_marker(search, so_far);
        return;
    }
    if (so_far->state) {
        uint16_t code = mf_codec_codes(wrong, observed)[so_far->state - 1];
        take(search, so_far, (uint8_t)code, at + 1, 0);
        return;
    }
    if (is_marker(search, at)) spell_marker(search, so_far);
    if (observed < 0x80) {
        if (so_far->have) take(search, so_far, (uint8_t)observed, at + 1, 0);
        return;
    }
    unsigned count = mf_codec_count(wrong, observed);
    for (unsigned i = 0; i < count && i < VARIANTS; i++) {
        uint16_t code = mf_codec_codes(wrong, observed)[i];
        if (code < MF_BYTES) {
            take(search, so_far, (uint8_t)code, at + 1, 0);
        } else {
            take(search, so_far, (uint8_t)(code >> 8), at, 1 + i);
        }
    }
}

/* List the originals whose bytes begin at a place. */
static void list_candidates(search *search, size_t place) {
    search->candidate_count = 0;
    if (search->has_unknown) {
        memset(search->unknown, 0, sizeof search->unknown);
        memset(search->unknown_half, 0, sizeof search->unknown_half);
        search->has_unknown = 0;
    }
    size_t at = place / STATES;
    spell(search, &(sequence){.at = at, .state = place % STATES});
}

/* Was a C1 control a letter? Its byte is the one of its number wherever it was read. */
static int was_letter(const search *search, uint32_t control) {
    uint8_t byte = (uint8_t)control;
    size_t size;
    uint32_t original = mf_codec_decode(search->how->source, &byte, 1, 0, &size);
    return !original || mf_class_is_letter[mf_entry(original) >> 8];
}

/* Were neighbours beyond ASCII damaged together, or neither? A C1 control was, and if it was a sign
   it may stand beside what its decoder cannot have read. */
static int are_one_run(const search *search, uint32_t left, uint32_t right) {
    if (left < 0x80 || right < 0x80) return 0;
    if (mf_is_c1(left) && !is_image(search, right)) return was_letter(search, left);
    if (mf_is_c1(right) && !is_image(search, left)) return was_letter(search, right);
    return 1;
}

/* Legacy text is damaged whole: what it costs more that damage begins or ends at a place within a
   run of characters other than ASCII. UTF-8 shows where it does. */
static uint32_t within_run(const search *search, size_t at) {
    return search->how->source && at > 0 && at < search->text->length &&
                   are_one_run(search, mf_at(search->text, at - 1), mf_at(search->text, at))
               ? WITHIN_RUN
               : 0;
}

static void empty_slot(search *search, size_t slot) {
    search->ring[slot] = NONE;
    search->least[slot] = INT64_MAX - NEAR;
}

static int add_arc(search *search, size_t end, const arc *added) {
    int64_t *least = &search->least[end % (AHEAD * STATES)];
    if (added->total < *least) *least = added->total;
    if (added->total > *least + NEAR) return 1;
    if (!MF_RESERVE(search->arcs, search->arc_capacity, search->arc_count)) return 0;
    mf_model_expect(search->model, &search->nodes[added->from].state, added->id, added->matched);
    int32_t *head = &search->ring[end % (AHEAD * STATES)];
    search->arcs[search->arc_count] = *added;
    search->arcs[search->arc_count].next = *head;
    *head = (int32_t)search->arc_count++;
    search->waiting++;
    return 1;
}

/* Add the arc of a character that stands as it was written; ASCII stands so in damage, too. */
static int leave_as_written(search *search, const arc *begun, const node *begin, uint32_t cost) {
    size_t at = begin->place / STATES;
    arc added = *begun;
    added.original = mf_at(search->text, at);
    added.flags = MF_LITERAL;
    if (added.original >= 0x80) {
        added.damaged = 0;
        if (is_image(search, added.original)) cost += search->how->literal;
        if (mf_is_control(added.original)) cost += MF_CONTROL;
        if (begin->damaged) cost += search->how->leave + within_run(search, at);
    } else {
        added.damaged = begin->damaged && added.original != '\n';
    }
    added.cost = cost;
    added.total += cost;
    return add_arc(search, place_of(at + 1, 0), &added);
}

static int is_blank(const mf_text *text, size_t at) {
    return at < text->length && (mf_at(text, at) == ' ' || mf_at(text, at) == '\t');
}

/* What an original costs if it is ASCII that a marker took: mostly white space, of which the model
   knows neither indented lines nor carriage returns. */
static uint32_t weigh_lost_ascii(const search *search, uint32_t original, size_t behind,
                                 uint32_t cost) {
    const mf_text *text = search->text;
    switch (original) {
    case ' ':
        return cost + (ends_line(text, behind) ? TRAILING : 0);
    case '\n':
        return is_blank(text, behind) && is_blank(text, behind + 1) && cost > INDENTED ? INDENTED
                                                                                       : cost;
    case '\r':
        return search->how->returns && behind < text->length && mf_at(text, behind) == '\n' ? 0
                                                                                            : cost;
    default:
        return original < 0x80 ? cost + OTHER : cost;
    }
}

/* What the first candidates cost behind a node, and behind them all what one id more costs as it
   is: they wait for memory together. */
static int weigh_candidates(search *search, const node *begin, size_t count, uint32_t more) {
    size_t behind = begin->place / STATES + 1;
    uint32_t enter =
        begin->damaged ? 0 : search->how->enter + within_run(search, begin->place / STATES);
    int is_half = begin->place % STATES == HALF_MARKER;
    while (search->cost_capacity <= count || search->matched_capacity <= count) {
        if (!MF_RESERVE(search->costs, search->cost_capacity, search->cost_capacity)) return 0;
        if (!MF_RESERVE(search->matched, search->matched_capacity, search->matched_capacity))
            return 0;
    }
    for (size_t done = 0; done <= count; done += BATCH) {
        uint16_t ids[BATCH];
        size_t batch = count + 1 - done < BATCH ? count + 1 - done : BATCH;
        for (size_t i = 0; i < batch; i++)
            ids[i] = done + i < count ? search->candidates[done + i].id : (uint16_t)more;
        mf_model_costs(search->model, &begin->state, ids, batch, search->costs + done,
                       search->matched + done);
    }
    for (size_t i = 0; i < count; i++) {
        const candidate *candidate = &search->candidates[i];
        uint32_t *cost = &search->costs[i];
        if (candidate->count > 1) {
            uint32_t share = (uint32_t)(log(candidate->count) * MF_MODEL_UNITS_PER_NAT);
            *cost = *cost > share ? *cost - share : 0;
        }
        if (is_half) *cost = weigh_lost_ascii(search, candidate->original, behind, *cost);
        *cost += enter + (candidate->lone ? LONE : 0);
    }
    return 1;
}

/* How far above the least one the first `most` of some costs reach, by how many cost how much more
   than that. */
static uint32_t reach(const uint32_t counts[NEAR + 1], uint32_t most) {
    uint32_t above = 0;
    for (uint32_t count = counts[0]; above < NEAR && count < most; count += counts[above])
        above++;
    return above;
}

static int by_cost(const void *left, const void *right) {
    const candidate *a = left, *b = right;
    if (a->cost != b->cost) return a->cost < b->cost ? -1 : 1;
    return (a->original > b->original) - (a->original < b->original);
}

/* Of many candidates keep those that are likely behind the best node, in that order. */
static int keep_likely(search *search, const node *best) {
    size_t count = search->candidate_count, kept = 0;
    if (count <= FEW) return 1;
    if (!weigh_candidates(search, best, count, MF_MODEL_UNKNOWN)) return 0;
    uint32_t least = UINT32_MAX, counts[NEAR + 1] = {0};
    for (size_t i = 0; i < count; i++) {
        if (search->costs[i] < least) least = search->costs[i];
    }
    for (size_t i = 0; i < count; i++) {
        if (search->costs[i] <= least + NEAR) counts[search->costs[i] - least]++;
    }
    uint32_t most = least + reach(counts, MANY);
    for (size_t i = 0; i < count; i++) {
        if (search->costs[i] > most) continue;
        search->candidates[kept] = search->candidates[i];
        search->candidates[kept++].cost = search->costs[i];
    }
    qsort(search->candidates, kept, sizeof *search->candidates, by_cost);
    search->candidate_count = kept < MANY ? kept : MANY;
    return 1;
}

/* How many candidates are likely behind a node: the further it is behind the best one, the fewer.
 */
static size_t count_likely(const search *search, const node *begin, const node *best) {
    size_t count = search->candidate_count;
    if (count <= FEW) return count;
    int64_t most = search->candidates[0].cost + NEAR - (begin->best - best->best);
    while (count && search->candidates[count - 1].cost > most)
        count--;
    return count;
}

/* Add the arcs that begin at a node. */
static int leave_node(search *search, int32_t from, size_t count) {
    const node begin = search->nodes[from];
    size_t at = begin.place / STATES;
    int is_whole = begin.place % STATES == 0;
    uint32_t written = is_whole ? mf_model_id(search->model, mf_at(search->text, at)) : 0;
    if (!weigh_candidates(search, &begin, count, written)) return 0;
    for (size_t i = 0; i < count; i++) {
        const candidate *candidate = &search->candidates[i];
        uint32_t cost = search->costs[i];
        if (begin.half && search->how->wrong->character[begin.half << 8 | candidate->first]) {
            continue;
        }
        const arc added = {.total = begin.best + cost,
                           .from = from,
                           .original = candidate->original,
                           .cost = cost,
                           .id = candidate->id,
                           .half = candidate->half,
                           .matched = search->matched[i],
                           .damaged = 1};
        if (!add_arc(search, candidate->end, &added)) return 0;
    }
    arc added = {.total = begin.best,
                 .from = from,
                 .id = (uint16_t)written,
                 .matched = search->matched[count]};
    if (is_whole) return leave_as_written(search, &added, &begin, search->costs[count]);
    added.original = REPLACEMENT;
    added.cost = STRAY;
    added.total += STRAY;
    added.damaged = 1;
    return add_arc(search, place_of(at + 1, 0), &added);
}

/* The best first, and of equal ones what was found last. */
static int by_total(const void *left, const void *right) {
    const arc *a = left, *b = right;
    if (a->total != b->total) return a->total < b->total ? -1 : 1;
    if (a->from != b->from) return a->from < b->from ? -1 : 1;
    if (a->original != b->original) return a->original < b->original ? -1 : 1;
    return (a->next < b->next) - (a->next > b->next);
}

/* -log of the sum of two probabilities. */
static inline double plus(double a, double b) {
    if (a > b) {
        double smaller = b;
        b = a;
        a = smaller;
    }
    return b - a > 40 ? a : a - log1p(exp(a - b));
}

/* Make an arc an edge into the node of its state; most of the states were made by better arcs. */
static int take_arc(search *search, const arc *taken, size_t place, size_t first) {
    const node *from = &search->nodes[taken->from];
    node to = {.place = place,
               .best = taken->total,
               .first_edge = NONE,
               .damaged = taken->damaged,
               .half = taken->half};
    mf_model_follow(search->model, &from->state, taken->id, taken->matched, &to.state);
    size_t same = first;
    for (; same < search->node_count; same++) {
        const node *made = &search->nodes[same];
        if (made->damaged == to.damaged && made->half == to.half &&
            !memcmp(&made->state, &to.state, sizeof to.state)) {
            break;
        }
    }
    double alpha = from->alpha + (double)taken->cost / MF_MODEL_UNITS_PER_NAT;
    if (same == search->node_count) {
        if (same - first >= BEAM) return 1;
        if (!MF_RESERVE(search->nodes, search->node_capacity, search->node_count)) return 0;
        to.alpha = alpha;
        to.best_edge = (int32_t)search->edge_count;
        search->nodes[search->node_count++] = to;
    } else {
        search->nodes[same].alpha = plus(search->nodes[same].alpha, alpha);
    }
    if (!MF_RESERVE(search->edges, search->edge_capacity, search->edge_count)) return 0;
    search->edges[search->edge_count] = (edge){.from = taken->from,
                                               .next = search->nodes[same].first_edge,
                                               .original = taken->original,
                                               .cost = taken->cost,
                                               .flags = taken->flags};
    search->nodes[same].first_edge = (int32_t)search->edge_count++;
    return 1;
}

/* Of the arcs that end at a place leave the best, at least as many as are looked at. */
static size_t leave_best(search *search, size_t count, int64_t least) {
    if (count <= ARCS) return count;
    uint32_t counts[NEAR + 1] = {0};
    for (size_t i = 0; i < count; i++)
        counts[search->near[i].total - least]++;
    int64_t most = least + reach(counts, ARCS);
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        if (search->near[i].total <= most) search->near[left++] = search->near[i];
    }
    return left;
}

/* Make the nodes of a place from the arcs that end there. Returns 0 when memory runs out. */
static int enter_place(search *search, size_t place) {
    size_t count = 0, first = search->node_count, slot = place % (AHEAD * STATES);
    const int64_t least = search->least[slot];
    for (int32_t i = search->ring[slot]; i != NONE; i = search->arcs[i].next) {
        search->waiting--;
        if (search->arcs[i].total > least + NEAR) continue;
        if (!MF_RESERVE(search->near, search->near_capacity, count)) return 0;
        search->near[count] = search->arcs[i];
        search->near[count++].next = i;
    }
    empty_slot(search, slot);
    if (!search->waiting) search->arc_count = 0;
    count = leave_best(search, count, least);
    if (count > 1) qsort(search->near, count, sizeof *search->near, by_total);
    for (size_t i = 0; i < count && i < ARCS; i++) {
        if (!take_arc(search, &search->near[i], place, first)) return 0;
    }
    return 1;
}

/* Write the place of an edge of the best path, with what else may stand there. */
static void write_place(const search *search, mf_place *place, int32_t to, const edge *chosen,
                        double total) {
    size_t start = search->nodes[chosen->from].place, end = search->nodes[to].place;
    *place =
        (mf_place){.start = start / STATES, .original = chosen->original, .flags = chosen->flags};
    size_t first = (size_t)to, last = (size_t)to;
    while (first > 0 && search->nodes[first - 1].place == end)
        first--;
    while (last + 1 < search->node_count && search->nodes[last + 1].place == end)
        last++;
    struct {
        uint32_t original;
        uint8_t flags;
        double posterior;
    } sums[ARCS];
    size_t count = 1;
    sums[0].original = chosen->original;
    sums[0].flags = chosen->flags;
    sums[0].posterior = 0;
    for (size_t i = first; i <= last; i++) {
        for (int32_t j = search->nodes[i].first_edge; j != NONE; j = search->edges[j].next) {
            const edge *edge = &search->edges[j];
            const node *from = &search->nodes[edge->from];
            if (from->place != start) continue;
            double cost = from->alpha + (double)edge->cost / MF_MODEL_UNITS_PER_NAT +
                          search->nodes[i].beta - total;
            size_t k = 0;
            while (k < count &&
                   (sums[k].original != edge->original || sums[k].flags != edge->flags)) {
                k++;
            }
            if (k == count) {
                if (count == ARCS) continue;
                sums[count].original = edge->original;
                sums[count].flags = edge->flags;
                sums[count++].posterior = 0;
            }
            sums[k].posterior += exp(-cost);
        }
    }
    place->posterior = sums[0].posterior > 1 ? 1 : (float)sums[0].posterior;
    if (place->posterior * 1000 >= UNSURE_PERMILLE) return;
    for (size_t k = 1; k < count; k++)
        mf_offer(place, sums[k].original, (float)sums[k].posterior);
}

static double sum_to_end(search *search, size_t first_end) {
    double total = INFINITY;
    for (size_t i = 0; i < search->node_count; i++) {
        search->nodes[i].beta = i < first_end ? INFINITY : 0;
        if (i >= first_end) total = plus(search->nodes[i].alpha, total);
    }
    for (size_t i = search->node_count; i-- > 1;) {
        const node *to = &search->nodes[i];
        if (to->beta == INFINITY) continue;
        for (int32_t j = to->first_edge; j != NONE; j = search->edges[j].next) {
            node *from = &search->nodes[search->edges[j].from];
            double cost = to->beta + (double)search->edges[j].cost / MF_MODEL_UNITS_PER_NAT;
            from->beta = plus(from->beta, cost);
        }
    }
    return total;
}

/* Close a segment at its last nodes: write the places of the best path, and begin anew at its
   end. */
static int close_segment(search *search, size_t first_end) {
    mf_restored *restored = search->restored;
    size_t best = first_end;
    for (size_t i = first_end + 1; i < search->node_count; i++) {
        if (search->nodes[i].best < search->nodes[best].best) best = i;
    }
    double total = sum_to_end(search, first_end);
    size_t length = 0;
    for (int32_t i = (int32_t)best; i != 0; i = search->edges[search->nodes[i].best_edge].from)
        length++;
    while (restored->count + length > restored->capacity) {
        if (!MF_RESERVE(restored->places, restored->capacity, restored->capacity)) return 0;
    }
    size_t at = restored->count + length;
    for (int32_t i = (int32_t)best; i != 0;) {
        const edge *chosen = &search->edges[search->nodes[i].best_edge];
        write_place(search, &restored->places[--at], i, chosen, total);
        i = chosen->from;
    }
    restored->count += length;
    restored->cost += total;
    node first = search->nodes[best];
    first.alpha = 0;
    first.best = 0;
    first.first_edge = first.best_edge = NONE;
    search->nodes[0] = first;
    search->node_count = 1;
    search->edge_count = search->arc_count = search->waiting = 0;
    for (size_t i = 0; i < AHEAD * STATES; i++)
        empty_slot(search, i);
    return 1;
}

/* Pass a character that can only stand as it was written, when there is one node only. */
static int pass(search *search) {
    mf_restored *restored = search->restored;
    node *only = &search->nodes[0];
    size_t at = only->place / STATES;
    uint32_t observed = mf_at(search->text, at);
    uint32_t cost = mf_model_cost(search->model, &only->state, mf_model_id(search->model, observed),
                                  &only->state);
    if (!MF_RESERVE(restored->places, restored->capacity, restored->count)) return 0;
    restored->places[restored->count++] =
        (mf_place){.start = at, .original = observed, .flags = MF_LITERAL, .posterior = 1};
    if (only->damaged && observed >= 0x80) cost += search->how->leave;
    if (observed >= 0x80 || observed == '\n') only->damaged = 0;
    restored->cost += (double)cost / MF_MODEL_UNITS_PER_NAT;
    only->place = place_of(at + 1, 0);
    return 1;
}

static int is_plain(const search *search, size_t at) {
    return !is_image(search, mf_at(search->text, at)) && !is_marker(search, at);
}

static int run(search *search) {
    const mf_text *text = search->text;
    if (!MF_RESERVE(search->nodes, search->node_capacity, 0)) return 0;
    node start = {.first_edge = NONE, .best_edge = NONE};
    mf_model_start(search->model, &start.state);
    search->nodes[0] = start;
    search->node_count = 1;
    size_t begun = 0;
    for (size_t at = 0;;) {
        while (search->node_count == 1 && !search->waiting && at < text->length &&
               is_plain(search, at)) {
            if (!pass(search)) return 0;
            begun = ++at;
        }
        for (unsigned state = 0; state < STATES; state++) {
            size_t place = place_of(at, state), first = search->node_count;
            if (state == 0 && first == 1 && search->nodes[0].place == place) {
                first = 0;
            } else if (!enter_place(search, place)) {
                return 0;
            }
            size_t end = search->node_count;
            if (first == end) continue;
            int alone = state == 0 && !search->waiting && end == first + 1;
            if (state == 0 && first && (alone || at == text->length || at - begun >= SEGMENT)) {
                if (!close_segment(search, first)) return 0;
                first = 0;
                end = 1;
                begun = at;
            }
            if (at == text->length) return 1;
            if (first == 0 && is_plain(search, at)) {
                if (!pass(search)) return 0;
                begun = at + 1;
                break;
            }
            list_candidates(search, place);
            if (search->failed || !keep_likely(search, &search->nodes[first])) return 0;
            for (size_t i = first; i < end; i++) {
                size_t count = count_likely(search, &search->nodes[i], &search->nodes[first]);
                if (!leave_node(search, (int32_t)i, count)) return 0;
            }
        }
        at++;
    }
}

int mf_transcode(const mf_model *model, const mf_transcoding *transcoding, const mf_text *text,
                 mf_restored *restored) {
    *restored = (mf_restored){0};
    if (!text->length) return 1;
    search *state = calloc(1, sizeof *state);
    if (!state) return 0;
    state->model = model;
    state->how = transcoding;
    state->text = text;
    state->restored = restored;
    for (size_t i = 0; i < AHEAD * STATES; i++)
        empty_slot(state, i);
    if (transcoding->marker) look_up_continuations(state);
    int ok = run(state);
    free(state->nodes);
    free(state->edges);
    free(state->arcs);
    free(state->near);
    free(state->candidates);
    free(state->costs);
    free(state->matched);
    free(state);
    return ok;
}
