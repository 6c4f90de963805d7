/* Sets of decoders as bits. */
#ifndef MF_BITS_H
#define MF_BITS_H
#include <stdint.h>
#ifdef _MSC_VER
#include <intrin.h>
#endif

/* Number of the lowest bit of a mask that is not 0. */
static inline unsigned mf_lowest_bit(uint32_t mask) {
#ifdef _MSC_VER
    unsigned long bit;
    _BitScanForward(&bit, mask);
    return bit;
#else
    return (unsigned)__builtin_ctz(mask);
#endif
}

#define MF_FOR_EACH_BIT(bit, mask)                                                                 \
    for (uint32_t bits_ = (mask), bit; bits_ && (bit = mf_lowest_bit(bits_), 1); bits_ &= bits_ - 1)
#endif
