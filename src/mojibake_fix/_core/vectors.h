/* The vector loops: where they are compiled, whether they may run, and what they share. */
#ifndef MF_VECTORS_H
#define MF_VECTORS_H

extern int mf_plain_loops_only; /* for tests: the plain loops give the same results */

/* Compiled into each of its callers, so that those for vectors get vectors. */
#ifdef __GNUC__
#define MF_INLINED __attribute__((always_inline))
#else
#define MF_INLINED
#endif

#if defined(__x86_64__) && defined(__GNUC__)
#define MF_AVX2 1
#define MF_TARGET_AVX2 __attribute__((target("avx2,bmi,popcnt")))
#include <immintrin.h>
#include <stdint.h>

static inline int mf_vectors(void) {
    return !__atomic_load_n(&mf_plain_loops_only, __ATOMIC_RELAXED) &&
           __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("popcnt");
}

/* The entry of each nibble in a table. */
MF_TARGET_AVX2 static inline __m256i mf_look_up(const uint8_t table[16], __m256i nibbles) {
    __m128i entries = _mm_loadu_si128((const __m128i *)table);
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(entries), nibbles);
}
#endif
#endif
