/* Refute: does nothing come of the signs of damage in a text, as the core can tell by itself? */
#ifndef MF_REFUTE_H
#define MF_REFUTE_H
#include "layer.h"
#include "verdict.h"
#include "ways.h"

/* Refute the signs of damage in a text, or in what it reads as with its escapes: no run of it has
   evidence, no sequence breaks off where it may be damage, nothing comes of what is foreign, and
   nothing else is for others to judge. The ways, and with them the model, may be NULL. */
mf_verdict mf_refute(const mf_text *text, const mf_prior *prior, const mf_ways *ways);

/* The same of valid UTF-8, less its byte order mark; it is clean, too, if it has no signs. */
mf_verdict mf_refute_utf8(const uint8_t *bytes, size_t size, const mf_prior *prior,
                          const mf_ways *ways);
#endif
