/* Agreed: a run that classes of characters leave in doubt, judged by a language model as well. */
#ifndef MF_AGREED_H
#define MF_AGREED_H
#include "model.h"
#include "run.h"

/* Does a run hold nothing but whole sequences, which look better as they were meant? Not behind an
   ASCII capital, where it may be the end of a word in capitals, and a sign (`IRMÃ»`); not where it
   may be a letter and a sign (`Å³`); and but for cp1252 and Latin-1 only in words, for under other
   decoders operators are sequences, too (`√π`). */
int mf_is_doubtful(const mf_text *text, int decoder, const mf_run *run);

/* Is a run a sign behind an `Â` that belongs to no word: a price (`Â£5`), a fraction, a mark?
   Operators multiply (`Â·B`), with as much space on the one side of the sign as on the other. */
int mf_is_sign_alone(const mf_text *text, const mf_run *run);

/* Evidence for damage, in units, in the mean of classes and a language model: of a doubtful run of
   a decoder. It is 0 if the model cannot tell of some original. Sets it, and returns 0 when memory
   runs out. */
int mf_agree(const mf_text *text, int decoder, const mf_run *run, const mf_model *model,
             int64_t *evidence);
#endif
