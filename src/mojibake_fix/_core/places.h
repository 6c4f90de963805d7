/* Places: which foreign places of a text are to be explained? Not those that tell little, nor those
   that are of a language that the model knows. */
#ifndef MF_PLACES_H
#define MF_PLACES_H
#include "model.h"

enum { MF_MOST_PLACES = 500 /* that are looked at */ };

typedef struct {
    size_t all;    /* how many there are */
    size_t weak;   /* ... one strange image each, and no other near */
    size_t listed; /* every one, or if they are too many one of `stride` */
    size_t stride;
    size_t places[MF_MOST_PLACES];
    uint8_t is_weak[MF_MOST_PLACES];
    int have_lone_lead;
} mf_places;

/* Find the foreign places of a text, less what is drawn. */
void mf_places_find(const mf_text *text, mf_places *found);

void mf_places_leave_weak(mf_places *found);

/* Leave what a model knows, and what stands so near to another place that it tells the same. Places
   are rare, or not, in the text. */
void mf_places_leave_known(const mf_text *text, mf_places *found, const mf_model *model,
                           int are_rare);
#endif
