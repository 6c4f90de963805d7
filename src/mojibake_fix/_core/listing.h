/* Listing: the originals that may stand at a place of a text, and what must be paid behind them. */
#ifndef MF_LISTING_H
#define MF_LISTING_H
#include "lattice.h"

enum {
    MF_NEAR = 12 * MF_MODEL_UNITS_PER_NAT, /* what is worse by more is dropped */
    MF_LONGEST = 4 * MF_FORM_LENGTH,       /* forms of one original, in code points */
    MF_UNKNOWNS = 32,                      /* kinds of unknown originals at one place */
    MF_CANDIDATES = 129, /* originals at one place, with unknown ones and what is observed */
    MF_PAIR_BITS = 13,   /* of the pairs of ids that are remembered */
    MF_WINDOW = 4,       /* code points of a window, at most */
    MF_WINDOW_BITS = 11, /* of the windows that are remembered */
    MF_HASH = 256,
    MF_REPLACEMENT = 0xFFFD,
};

/* Units of cost that were not added up yet. */
#define MF_UNSET UINT32_MAX

/* Bytes by the first code point of their form. */
typedef struct {
    const mf_forms *forms;
    int16_t head[MF_HASH], next[128];
    uint8_t dropped[128]; /* continuation bytes without a form */
    uint8_t dropped_leads[128];
    int dropped_count, dropped_lead_count;
    uint8_t begins[MF_HASH]; /* may an original begin with such a code point? */
} mf_inverse;

/* What may stand at a place. */
typedef struct {
    uint32_t original, alone;
    uint32_t count; /* of unknown originals that it stands for */
    uint32_t price; /* units: of being written as it is observed */
    size_t end;
    uint16_t id;
    uint8_t flags;
    uint8_t beyond; /* bits of the lesser layers that show it otherwise */
} mf_candidate;

/* Code points of which the last can only be as it stands, and what it costs at least, in units,
   behind any of the originals that all before it may be: the same wherever they stand. */
typedef struct {
    uint32_t code_points[MF_WINDOW], least;
} mf_window;

/* Opened as zeros. */
typedef struct {
    const mf_model *model;
    const mf_text *text;
    const uint8_t *given; /* of each code point: is it meant as it stands? */
    uint32_t literal;
    mf_inverse inverse;
    const mf_lesser *lesser; /* or NULL */
    size_t place;            /* whose originals are listed; see `mf_listing_move` */
    mf_candidate candidates[MF_CANDIDATES];
    size_t count; /* of candidates */
    /* What is owed behind the place, by distance; what the candidates owe. */
    uint32_t owed[MF_LONGEST + 1], due;
    mf_candidate unknown[MF_UNKNOWNS]; /* candidates outside the vocabulary, by distance */
    size_t unknown_count;
    struct {
        uint32_t pair;
        uint8_t is_known;
    } pairs[1 << MF_PAIR_BITS];
    mf_window windows[1 << MF_WINDOW_BITS];
    uint32_t missing[4 * MF_CANDIDATES]; /* pairs that are not remembered */
    uint8_t known[4 * MF_CANDIDATES];
} mf_listing;

void mf_listing_open(mf_listing *listing, const mf_model *model, const mf_forms *forms,
                     uint32_t literal);

/* Does the layer show the same of every character? */
static inline int mf_is_blind(const mf_listing *listing) {
    return listing->inverse.forms->flags & MF_LAYER_BLIND;
}

/* The id of a letter's small letter; 0 if it is no letter of two cases. */
static inline uint16_t mf_small_of(const mf_listing *listing, uint32_t id) {
    return listing->model->small ? listing->model->small[id] : 0;
}

/* Go on to another place of the text. */
static inline void mf_listing_move(mf_listing *listing, size_t place) {
    listing->place = place;
    for (size_t length = 0; length <= MF_LONGEST; length++)
        listing->owed[length] = MF_UNSET;
}

/* What must be paid from a place on, in units: for code points that can only be as they stand. */
uint32_t mf_owed_at(mf_listing *listing, size_t at);

/* The same at a place up to which a candidate reaches. */
static inline uint32_t mf_owed_behind(mf_listing *listing, size_t end) {
    uint32_t *owed = &listing->owed[end - listing->place];
    if (*owed == MF_UNSET) *owed = mf_owed_at(listing, end);
    return *owed;
}

/* May a form stand there? */
int mf_may_be_form(const mf_listing *listing, size_t at);

/* List the originals whose forms begin at the place, and behind which so much is owed, but for
   those behind which the code point after them costs more than `most` besides. */
void mf_list(mf_listing *listing, uint32_t due, int64_t most);

/* What stands at the place, as it stands, and what it owes. */
mf_candidate mf_literal(mf_listing *listing, uint32_t *owes);

/* What is owed next to so much behind candidates at the place, at least; MF_UNSET if nothing is. */
uint32_t mf_due_after(const mf_listing *listing, uint32_t due);
#endif
