#include "codec.h"
#include <stdlib.h>
#include <string.h>

const char *mf_codec_name(int number) {
    return number < MF_DECODERS ? mf_decoder_name[number] : mf_multibyte_name[number - MF_DECODERS];
}

int mf_codec_number(const char *name) {
    for (int i = 0; i < MF_CODECS; i++) {
        if (!strcmp(name, mf_codec_name(i))) return i;
    }
    return -1;
}

static void read_pairs(mf_codec *codec, int table) {
    memcpy(codec->character + 0x80, mf_multibyte_single[table], sizeof *mf_multibyte_single);
    for (size_t lead = 0x80; lead < MF_BYTES; lead++) {
        int row = mf_multibyte_row[table][lead - 0x80];
        if (!row) continue;
        codec->leads[lead] = 1;
        memcpy(codec->character + (lead << 8 | MF_FIRST_TRAIL), mf_multibyte_pairs[row - 1],
               MF_TRAILS * sizeof **mf_multibyte_pairs);
    }
}

uint32_t mf_replaced(const mf_replacement *replacements, size_t count, uint32_t character) {
    if (character < replacements->character) return character;
    while (count > 1) { /* the last one that is no greater is among `count` */
        size_t half = count / 2;
        if (replacements[half].character <= character) replacements += half;
        count -= half;
    }
    return replacements->character == character ? replacements->other : character;
}

/* The next code that may stand for a character. */
static size_t after(const mf_codec *codec, size_t code) {
    if (++code < MF_BYTES) return code;
    if (code % MF_BYTES < MF_FIRST_TRAIL) code += MF_FIRST_TRAIL - code % MF_BYTES;
    while (code < MF_CODES && !codec->leads[code / MF_BYTES])
        code += MF_BYTES;
    return code;
}

static void change_characters(mf_codec *codec, size_t codes, int is_composed, uint32_t lacking) {
    uint8_t may_be[MF_BYTES] = {0}; /* composed, by high byte of a character: few are */
    if (!is_composed && !lacking) return;
    for (size_t i = 0; is_composed && i < MF_COMPOSED; i++)
        may_be[mf_composed[i].character / MF_BYTES] = 1;
    for (size_t code = 0x80; code < codes; code = after(codec, code)) {
        uint16_t *character = &codec->character[code];
        if (lacking && *character == lacking) *character = 0;
        if (may_be[*character / MF_BYTES]) {
            *character = (uint16_t)mf_replaced(mf_composed, MF_COMPOSED, *character);
        }
    }
}

/* Give a page to each high byte of a character, in order of the first code. Returns how many there
   are, with the empty one. */
static uint16_t number_pages(mf_codec *codec, size_t codes) {
    uint16_t pages = 1;
    for (size_t code = 0; code < codes; code = after(codec, code)) {
        uint32_t character = codec->character[code];
        if (character && !codec->page[character / MF_BYTES]) {
            codec->page[character / MF_BYTES] = pages++;
        }
    }
    return pages;
}

/* Counting sort by place of the character; `first` is one ahead until all is placed. */
static int sort_codes(mf_codec *codec, size_t codes) {
    size_t places = (size_t)number_pages(codec, codes) * MF_BYTES;
    codec->first = calloc(places + 2, sizeof *codec->first);
    codec->codes = malloc(codes * sizeof *codec->codes);
    if (!codec->first || !codec->codes) return 0;
    for (size_t code = 0; code < codes; code = after(codec, code)) {
        uint32_t character = codec->character[code];
        if (character) codec->first[mf_codec_first(codec, character) - codec->first + 2]++;
    }
    for (size_t i = 1; i < places + 2; i++)
        codec->first[i] = (uint16_t)(codec->first[i] + codec->first[i - 1]);
    for (size_t code = 0; code < codes; code = after(codec, code)) {
        uint32_t character = codec->character[code];
        if (!character) continue;
        size_t place = (size_t)(mf_codec_first(codec, character) - codec->first);
        codec->codes[codec->first[place + 1]++] = (uint16_t)code;
    }
    return 1;
}

/* Put the code that is written before the others of its character. */
static void put_first(mf_codec *codec, uint16_t code) {
    uint32_t character = codec->character[code];
    uint16_t *codes = codec->codes + *mf_codec_first(codec, character);
    for (unsigned i = mf_codec_count(codec, character); i-- > 1;) {
        if (codes[i] != code) continue;
        codes[i] = codes[0];
        codes[0] = code;
    }
}

int mf_codec_open(mf_codec *codec, int number, int is_composed, uint32_t lacking) {
    int table = number - MF_DECODERS;
    size_t codes = table < 0 ? MF_BYTES : MF_CODES;
    *codec = (mf_codec){0};
    codec->character = calloc(codes, sizeof *codec->character);
    if (!codec->character) return 0;
    for (uint16_t byte = 0; byte < 0x80; byte++)
        codec->character[byte] = byte;
    if (table < 0) {
        memcpy(codec->character + 0x80, mf_decoded[number], sizeof *mf_decoded);
    } else {
        read_pairs(codec, table);
    }
    change_characters(codec, codes, is_composed, lacking);
    if (!sort_codes(codec, codes)) return 0;
    for (size_t i = 0; i < MF_CHOSEN; i++) {
        if (mf_chosen[i].codec == table) put_first(codec, mf_chosen[i].code);
    }
    return 1;
}

void mf_codec_free(mf_codec *codec) {
    free(codec->character);
    free(codec->codes);
    free(codec->first);
    *codec = (mf_codec){0};
}

size_t mf_codec_encode(const mf_codec *codec, const mf_text *text, uint8_t *bytes, size_t *lacks) {
    uint8_t *next = bytes;
    for (size_t i = 0; i < text->length; i++) {
        uint32_t character = mf_at(text, i), code = character;
        if (character >= 0x80) {
            *lacks = i;
            if (!mf_codec_count(codec, character)) return MF_NONE;
            code = *mf_codec_codes(codec, character);
        }
        if (code > 0xFF) *next++ = (uint8_t)(code >> 8);
        *next++ = (uint8_t)code;
    }
    return (size_t)(next - bytes);
}

uint32_t mf_codec_decode(const mf_codec *codec, const uint8_t *bytes, size_t left, int takes_ascii,
                         size_t *size) {
    *size = 1;
    if (!codec->leads[bytes[0]]) return codec->character[bytes[0]];
    uint32_t image = left > 1 ? codec->character[bytes[0] << 8 | bytes[1]] : 0;
    if (left > 1 && (image || takes_ascii || bytes[1] >= 0x80)) *size = 2;
    return image;
}
