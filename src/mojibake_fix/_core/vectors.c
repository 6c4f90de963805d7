/* Whether the vector loops may run. */
#include "vectors.h"

int mf_plain_loops_only;
