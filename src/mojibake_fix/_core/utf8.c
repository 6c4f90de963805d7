#include "utf8.h"
#include "text.h"
#include "vectors.h"
#include <string.h>

#ifdef MF_AVX2
#include "utf8_avx2.h"
#endif

size_t mf_find_invalid_utf8(const uint8_t *bytes, size_t length) {
    size_t i = 0;
#ifdef MF_AVX2
    if (mf_vectors()) i = valid_before_avx2(bytes, length);
#endif
    while (i < length) {
        if (bytes[i] < 0x80) {
            /* Most text is ASCII most of the time: eight bytes at once. */
            uint64_t word;
            while (i + 8 <= length) {
                memcpy(&word, bytes + i, 8);
                if (word & 0x8080808080808080u) break;
                i += 8;
            }
            while (i < length && bytes[i] < 0x80)
                i++;
            continue;
        }
        uint8_t lead = bytes[i];
        int count = lead == 0xC0 ? 0 : mf_sequence_length(lead);
        if (!count || (size_t)count > length - i || !mf_may_follow(lead, bytes[i + 1])) return i;
        if (lead == 0xED && bytes[i + 1] >= 0xA0) return i;
        if (count > 2 && (bytes[i + 2] & 0xC0) != 0x80) return i;
        if (count > 3 && (bytes[i + 3] & 0xC0) != 0x80) return i;
        i += (size_t)count;
    }
    return MF_NONE;
}
