/* Lattice: all originals that a lossy layer turns into what is observed, and how probable each
   is by the language model. */
#ifndef MF_LATTICE_H
#define MF_LATTICE_H
#include "model.h"
#include "text.h"

enum {
    MF_FORM_LENGTH = 3,    /* code points that one byte can become, at most */
    MF_ALTERNATIVES = 7,   /* kept of each restored code point, the chosen one not counted */
    MF_LITERAL = 1,        /* a place's flags: it stays as observed */
    MF_GIVEN = 2,          /* it was given */
    MF_UNKNOWN = 4,        /* what stood there is probably outside the vocabulary */
    MF_INSIDE = 8,         /* it begins inside an observed code point */
    MF_LESSER = 8,         /* lesser layers, at most */
    MF_TRIMMED = 128,      /* NBSP that is gone at a line end, as a byte that is kept */
    MF_SQUEEZED = 129,     /* ... beside a space */
    MF_LAYER_TRIMMED = 1,  /* a layer's flags: NBSP is gone at line ends */
    MF_LAYER_SQUEEZED = 2, /* ... and, where it became a space, beside spaces */
    MF_LAYER_RUNS = 4,     /* lost bytes in a row have one marker in common */
    MF_LAYER_BLIND = 8,    /* a byte is a character, its form the original; all show as U+FFFD */
};

/* What the wrong decoder and the losses make of each byte of 80 to FF: its form. */
typedef struct {
    uint32_t form[128][MF_FORM_LENGTH];
    uint8_t length[128];
    uint8_t flags;
} mf_forms;

/* One code point of the restored text. */
typedef struct {
    size_t start; /* of the observed code points that it comes from */
    uint32_t original;
    uint8_t flags, alternatives;
    float posterior;
    uint32_t other[MF_ALTERNATIVES];
    float other_posterior[MF_ALTERNATIVES];
} mf_place;

/* Put a possible original among the alternatives of a place, the best first; its posterior is added
   to what the same one has already. */
void mf_offer(mf_place *place, uint32_t original, float posterior);

typedef struct {
    mf_place *places;
    size_t count, capacity;
    double cost; /* nats: -log of the probability of what is observed, over all originals */
} mf_restored;

/* Restore a text of whole lines. U+FFFD stands for an original outside the model's vocabulary where
   none in it is possible. Where `given` is not 0, a code point is known to be meant as it
   stands; elsewhere it may be the form of a byte, or, at `literal` units more, as it was written.
   Takes linear time; memory beyond the result is bounded. Returns 0 when
   memory runs out; the result is to be freed in any case. */
int mf_restore(const mf_model *model, const mf_forms *forms, const mf_text *text,
               const uint8_t *given, uint32_t literal, mf_restored *restored);

void mf_restored_free(mf_restored *restored);

/* Layers that show the same as another one, as far as a text tells, but of fewer bytes: those that
   a layer keeps have never been there. */
typedef struct {
    size_t count;                   /* MF_LESSER at most */
    uint8_t keeps[MF_SQUEEZED + 1]; /* bits of the layers that keep a byte of 80 to FF so shown */
} mf_lesser;

/* Costs of the first `count` lines of a text, each by itself, in nats: as `mf_restore` gives them,
   and behind it those under each lesser layer, as far as the other one's beam holds its originals;
   infinite where it holds none. Stops in the first line where the sum of the costs so far is more
   than its entry in `most`, and gives the costs up to there. `count` becomes the number of lines.
   Returns 0 when memory runs out. */
int mf_line_costs(const mf_model *model, const mf_forms *forms, const mf_text *text,
                  const uint8_t *given, uint32_t literal, const mf_lesser *lesser,
                  const double *most, double *costs, size_t *count);
#endif
