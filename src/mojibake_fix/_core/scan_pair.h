/* The exact test behind the scan: two neighbouring images and what stands before them. */
#ifndef MF_SCAN_PAIR_H
#define MF_SCAN_PAIR_H
#include "tables.h"

static inline uint32_t mf_lead_mask(unsigned id) {
    const mf_roles *roles = &mf_image_roles[id];
    return roles->lead2 | roles->lead3 | roles->lead4;
}

/* Lead and continuation under one decoder? */
static inline int mf_begins(unsigned left, unsigned right) {
    return (mf_lead_mask(left) & mf_image_roles[right].continuation) != 0;
}

/* Do `left` and `right` continue a sequence whose lead stands `back` places before `left`? With
   `back` 2, `middle` stands between the lead and `left`. */
static inline int mf_continues(unsigned lead, unsigned middle, unsigned left, unsigned right,
                               int back) {
    uint32_t both = mf_image_roles[left].continuation & mf_image_roles[right].continuation;
    const mf_roles *roles = &mf_image_roles[lead];
    if (back == 1) return ((roles->lead3 | roles->lead4) & both) != 0;
    return (roles->lead4 & mf_image_roles[middle].continuation & both) != 0;
}
#endif
