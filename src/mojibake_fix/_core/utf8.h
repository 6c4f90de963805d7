/* UTF-8: validation of a buffer, and one code point at a time. */
#ifndef MF_UTF8_H
#define MF_UTF8_H
#include <stddef.h>
#include <stdint.h>

/* Offset of the first byte that does not belong to well-formed UTF-8, MF_NONE if there is none. */
size_t mf_find_invalid_utf8(const uint8_t *bytes, size_t length);

/* The number of bytes that a lead byte announces, 0 if it is none. C0 is a lead only in
   Java's modified UTF-8, where C0 80 stands for U+0000. */
static inline int mf_sequence_length(uint8_t lead) {
    if (lead < 0xC2) return lead == 0xC0 ? 2 : 0;
    if (lead < 0xE0) return 2;
    if (lead < 0xF0) return 3;
    return lead < 0xF5 ? 4 : 0;
}

/* May this byte follow this lead? Refuses overlong forms and what lies beyond U+10FFFF; admits
   the surrogates of CESU-8 (ED A0 to ED BF). Unicode Standard, table 3-7. */
static inline int mf_may_follow(uint8_t lead, uint8_t second) {
    if ((second & 0xC0) != 0x80) return 0;
    switch (lead) {
    case 0xC0:
        return second == 0x80;
    case 0xE0:
        return second >= 0xA0;
    case 0xF0:
        return second >= 0x90;
    case 0xF4:
        return second < 0x90;
    default:
        return 1;
    }
}

/* Code point of a whole sequence of `length` bytes. */
static inline uint32_t mf_decode_sequence(const uint8_t *bytes, int length) {
    switch (length) {
    case 2:
        return (uint32_t)(bytes[0] & 0x1F) << 6 | (bytes[1] & 0x3F);
    case 3:
        return (uint32_t)(bytes[0] & 0x0F) << 12 | (uint32_t)(bytes[1] & 0x3F) << 6 |
               (bytes[2] & 0x3F);
    default:
        return (uint32_t)(bytes[0] & 0x07) << 18 | (uint32_t)(bytes[1] & 0x3F) << 12 |
               (uint32_t)(bytes[2] & 0x3F) << 6 | (bytes[3] & 0x3F);
    }
}

/* Write the UTF-8 form of a code point, surrogates included; returns its number of bytes. */
static inline int mf_encode(uint32_t code_point, uint8_t bytes[4]) {
    if (code_point < 0x80) {
        bytes[0] = (uint8_t)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        bytes[0] = (uint8_t)(0xC0 | code_point >> 6);
        bytes[1] = (uint8_t)(0x80 | (code_point & 0x3F));
        return 2;
    }
    if (code_point < 0x10000) {
        bytes[0] = (uint8_t)(0xE0 | code_point >> 12);
        bytes[1] = (uint8_t)(0x80 | (code_point >> 6 & 0x3F));
        bytes[2] = (uint8_t)(0x80 | (code_point & 0x3F));
        return 3;
    }
    bytes[0] = (uint8_t)(0xF0 | code_point >> 18);
    bytes[1] = (uint8_t)(0x80 | (code_point >> 12 & 0x3F));
    bytes[2] = (uint8_t)(0x80 | (code_point >> 6 & 0x3F));
    bytes[3] = (uint8_t)(0x80 | (code_point & 0x3F));
    return 4;
}
#endif
