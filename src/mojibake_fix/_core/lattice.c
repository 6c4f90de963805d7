#include "growing.h"
#include "listing.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    BEAM = 24,       /* states kept at one place */
    BLIND_BEAM = 32, /* ... of a blind layer */
    ARCS = 64,       /* arcs into one place that are looked at */
    RING = 16,       /* more than MF_LONGEST, a power of two */
    SEGMENT = 1024,  /* places after which only the best path goes on */
    NONE = -1,
    CAPITALS = 4 * MF_MODEL_UNITS_PER_NAT, /* what beginning, or leaving off, in capitals costs */
    NATS = 40, /* beyond which a double cannot tell a sum of probabilities from the greater one */
    UNSURE_PERMILLE = 999, /* posterior from which alternatives are of no interest */
};

/* Posterior from which an original is outside the vocabulary beyond doubt. */
#define UNKNOWN 0.95

/* Part beyond which another path is taken to tell parts of. */
#define LARGE 1e100

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

/* Candidates as they are, and then the capitals among them as small letters; and their costs behind
   one node. */
typedef struct {
    size_t count;
    uint16_t ids[2 * MF_CANDIDATES];
    uint32_t costs[2 * MF_CANDIDATES];
    uint8_t matched[2 * MF_CANDIDATES];
    size_t small[MF_CANDIDATES]; /* place of a capital's small letter in the list, or 0 */
} readings;

typedef struct {
    const mf_model *model;
    const mf_text *text;
    const uint8_t *given;
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
    readings readings;
    mf_model_asked asked[BLIND_BEAM]; /* of each node that is left */
    mf_listing listing;               /* of the place that is left now */
} lattice;

/* What it costs to begin with capitals behind a node: more behind a small letter. */
static uint32_t cost_of_capitals(const lattice *lattice, const node *from) {
    if (from->in_capitals) return 0;
    uint16_t before = from->state.ids[0];
    return before && mf_small_of(&lattice->listing, before) == before ? 2 * CAPITALS : CAPITALS;
}

/* List the readings of all candidates. */
static void list_readings(lattice *lattice) {
    readings *list = &lattice->readings;
    list->count = lattice->listing.count;
    for (size_t i = 0; i < lattice->listing.count; i++) {
        uint16_t id = lattice->listing.candidates[i].id, small = mf_small_of(&lattice->listing, id);
        int is_capital = small && small != id;
        list->ids[i] = id;
        list->small[i] = is_capital ? list->count : 0;
        if (is_capital) list->ids[list->count++] = small;
    }
}

static void price(lattice *lattice, const node *from, const mf_model_asked *asked) {
    const mf_candidate *candidates = lattice->listing.candidates;
    readings *list = &lattice->readings;
    size_t count = lattice->listing.count;
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
        if (from->in_capitals && mf_small_of(&lattice->listing, list->ids[i])) *cost += CAPITALS;
        if (!list->small[i]) continue;
        list->costs[list->small[i]] += candidates[i].price + begin;
    }
}

/* Add the arc of a reading of a candidate, behind which so much is owed, unless it is so much worse
   than another one that it would be dropped later. */
static int add_arc(lattice *lattice, const mf_candidate *read, size_t reading, int32_t from,
                   uint32_t owed, int in_capitals) {
    const readings *list = &lattice->readings;
    int64_t total = lattice->nodes[from].best + list->costs[reading], sure = total + owed;
    if (sure > lattice->least + MF_NEAR) return 1;
    mf_model_expect(lattice->model, &lattice->nodes[from].state, list->ids[reading],
                    list->matched[reading]);
    if (!MF_RESERVE(lattice->arcs, lattice->arc_capacity, lattice->arc_count)) return 0;
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
    for (size_t i = 0; i < lattice->listing.count; i++) {
        const mf_candidate *read = &lattice->listing.candidates[i];
        uint32_t owed = mf_owed_behind(&lattice->listing, read->end);
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
        if (from->best + due > lattice->least + MF_NEAR) break; /* best come first */
        mf_model_ask(lattice->model, &from->state, list->ids, list->count,
                     &lattice->asked[i - first]);
    }
    for (size_t i = first; i < end; i++) {
        if (lattice->nodes[i].best + due > lattice->least + MF_NEAR) break;
        if (!leave_node(lattice, (int32_t)i, &lattice->asked[i - first])) return 0;
    }
    return 1;
}

/* Add the arcs that begin at a place, whose nodes begin with `first`: those first behind which
   nothing is owed, as it is often not worth to look for the others any more. */
static int leave_place(lattice *lattice, size_t at, size_t first) {
    mf_listing *listing = &lattice->listing;
    size_t end = lattice->node_count;
    mf_listing_move(listing, at);
    uint32_t literal_owes;
    const mf_candidate literal = mf_literal(listing, &literal_owes);
    const int64_t floor = lattice->nodes[first].best;
    int lists = mf_may_be_form(listing, at);
    for (uint32_t due = lists ? 0 : literal_owes, next; due != MF_UNSET; due = next) {
        int64_t most = lattice->least + MF_NEAR - floor - due;
        if (most < 0) break; /* and more even more so */
        listing->count = 0;
        if (lists) mf_list(listing, due, most);
        next = lists ? mf_due_after(listing, due) : MF_UNSET;
        if (literal_owes == due) listing->candidates[listing->count++] = literal;
        if (literal_owes > due && literal_owes < next) next = literal_owes;
        if (!listing->count) continue;
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
    if (!MF_RESERVE(lattice->lesser_alphas, lattice->alphas_capacity, (to + 1) * MF_LESSER))
        return 0;
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
        if (same - first >= (mf_is_blind(&lattice->listing) ? BLIND_BEAM : BEAM)) return 1;
        if (!MF_RESERVE(lattice->nodes, lattice->node_capacity, lattice->node_count)) return 0;
        from = &lattice->nodes[taken->from]; /* nodes may have moved */
        to.origin = cost;
        if (from->alpha > LARGE) to.origin -= (int64_t)(log(from->alpha) * MF_MODEL_UNITS_PER_NAT);
        to.best_edge = (int32_t)lattice->edge_count;
        lattice->nodes[lattice->node_count++] = to;
    }
    double part = probability(lattice, cost - lattice->nodes[same].origin);
    lattice->nodes[same].alpha += from->alpha * part;
    if (!lattice->restored) {
        return !lattice->lesser || add_lesser(lattice, taken, same, is_made, part);
    }
    if (!MF_RESERVE(lattice->edges, lattice->edge_capacity, lattice->edge_count)) return 0;
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
    int64_t most = lattice->least + MF_NEAR - mf_owed_at(&lattice->listing, place);
    for (int32_t i = *head; i != NONE; i = lattice->arcs[i].next) {
        lattice->waiting--;
        if (lattice->arcs[i].total > most) continue;
        if (!MF_RESERVE(lattice->near, lattice->near_capacity, count)) return 0;
        lattice->near[count++] = lattice->arcs[i];
    }
    *head = NONE;
    lattice->least = INT64_MAX - MF_NEAR;
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

void mf_offer(mf_place *place, uint32_t original, float posterior) {
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
        if (sums[k].original == MF_REPLACEMENT && !(sums[k].flags & MF_LITERAL)) {
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
            mf_offer(place, sums[k].original, (float)sums[k].posterior);
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
        if (!MF_RESERVE(restored->places, restored->capacity, restored->capacity)) return 0;
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
    if (!MF_RESERVE(restored->places, restored->capacity, restored->count)) return 0;
    restored->places[restored->count++] = (mf_place){
        .start = at, .original = code_point, .flags = MF_LITERAL | MF_GIVEN, .posterior = 1};
    return 1;
}

static void empty_ring(lattice *lattice) {
    for (int i = 0; i < RING; i++)
        lattice->ring[i] = NONE;
    lattice->least = INT64_MAX - MF_NEAR;
    lattice->waiting = lattice->arc_count = 0;
}

/* May the only arc behind the only node be passed? It is certain, but for what is unknown. */
static int is_certain(const lattice *lattice) {
    if (lattice->node_count != 1 || lattice->waiting != 1) return 0;
    const arc *only = &lattice->arcs[0];
    return only->original != MF_REPLACEMENT || only->flags & MF_LITERAL;
}

/* Pass the only arc behind the only node: nothing has to be weighed. */
static int pass_arc(lattice *lattice, size_t *at) {
    mf_restored *restored = lattice->restored;
    const arc only = lattice->arcs[0];
    node *node = &lattice->nodes[0];
    double cost = cost_of(1, only.cost);
    mf_model_follow(lattice->model, &node->state, only.id, only.matched, &node->state);
    node->in_capitals = only.in_capitals;
    lattice->cost += cost;
    for (size_t i = 0; lattice->lesser && i < lattice->lesser->count; i++)
        lattice->lesser_cost[i] += only.beyond >> i & 1 ? (double)INFINITY : cost;
    const size_t start = *at;
    while (lattice->ring[++*at % RING] == NONE) {
    }
    node->place = *at;
    empty_ring(lattice);
    if (!restored) return 1;
    if (!MF_RESERVE(restored->places, restored->capacity, restored->count)) return 0;
    restored->places[restored->count++] =
        (mf_place){.start = start, .original = only.original, .flags = only.flags, .posterior = 1};
    return 1;
}

/* Can a code point that is given only have been one thing? */
static int is_plain(const lattice *lattice, size_t at) {
    if (!lattice->given[at] || lattice->nodes[0].in_capitals) return 0;
    uint16_t id = (uint16_t)mf_model_id(lattice->model, mf_at(lattice->text, at));
    uint16_t small = mf_small_of(&lattice->listing, id);
    return !small || small == id;
}

/* Go through a text from its beginning, as far as it costs no more than `most`. Returns 0 when
   memory runs out. */
static int run(lattice *lattice, const mf_text *text, const uint8_t *given, double most) {
    size_t length = text->length, begun = 0, at = 0;
    lattice->text = lattice->listing.text = text;
    lattice->given = lattice->listing.given = given;
    lattice->cost = 0;
    empty_ring(lattice);
    if (lattice->lesser) {
        if (!MF_RESERVE(lattice->lesser_alphas, lattice->alphas_capacity, MF_LESSER)) return 0;
        for (int i = 0; i < MF_LESSER; i++)
            lattice->lesser_alphas[i] = 1;
        memset(lattice->lesser_cost, 0, sizeof lattice->lesser_cost);
    }
    if (!MF_RESERVE(lattice->nodes, lattice->node_capacity, 0)) return 0;
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
        if (at == length || lattice->cost > most) return 1;
        if (!leave_place(lattice, at, first)) return 0;
        if (is_certain(lattice)) {
            if (!pass_arc(lattice, &at)) return 0;
            begun = at;
            continue;
        }
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
    mf_listing_open(&opened->listing, model, forms, literal);
    for (int i = 0; i < NATS; i++)
        opened->nats[i] = exp(-i);
    for (int i = 0; i < MF_MODEL_UNITS_PER_NAT; i++)
        opened->units[i] = exp((double)-i / MF_MODEL_UNITS_PER_NAT);
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
    int ok = run(lattice, text, given, INFINITY);
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
    lattice->lesser = lattice->listing.lesser = lesser->count ? lesser : NULL;
    double sum = 0;
    size_t lines = *count;
    int ok = 1;
    *count = 0;
    for (size_t start = 0, end; start < text->length && *count < lines; start = end) {
        for (end = start; end < text->length && mf_at(text, end) != '\n';)
            end++;
        if (end < text->length) end++;
        const mf_text line = mf_part(text, start, end);
        ok = run(lattice, &line, given + start, most[*count] - sum);
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
