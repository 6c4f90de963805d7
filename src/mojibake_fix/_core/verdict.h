/* Verdict: what the core can tell by itself of a text, or of a file. */
#ifndef MF_VERDICT_H
#define MF_VERDICT_H

typedef enum {
    MF_DOUBTFUL,  /* it is for others to judge, also where memory ran out */
    MF_CLEAN,     /* as a whole document it stays as it is */
    MF_UNSETTLED, /* a language model would tell */
} mf_verdict;
#endif
