#include "codec.h"
#include <stdlib.h>
#include <string.h>

int mf_codec_open(mf_codec *codec, const uint16_t *characters, const uint8_t leads[MF_BYTES]) {
    *codec = (mf_codec){0};
    codec->character = calloc(MF_CODES, sizeof *codec->character);
    codec->first = calloc(MF_CODES + 2, sizeof *codec->first);
    codec->codes = malloc(MF_CODES * sizeof *codec->codes);
    if (!codec->character || !codec->first || !codec->codes) return 0;
    memcpy(codec->leads, leads, MF_BYTES);
    int pairs = memchr(leads, 1, MF_BYTES) != NULL;
    memcpy(codec->character, characters,
           (size_t)(pairs ? MF_CODES : MF_BYTES) * sizeof *characters);
    /* Counting sort by character; `first` is one ahead until all is placed. */
    for (uint32_t code = 0; code < MF_CODES; code++) {
        if (codec->character[code]) codec->first[codec->character[code] + 2]++;
    }
    for (uint32_t i = 1; i < MF_CODES + 2; i++)
        codec->first[i] = (uint16_t)(codec->first[i] + codec->first[i - 1]);
    for (uint32_t code = 0; code < MF_CODES; code++) {
        if (codec->character[code]) {
            codec->codes[codec->first[codec->character[code] + 1]++] = (uint16_t)code;
        }
    }
    return 1;
}

void mf_codec_free(mf_codec *codec) {
    free(codec->character);
    free(codec->codes);
    free(codec->first);
    *codec = (mf_codec){0};
}
