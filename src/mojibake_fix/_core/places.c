#include "places.h"
#include "drawing.h"
#include "foreign.h"
#include "sample.h"

enum {
    NEAR = 40, /* characters from one place to the next that tells with it */
    /* Percent of what characters cost alone, in their context, that what is known costs less than:
       in a long run where places are rare, in one or where they are rare, and elsewhere; and next
       to a place in a long run that costs less than the last. */
    KNOWN_RARE = 65,
    KNOWN = 55,
    KNOWN_WELL = 25,
    KNOWN_IN_RUN = 67,
    RUN_KNOWN = 45,
    BESIDE = 4,   /* characters on each side of a place that the model looks at */
    IN_RUN = 16,  /* ... of a run beyond ASCII */
    LONG_RUN = 8, /* characters of one that is long */
};

static int are_near(const mf_text *text, size_t one, size_t other) {
    if (one == MF_NONE || other == MF_NONE || other - one > NEAR) return 0;
    while (one < other && mf_at(text, one) != '\n')
        one++;
    return one == other;
}

/* List a place; of a list that is full every second one stays. */
static void list_place(mf_places *found, size_t at, int is_weak) {
    if (found->all++ % found->stride) return;
    if (found->listed == MF_MOST_PLACES) {
        for (size_t i = 0; 2 * i < found->listed; i++) {
            found->places[i] = found->places[2 * i];
            found->is_weak[i] = found->is_weak[2 * i];
        }
        found->listed = (found->listed + 1) / 2;
        found->stride *= 2;
        if ((found->all - 1) % found->stride) return;
    }
    found->is_weak[found->listed] = (uint8_t)is_weak;
    found->places[found->listed++] = at;
}

void mf_places_find(const mf_text *text, mf_places *found) {
    size_t before = MF_NONE, behind;
    found->all = found->weak = found->listed = 0;
    found->stride = 1;
    found->have_lone_lead = 0;
    for (size_t at = mf_find_foreign(text, 0); at != MF_NONE; before = at, at = behind) {
        behind = mf_find_foreign(text, at + 1);
        if (mf_is_drawn(text, at)) continue;
        int is_lead = mf_is_lone_lead(text, at);
        int is_weak = !is_lead && !mf_tells_much(text, at) && !are_near(text, before, at) &&
                      !are_near(text, at, behind);
        found->have_lone_lead |= is_lead;
        found->weak += (size_t)is_weak;
        list_place(found, at, is_weak);
    }
}

void mf_places_leave_weak(mf_places *found) {
    size_t left = 0;
    for (size_t i = 0; i < found->listed; i++) {
        if (!found->is_weak[i]) found->places[left++] = found->places[i];
    }
    found->listed = left;
    found->all -= found->weak;
}

/* What stands around a foreign place. */
typedef struct {
    size_t first, last; /* code points, to the one behind it */
    size_t beyond;      /* how many of them are beyond ASCII */
} surroundings;

/* What stands around a place in its line: some characters, and more of a run beyond ASCII. */
static surroundings around(const mf_text *text, size_t at, size_t most) {
    surroundings of = {at, at, 0};
    for (size_t n = 0; of.first > 0 && n < most; n++, of.first--) {
        uint32_t before = mf_at(text, of.first - 1);
        if (before == '\n' || (n >= BESIDE && before < 0x80)) break;
        of.beyond += before >= 0x80;
    }
    for (size_t n = 0; of.last < text->length && n < most; n++, of.last++) {
        uint32_t behind = mf_at(text, of.last);
        if (behind == '\n' || (n >= BESIDE && behind < 0x80)) break;
        of.beyond += behind >= 0x80;
    }
    return of;
}

/* What some text costs, as a share of what its characters cost alone, percent. */
static uint64_t share_of(const mf_text *text, const surroundings *of, const mf_model *model) {
    mf_model_state state;
    mf_model_start(model, &state);
    uint64_t cost = 0, alone = 1;
    for (size_t i = of->first > BESIDE ? of->first - BESIDE : 0; i < of->last; i++) {
        uint32_t id = mf_model_id(model, mf_at(text, i));
        uint32_t here = mf_model_cost(model, &state, id, &state);
        if (i < of->first) continue;
        cost += here;
        alone += mf_model_alone(model, id);
    }
    return 100 * cost / alone;
}

/* Does a model know what stands around a foreign place? What damage makes is no language, but of
   some words one letter is next to those of others. What is damaged is damaged whole, so that a run
   tells more. An image within a word of ASCII is beside what any model knows. */
static int is_known(const mf_text *text, size_t at, const mf_model *model, int are_rare) {
    if (at > 0 && mf_at(text, at - 1) < 0x80) return 0;
    surroundings next = around(text, at, BESIDE), run = around(text, at, IN_RUN);
    int is_long = run.beyond >= LONG_RUN;
    uint64_t share = share_of(text, &next, model);
    uint64_t least = is_long && are_rare ? KNOWN_RARE : is_long || are_rare ? KNOWN : KNOWN_WELL;
    if (share < least) return 1;
    return is_long && share < KNOWN_IN_RUN && share_of(text, &run, model) < RUN_KNOWN;
}

void mf_places_leave_known(const mf_text *text, mf_places *found, const mf_model *model,
                           int are_rare) {
    const size_t near = MF_SAMPLE_NEAR / 2, share = text->length / (MF_MOST_PLACES - 1) + 1;
    const size_t step = near > share ? near : share;
    size_t left = 0, next = 0;
    for (size_t i = 0; i < found->listed; i++) {
        size_t at = found->places[i];
        if (at < next || is_known(text, at, model, are_rare)) continue;
        found->places[left++] = at;
        next = at + step;
    }
    found->listed = left;
}
