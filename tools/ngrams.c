/* N-grams: the heavy half of train_model.py, which compiles this file and calls it.

   Every distinct n-gram is a node of its order. A node knows its history (the n-gram less its
   last id) and its suffix (less its first), both nodes one order below, so that nothing has to
   be looked up after counting. One training at a time: the state is global. */
#include "fuse.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

enum {
    ORDER = MF_MODEL_ORDER,
    LINE = MF_MODEL_LINE,
    GAP = 0xFFFF, /* in place of an id: nothing stands here */
    CLASSES = 8,
    MOST_COST = 32 * MF_MODEL_UNITS_PER_NAT, /* a probability below e^-32 is a mistake */
    AHEAD = 16,                              /* tokens to prefetch */
};

#define NO_NODE UINT32_MAX

typedef struct {
    uint32_t count;
    uint32_t *history, *suffix;
    uint32_t *seen;     /* occurrences in the training text */
    uint32_t *count_of; /* as Kneser and Ney count, see estimate */
    uint16_t *id;       /* the last one */
    float *p;
    float *leave; /* as a context: factor of the shorter context's probability */
    float *loss;  /* nats of training text that its removal costs */
    uint8_t *kept, *is_context;
} order_nodes;

static order_nodes nodes[ORDER + 1];   /* by order */
static uint32_t *held_node[ORDER + 1]; /* the node of the n-gram that ends at each held token */
static const uint16_t *held;
static size_t held_count;
static const uint8_t *class_of; /* of ids: those with one way of discounting */

/* Counting */

typedef struct {
    uint64_t key; /* history << 16 | id, plus 1 */
    uint32_t node, seen;
} slot;

typedef struct {
    slot *slots;
    uint64_t mask;
    uint32_t count;
} counter;

static uint64_t slot_of(const counter *table, uint64_t key) {
    return (key * UINT64_C(0x9E3779B97F4A7C15)) >> 20 & table->mask;
}

static slot *find(const counter *table, uint64_t key) {
    uint64_t at = slot_of(table, key);
    while (table->slots[at].key && table->slots[at].key != key)
        at = (at + 1) & table->mask;
    return &table->slots[at];
}

static void grow(counter *table) {
    counter larger = {get(2 * (table->mask + 1), sizeof(slot)), 2 * table->mask + 1, table->count};
    for (uint64_t i = 0; i <= table->mask; i++) {
        if (table->slots[i].key) *find(&larger, table->slots[i].key) = table->slots[i];
    }
    free(table->slots);
    *table = larger;
}

/* Text whose n-grams all count so many times: up to token `end`. */
typedef struct {
    size_t end;
    uint32_t times;
} section;

/* Key of the n-gram that ends at token i, whose history ends in node `before`; 0 for none. No
   n-gram has a line end inside, or a gap anywhere. */
static uint64_t key_at(const uint16_t *tokens, size_t i, int order, uint32_t before) {
    if (before == NO_NODE || tokens[i] == GAP || (order > 2 && tokens[i - 1] == LINE)) return 0;
    return ((uint64_t)before << 16 | tokens[i]) + 1;
}

/* Count one order. `ends` holds the node of the order below that ends at each token, and then
   that of this order. */
static void count_order(const uint16_t *tokens, const section *sections, size_t count, int order,
                        uint32_t *ends) {
    counter table = {get(1 << 20, sizeof(slot)), (1 << 20) - 1, 0};
    order_nodes *list = &nodes[order];
    uint32_t capacity = 1 << 20, before = NO_NODE;
    uint32_t *suffix = get(capacity, sizeof *suffix);
    for (size_t i = 0; i < count; i++) {
        while (i == sections->end)
            sections++;
        if (i + AHEAD < count) {
            uint64_t soon = key_at(tokens, i + AHEAD, order, ends[i + AHEAD - 1]);
            __builtin_prefetch(&table.slots[slot_of(&table, soon)]);
        }
        uint64_t key = i ? key_at(tokens, i, order, before) : 0;
        before = ends[i];
        ends[i] = NO_NODE;
        if (!key) continue;
        slot *entry = find(&table, key);
        if (!entry->key) {
            if (table.count == capacity) {
                capacity *= 2;
                suffix = realloc(suffix, capacity * sizeof *suffix);
                if (!suffix) abort();
            }
            suffix[table.count] = before;
            *entry = (slot){key, table.count++, 0};
        }
        entry->seen += sections->times;
        ends[i] = entry->node;
        if (3 * (uint64_t)table.count > 2 * table.mask) grow(&table);
    }
    list->count = table.count;
    list->suffix = realloc(suffix, (table.count ? table.count : 1) * sizeof *suffix);
    list->history = get(table.count, sizeof *list->history);
    list->id = get(table.count, sizeof *list->id);
    list->seen = get(table.count, sizeof *list->seen);
    for (uint64_t i = 0; i <= table.mask; i++) {
        const slot *entry = &table.slots[i];
        if (!entry->key) continue;
        list->history[entry->node] = (uint32_t)((entry->key - 1) >> 16);
        list->id[entry->node] = (uint16_t)((entry->key - 1) & 0xFFFF);
        list->seen[entry->node] = entry->seen;
    }
    held_node[order] = get(held_count, sizeof **held_node);
    for (size_t i = 0; i < held_count; i++) {
        uint64_t key = i ? key_at(held, i, order, held_node[order - 1][i - 1]) : 0;
        const slot *entry = key ? find(&table, key) : NULL;
        held_node[order][i] = entry && entry->key ? entry->node : NO_NODE;
    }
    free(table.slots);
}

/* Count all n-grams of `tokens`, lines with a LINE before, between and behind them, words with a
   GAP, and remember those of `held_tokens`. The sections cover all tokens. Keeps the pointers. */
EXPORT void ngrams_count(const uint16_t *tokens, const section *sections, size_t count,
                         const uint16_t *held_tokens, size_t held_tokens_count, uint32_t ids,
                         const uint8_t *classes) {
    held = held_tokens;
    held_count = held_tokens_count;
    class_of = classes;
    uint32_t *ends = get(count, sizeof *ends);
    order_nodes *alone = &nodes[1];
    alone->count = ids;
    alone->id = get(ids, sizeof *alone->id);
    alone->seen = get(ids, sizeof *alone->seen);
    for (uint32_t id = 0; id < ids; id++)
        alone->id[id] = (uint16_t)id;
    const section *within = sections;
    for (size_t i = 0; i < count; i++) {
        while (i == within->end)
            within++;
        ends[i] = tokens[i] == GAP ? NO_NODE : tokens[i];
        if (tokens[i] != GAP) alone->seen[tokens[i]] += within->times;
    }
    held_node[1] = get(held_count, sizeof **held_node);
    for (size_t i = 0; i < held_count; i++)
        held_node[1][i] = held[i];
    for (int order = 2; order <= ORDER; order++)
        count_order(tokens, sections, count, order, ends);
    free(ends);
    for (int order = 1; order <= ORDER; order++) {
        order_nodes *list = &nodes[order];
        list->count_of = get(list->count, sizeof *list->count_of);
        list->p = get(list->count, sizeof *list->p);
        list->leave = get(list->count, sizeof *list->leave);
        list->loss = get(list->count, sizeof *list->loss);
        list->kept = get(list->count, 1);
        list->is_context = get(list->count, 1);
        memset(list->kept, 1, list->count);
    }
}

/* Estimation */

typedef struct {
    double discount[4]; /* of counts 1, 2 and all above */
} discounts;

/* Chen and Goodman 1999, section 3: from the numbers of n-grams that are counted once to four
   times. */
static discounts discounts_of(const double n[5]) {
    discounts found = {{0, 0.5, 0.75, 0.9}};
    double y = n[1] / (n[1] + 2 * n[2]);
    for (int c = 1; c <= 3; c++) {
        if (n[c] <= 0) continue;
        double discount = c - (c + 1) * y * n[c + 1] / n[c];
        if (discount > 0.05 && discount < c) found.discount[c] = discount;
    }
    return found;
}

static double discount(const discounts *by, uint32_t count) {
    return by->discount[count < 3 ? count : 3];
}

/* How often does a node of this order count? As often as different nodes one order above end in
   it; but what was pruned above counts in full (Siivola, Hirsimäki and Virpioja 2007), and so
   does what has nothing before it, at the beginning of a line or word. Beginnings of words say
   nothing of how usual a character is. */
static void set_counts(int order) {
    order_nodes *list = &nodes[order];
    if (order == ORDER) {
        memcpy(list->count_of, list->seen, list->count * sizeof *list->seen);
        return;
    }
    const order_nodes *above = &nodes[order + 1];
    memcpy(list->count_of, list->seen, list->count * sizeof *list->seen);
    for (uint32_t i = 0; i < above->count; i++)
        list->count_of[above->suffix[i]] -= above->seen[i];
    if (order == 1) {
        memset(list->count_of, 0, list->count * sizeof *list->count_of);
    }
    for (uint32_t i = 0; i < above->count; i++) {
        list->count_of[above->suffix[i]] += above->kept[i] ? 1 : above->count_of[i];
    }
    for (uint32_t i = 0; order == 1 && i < list->count; i++) {
        if (!list->count_of[i]) list->count_of[i] = list->seen[i];
    }
}

/* Class of a node's discount: of the last id of its history. */
static unsigned discount_class(int order, uint32_t node) {
    return order > 1 ? class_of[nodes[order - 1].id[nodes[order].history[node]]] : 0;
}

static void get_discounts(int order, discounts by_class[CLASSES]) {
    double counted[CLASSES][5] = {{0}};
    const order_nodes *list = &nodes[order];
    for (uint32_t i = 0; i < list->count; i++) {
        uint32_t count = list->count_of[i];
        if (count && count < 5) counted[discount_class(order, i)][count]++;
    }
    for (int i = 0; i < CLASSES; i++)
        by_class[i] = discounts_of(counted[i]);
}

/* Interpolated modified Kneser-Ney over the n-grams that are kept: what is not kept gives all
   its mass to the shorter context. */
static void estimate_order(int order) {
    order_nodes *list = &nodes[order], *below = &nodes[order - 1];
    discounts by_class[CLASSES];
    get_discounts(order, by_class);
    uint32_t contexts = order > 1 ? below->count : 1;
    double *sum = get(contexts, sizeof *sum), *left = get(contexts, sizeof *left);
    if (order > 1) memset(below->is_context, 0, below->count);
    for (uint32_t i = 0; i < list->count; i++) {
        uint32_t context = order > 1 ? list->history[i] : 0, count = list->count_of[i];
        const discounts *by = &by_class[discount_class(order, i)];
        sum[context] += count;
        left[context] += list->kept[i] && count ? discount(by, count) : count;
        if (order > 1) below->is_context[context] |= list->kept[i];
    }
    for (uint32_t i = 0; order > 1 && i < contexts; i++) {
        below->leave[i] = sum[i] > 0 ? (float)(left[i] / sum[i]) : 1;
    }
    for (uint32_t i = 0; i < list->count; i++) {
        uint32_t context = order > 1 ? list->history[i] : 0, count = list->count_of[i];
        const discounts *by = &by_class[discount_class(order, i)];
        double shorter = order > 1 ? below->p[list->suffix[i]] : 1.0 / list->count;
        double own = list->kept[i] && count ? count - discount(by, count) : 0;
        list->p[i] = (float)((own + left[context] * shorter) / sum[context]);
    }
    free(sum);
    free(left);
}

EXPORT void ngrams_estimate(void) {
    for (int order = ORDER; order >= 1; order--)
        set_counts(order);
    for (int order = 1; order <= ORDER; order++)
        estimate_order(order);
}

/* Pruning */

/* What the removal of each n-gram alone would cost in nats of training text, times the weight of
   the heaviest of its ids; nothing where it is longer than one of its ids allows. To be called
   while all n-grams are kept. */
EXPORT void ngrams_weigh(const float *weight_of, const uint8_t *longest_with) {
    float *weight[ORDER + 1];
    uint8_t *longest[ORDER + 1];
    for (int order = 1; order <= ORDER; order++) {
        order_nodes *list = &nodes[order];
        weight[order] = get(list->count, sizeof(float));
        longest[order] = get(list->count, 1);
        for (uint32_t i = 0; i < list->count; i++) {
            uint32_t id = list->id[i];
            weight[order][i] = weight_of[id];
            longest[order][i] = longest_with[id];
            if (order == 1) continue;
            const order_nodes *below = &nodes[order - 1];
            uint32_t history = list->history[i];
            if (weight[order - 1][history] > weight[order][i]) {
                weight[order][i] = weight[order - 1][history];
            }
            /* Only the last two ids limit the length. */
            if (longest_with[below->id[history]] < longest[order][i]) {
                longest[order][i] = longest_with[below->id[history]];
            }
            double leave = below->leave[history];
            double shorter = below->p[list->suffix[i]], p = list->p[i];
            double own = p - leave * shorter; /* goes to the shorter context */
            double without = (leave + own) * shorter;
            double loss = p * log(p / without) + leave * log(leave / (leave + own));
            int allowed = order <= longest[order][i] && loss > 0;
            list->loss[i] = allowed ? (float)(loss * below->seen[history]) * weight[order][i] : 0;
        }
    }
    for (int order = 1; order <= ORDER; order++) {
        free(weight[order]);
        free(longest[order]);
    }
}

/* Keep what loses more than `least`, and with each n-gram its beginning and its end. Returns the
   number of keys: n-grams of two ids and more, and contexts of two ids and more. */
static uint32_t keep(float least) {
    uint32_t keys = 0;
    for (int order = ORDER; order >= 2; order--) {
        order_nodes *list = &nodes[order], *below = &nodes[order - 1];
        if (order == ORDER) memset(list->kept, 0, list->count);
        if (order > 2) memset(below->kept, 0, below->count);
        memset(below->is_context, 0, below->count);
        for (uint32_t i = 0; i < list->count; i++) {
            if (list->loss[i] > least) list->kept[i] = 1;
            if (!list->kept[i]) continue;
            keys++;
            below->kept[list->suffix[i]] = below->kept[list->history[i]] = 1;
            if (!below->is_context[list->history[i]]) {
                below->is_context[list->history[i]] = 1;
                keys += order > 2;
            }
        }
    }
    return keys;
}

/* Prune to at most so many keys; returns their number. */
EXPORT uint32_t ngrams_prune(uint32_t most) {
    float low = 0, high = 1e9F;
    if (keep(low) <= most) return keep(low);
    for (int i = 0; i < 48; i++) {
        float middle = low > 0 ? sqrtf(low * high) : high * 1e-12F;
        if (keep(middle) <= most) {
            high = middle;
        } else {
            low = middle;
        }
    }
    return keep(high);
}

EXPORT void ngrams_keep_all(void) {
    for (int order = 1; order <= ORDER; order++)
        memset(nodes[order].kept, 1, nodes[order].count);
}

/* Numbers of nodes and of those kept, and of contexts, by order. */
EXPORT void ngrams_numbers(uint32_t numbers[3][ORDER]) {
    for (int order = 1; order <= ORDER; order++) {
        const order_nodes *list = &nodes[order];
        numbers[0][order - 1] = list->count;
        numbers[1][order - 1] = numbers[2][order - 1] = 0;
        for (uint32_t i = 0; i < list->count; i++) {
            numbers[1][order - 1] += list->kept[i];
            numbers[2][order - 1] += list->is_context[i];
        }
    }
}

/* -log p of each held token under the estimate, in nats. */
EXPORT void ngrams_held_costs(float *costs) {
    for (size_t i = 0; i < held_count; i++) {
        double p = nodes[1].p[held[i]];
        for (int order = 2; order <= ORDER && i; order++) {
            uint32_t context = held_node[order - 1][i - 1], node = held_node[order][i];
            if (context == NO_NODE || (order > 2 && held[i - 1] == LINE)) break;
            /* A context that the training text does not continue leaves for nothing. */
            p = node != NO_NODE ? nodes[order].p[node] : p * nodes[order - 1].leave[context];
        }
        costs[i] = (float)-log(p);
    }
}

/* Quantisation */

static uint32_t cost_of(double p) {
    double cost = -log(p) * MF_MODEL_UNITS_PER_NAT;
    if (!(cost > 0)) return 0;
    return cost < MOST_COST ? (uint32_t)lround(cost) : MOST_COST - 1;
}

/* The codebook with the least sum of squared errors over a histogram of costs, in order, by
   dynamic programming. Returns the number of its codes. */
static uint32_t best_codebook(const double histogram[MOST_COST], uint32_t codes,
                              uint16_t codebook[MF_MODEL_CODES]) {
    static double mass[MOST_COST + 1], first[MOST_COST + 1], second[MOST_COST + 1];
    static double least[MF_MODEL_CODES + 1][MOST_COST + 1];
    static uint16_t from[MF_MODEL_CODES + 1][MOST_COST + 1];
    uint32_t used = 0;
    for (uint32_t i = 0; i < MOST_COST; i++) {
        mass[i + 1] = mass[i] + histogram[i];
        first[i + 1] = first[i] + histogram[i] * i;
        second[i + 1] = second[i] + histogram[i] * i * i;
        used += histogram[i] > 0;
    }
    if (codes > used) codes = used;
    if (!codes) return 0;
    for (uint32_t i = 1; i <= MOST_COST; i++)
        least[0][i] = INFINITY;
    least[0][0] = 0;
    for (uint32_t k = 1; k <= codes; k++) {
        for (uint32_t end = 0; end <= MOST_COST; end++) {
            least[k][end] = INFINITY;
            for (uint32_t start = 0; start < end; start++) {
                double m = mass[end] - mass[start], s = first[end] - first[start];
                double error = m > 0 ? second[end] - second[start] - s * s / m : 0;
                if (least[k - 1][start] + error >= least[k][end]) continue;
                least[k][end] = least[k - 1][start] + error;
                from[k][end] = (uint16_t)start;
            }
        }
    }
    for (uint32_t k = codes, end = MOST_COST; k; k--) {
        uint32_t start = from[k][end];
        double m = mass[end] - mass[start];
        codebook[k - 1] = (uint16_t)lround(m > 0 ? (first[end] - first[start]) / m : 0);
        end = start;
    }
    return codes;
}

static uint32_t nearest(const uint16_t *codebook, uint32_t codes, uint32_t cost) {
    uint32_t best = 0;
    for (uint32_t code = 1; code < codes; code++) {
        if (abs((int)codebook[code] - (int)cost) < abs((int)codebook[best] - (int)cost)) {
            best = code;
        }
    }
    return best;
}

/* The table */

/* Hash of a node's ids as those of a context, from the latest to the first; as those of an
   n-gram, whose last id comes behind its history. */
static uint64_t hash_of(uint64_t seed, int order, uint32_t node, int as_ngram) {
    uint64_t hash = seed;
    uint32_t last = nodes[order].id[node];
    for (int i = order; i >= 1; i--) {
        if (i < order || !as_ngram) hash = mf_model_extend(hash, nodes[i].id[node]);
        if (i > 1) node = nodes[i].history[node];
    }
    return as_ngram ? mf_model_extend(hash, last) : hash;
}

/* What train_model.py puts into the file. Sizes of codebooks are asked for in `ngram_codes` and
   `context_codes`, and set to what there is. */
typedef struct {
    uint64_t seed;
    uint32_t reach, segment;
    uint32_t ngram_codes[MF_MODEL_CONTEXT], context_codes[MF_MODEL_CONTEXT];
    uint16_t ngram_cost[MF_MODEL_CONTEXT][MF_MODEL_CODES];
    uint16_t context_cost[MF_MODEL_CONTEXT][MF_MODEL_CODES];
} table;

static void add_keys(keys *list, int order, int as_ngrams, uint32_t *codes,
                     uint16_t codebook[MF_MODEL_CODES]) {
    const order_nodes *from = &nodes[order];
    const uint8_t *chosen = as_ngrams ? from->kept : from->is_context;
    const float *values = as_ngrams ? from->p : from->leave;
    double *histogram = get(MOST_COST, sizeof *histogram);
    for (uint32_t i = 0; i < from->count; i++) {
        /* An n-gram that is read more often may err less. */
        if (chosen[i]) histogram[cost_of(values[i])] += sqrt(from->seen[i]);
    }
    *codes = best_codebook(histogram, *codes, codebook);
    free(histogram);
    for (uint32_t i = 0; i < from->count; i++) {
        if (!chosen[i]) continue;
        list->hashes[list->count] = hash_of(0, order, i, as_ngrams);
        list->kinds[list->count] = as_ngrams ? MF_MODEL_NGRAMS : MF_MODEL_CONTEXTS;
        list->values[list->count++] = (uint8_t)nearest(codebook, *codes, cost_of(values[i]));
    }
}

/* Quantise and lay out what is kept. `alone` and `leave` get the costs of each id. Returns the
   cells, which the caller frees with ngrams_free, or NULL if no seed fits. */
EXPORT uint16_t *ngrams_table(table *into, uint32_t most_keys, uint16_t *alone, uint16_t *leave) {
    keys list = {get(most_keys, 8), get(most_keys, 1), get(most_keys, 1), 0};
    uint32_t ends[2 * ORDER], orders[2 * ORDER], groups = 0;
    for (int order = 2; order <= ORDER; order++) {
        add_keys(&list, order, 1, &into->ngram_codes[order - 2], into->ngram_cost[order - 2]);
        ends[groups] = list.count;
        orders[groups++] = (uint32_t)order;
    }
    for (int order = 2; order < ORDER; order++) {
        add_keys(&list, order, 0, &into->context_codes[order - 1], into->context_cost[order - 1]);
        ends[groups] = list.count;
        orders[groups++] = (uint32_t)order;
    }
    for (uint32_t id = 0; id < nodes[1].count; id++) {
        alone[id] = (uint16_t)cost_of(nodes[1].p[id]);
        leave[id] = nodes[1].is_context[id] ? (uint16_t)cost_of(nodes[1].leave[id])
                                            : (uint16_t)MF_MODEL_NO_CONTEXT;
    }
    fuse_shape(list.count, &into->reach, &into->segment);
    uint16_t *cells = get((size_t)into->reach + 2 * (size_t)into->segment, sizeof *cells);
    int done = 0;
    uint64_t *unseeded = list.hashes;
    list.hashes = get(most_keys, 8);
    for (uint64_t seed = 1; seed <= ATTEMPTS && !done; seed++) {
        into->seed = seed;
        for (uint32_t i = 0, group = 0; i < list.count; i++) {
            while (i == ends[group])
                group++;
            list.hashes[i] = unseeded[i] + seed_term(seed, (int)orders[group]);
        }
        done = fuse_fill(&list, into->reach, into->segment, cells);
    }
    free(unseeded);
    free(list.hashes);
    free(list.kinds);
    free(list.values);
    if (done) return cells;
    free(cells);
    return NULL;
}

EXPORT void ngrams_free(void *memory) {
    free(memory);
}
