/* Refute: does nothing come of the signs of damage in a text, as the core can tell by itself? */
#ifndef MF_REFUTE_H
#define MF_REFUTE_H
#include "layer.h"

/* 1 if a text that is a whole document stays as it is: no run of it has evidence, no sequence
   breaks off where it may be damage, and nothing else of it is for others to judge. 0 also where
   memory runs out. */
int mf_refutes(const mf_text *text, const mf_prior *prior);
#endif
