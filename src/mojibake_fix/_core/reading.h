/* Reading: does nothing come of the foreign places of a text, in whatever way they are read? */
#ifndef MF_READING_H
#define MF_READING_H
#include "verdict.h"
#include "vicinity.h"
#include "ways.h"

/* Is nothing of a text foreign, less what is drawn, or little, and that of a language that the
   model knows, or, if it may be read for that, does no way read it better than it stands? The text
   may be the vicinity of the signs in one of this extent, and the ways may be NULL. It is doubtful
   where memory runs out. */
mf_verdict mf_refute_foreign(const mf_text *text, const mf_extent *extent, const mf_ways *ways);
#endif
