#include "escape.h"
#include "growing.h"
#include "scan.h"
#include "scan_pair.h"
#include "tables.h"
#include "utf8.h"
#include "vectors.h"
#include <stdlib.h>
#include <string.h>

/* Text in which both kinds of suspects are looked for by turns, so that it is still in the cache;
   less at first, for the first suspect is often near. */
enum { WINDOW = 1 << 16, FIRST_WINDOW = 1 << 9 };

/* What is looked at: code points, or UTF-8, whose escapes are spelt alike. */
typedef struct {
    const mf_text *text;
    int utf8;
} source;

static inline uint32_t peek(const mf_text *text, size_t at) {
    return at < text->length ? mf_at(text, at) : 0;
}

static inline int hex_digit(uint32_t c) {
    uint32_t digit = c - '0', letter = (c | 0x20) - 'a';
    return digit < 10 ? (int)digit : letter < 6 ? (int)letter + 10 : -1;
}

static inline int is_alphanumeric(uint32_t c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* What decoders put in place of what they cannot read: U+FFFD, and surrogate escapes of bytes. */
enum { REPLACED = 0xFFFD, FIRST_ESCAPED_BYTE = 0xDC80, ESCAPED_BYTES = 0x80 };

static inline int is_replaced(const source *source, size_t at) {
    const mf_text *text = source->text;
    uint32_t c = mf_at(text, at);
    if (source->utf8) {
        return c == 0xEF && peek(text, at + 1) == 0xBF && peek(text, at + 2) == 0xBD;
    }
    return c == REPLACED || c - FIRST_ESCAPED_BYTE < ESCAPED_BYTES;
}

/* Pairs of ISO-2022-JP that are looked through for their end, at most. */
enum { LONGEST_JIS = 256 };

/* Do bytes of ISO-2022-JP begin here, "$B" first and "(B" last, whether or not ESC is before both?
   RFC 1468: pairs of 21 to 7E. */
static int is_jis(const mf_text *text, size_t at) {
    if (peek(text, at + 1) != 'B') return 0;
    for (size_t i = at + 2, pairs = 0; pairs <= LONGEST_JIS; pairs++, i += 2) {
        uint32_t one = peek(text, i), other = peek(text, i + 1);
        if (one == 0x1B && other == '(') return pairs && peek(text, i + 2) == 'B';
        if (one == '(' && other == 'B') return pairs > 0;
        if (one - 0x21 > 0x5D || other - 0x21 > 0x5D) return 0;
    }
    return 0;
}

/* Is this the beginning of text of which nobody read the encoding: UTF-16 of ASCII, ISO-2022-JP, a
   pair of surrogates? */
static int is_unread(const source *source, size_t at) {
    const mf_text *text = source->text;
    uint32_t c = mf_at(text, at);
    if (!c) return at + 2 < text->length && peek(text, at + 1) && !peek(text, at + 2);
    if (c == '$') return is_jis(text, at);
    return !source->utf8 && c - 0xD800 < 0x400 && peek(text, at + 1) - 0xDC00 < 0x400;
}

/* May an escape begin here, does a backslash escape one, was something replaced or left unread?
   Quick, for at most marks it is none of them. */
static inline int is_place(const source *source, size_t at) {
    const mf_text *text = source->text;
    uint32_t next = peek(text, at + 1);
    switch (mf_at(text, at)) {
    case '\\':
        return next == 'u' || next == 'x' || next == '2' || next == '3' || next == '\\';
    case '&':
        return next == '#' || ((next | 0x20) >= 'a' && (next | 0x20) <= 'z');
    case '%':
    case '=':
        return (next | 0x20) >= 'c' && (next | 0x20) <= 'f';
    case '$':
        return next == 'B';
    default:
        return is_replaced(source, at) || is_unread(source, at);
    }
}

#ifdef MF_AVX2
#include "escape_avx2.h"
#endif

/* Offset of the first place to look at in [i, end), `end` if there is none. */
static size_t find_place(const source *source, size_t i, size_t end) {
    if (i < end && is_place(source, i)) return i; /* escapes mostly follow each other */
#ifdef MF_AVX2
    if (mf_vectors()) {
        size_t found = find_place_avx2(source, i, end, &i);
        if (found < end) return found;
    }
#endif
    for (; i < end; i++) {
        if (is_place(source, i)) return i;
    }
    return end;
}

/* Read digits of a base from `at` on, at most `most` of them; returns how many there are. */
static int read_digits(const mf_text *text, size_t at, int base, int most, uint32_t *number) {
    int count = 0;
    *number = 0;
    while (count < most) {
        int digit = hex_digit(peek(text, at + (size_t)count));
        if (digit < 0 || digit >= base) break;
        *number = *number * (uint32_t)base + (uint32_t)digit;
        count++;
    }
    return count;
}

/* Read a UTF-16 code unit of four hexadecimal digits. */
static int read_unit(const mf_text *text, size_t at, uint32_t *unit) {
    *unit = 0;
    if (at + 4 > text->length) return 0;
    for (size_t i = 0; i < 4; i++) {
        int digit = hex_digit(mf_at(text, at + i));
        if (digit < 0) return 0;
        *unit = *unit << 4 | (uint32_t)digit;
    }
    return 1;
}

static int read_unicode(const mf_text *text, size_t at, mf_escape *escape) {
    uint32_t unit, low;
    if (!read_unit(text, at + 2, &unit) || unit < 0x80) return 0;
    *escape = (mf_escape){unit, 6, MF_NOTATION_UNICODE};
    if (unit < 0xD800 || unit >= 0xE000) return 1;
    if (unit >= 0xDC00 || peek(text, at + 6) != '\\' || peek(text, at + 7) != 'u') return 0;
    if (!read_unit(text, at + 8, &low) || low < 0xDC00 || low >= 0xE000) return 0;
    escape->code_point = 0x10000 + ((unit & 0x3FF) << 10) + (low & 0x3FF);
    escape->size = 12;
    return 1;
}

/* The number of characters that spell one byte, 0 if there is no such spelling at an offset. */
static int read_byte(const mf_text *text, size_t at, int notation, uint8_t *byte) {
    static const struct {
        char first, second;
        uint8_t base, digits;
    } spelling[] = {
        [MF_NOTATION_PERCENT] = {'%', 0, 16, 2},
        [MF_NOTATION_BYTES] = {'\\', 'x', 16, 2},
        [MF_NOTATION_OCTAL] = {'\\', 0, 8, 3},
        [MF_NOTATION_PRINTABLE] = {'=', 0, 16, 2},
    };
    uint32_t number;
    int head = spelling[notation].second ? 2 : 1, digits = spelling[notation].digits;
    if (peek(text, at) != (uint32_t)spelling[notation].first) return 0;
    if (head == 2 && peek(text, at + 1) != (uint32_t)spelling[notation].second) return 0;
    if (read_digits(text, at + (size_t)head, spelling[notation].base, digits, &number) < digits ||
        number > 0xFF) {
        return 0;
    }
    *byte = (uint8_t)number;
    return head + digits;
}

/* The bytes of one character's UTF-8, spelt one by one. */
static int read_bytes(const mf_text *text, size_t at, uint8_t notation, mf_escape *escape) {
    uint8_t bytes[4];
    int size = read_byte(text, at, notation, bytes);
    if (!size || bytes[0] == 0xC0) return 0;
    int count = mf_sequence_length(bytes[0]);
    for (int i = 1; i < count; i++) {
        if (!read_byte(text, at + (size_t)(i * size), notation, bytes + i)) return 0;
        if (i == 1 ? !mf_may_follow(bytes[0], bytes[1]) : (bytes[i] & 0xC0) != 0x80) return 0;
    }
    if (!count || (bytes[0] == 0xED && bytes[1] >= 0xA0)) return 0;
    *escape = (mf_escape){mf_decode_sequence(bytes, count), (uint32_t)(count * size), notation};
    return 1;
}

/* HTML Living Standard, "numeric character reference end state". */
static int read_numeric(const mf_text *text, size_t at, mf_escape *escape) {
    int hex = (peek(text, at + 2) | 0x20) == 'x';
    size_t first = at + (hex ? 3 : 2);
    uint32_t code_point;
    int digits = read_digits(text, first, hex ? 16 : 10, 7, &code_point);
    if (!digits || peek(text, first + (size_t)digits) != ';') return 0;
    if (code_point < 0x80 || code_point > 0x10FFFF) return 0;
    if (code_point >= 0xD800 && code_point < 0xE000) return 0;
    if (code_point < 0xA0) code_point = mf_decoded[0][code_point - 0x80];
    *escape = (mf_escape){code_point, (uint32_t)(first - at) + (uint32_t)digits + 1,
                          hex ? MF_NOTATION_HEX : MF_NOTATION_DECIMAL};
    return 1;
}

static int read_named(const mf_text *text, size_t at, mf_escape *escape) {
    char name[MF_LONGEST_NAME + 1];
    size_t length = 0;
    for (;; length++) {
        uint32_t c = peek(text, at + 1 + length);
        if (c == ';') break;
        if (length == MF_LONGEST_NAME || !is_alphanumeric(c)) return 0;
        name[length] = (char)c;
    }
    name[length] = 0;
    size_t low = 0, high = MF_NAMES;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, mf_names[middle].name);
        if (!order) {
            *escape =
                (mf_escape){mf_names[middle].code_point, (uint32_t)length + 2, MF_NOTATION_NAMED};
            return 1;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return 0;
}

int mf_read_escape(const mf_text *text, size_t at, mf_escape *escape) {
    uint32_t next = peek(text, at + 1);
    switch (mf_at(text, at)) {
    case '\\':
        if (next == 'u') return read_unicode(text, at, escape);
        return read_bytes(text, at, next == 'x' ? MF_NOTATION_BYTES : MF_NOTATION_OCTAL, escape);
    case '&':
        return next == '#' ? read_numeric(text, at, escape) : read_named(text, at, escape);
    case '%':
        return read_bytes(text, at, MF_NOTATION_PERCENT, escape);
    case '=':
        return read_bytes(text, at, MF_NOTATION_PRINTABLE, escape);
    default:
        return 0;
    }
}

/* How far to go on from a mark that begins no escape. */
static inline size_t past(const mf_text *text, size_t at) {
    return mf_at(text, at) == '\\' && peek(text, at + 1) == '\\' ? at + 2 : at + 1;
}

/* `start`, or behind it if a backslash there is itself escaped. */
static size_t unescaped(const mf_text *text, size_t start) {
    size_t before = start;
    while (before > 0 && before <= text->length && mf_at(text, before - 1) == '\\')
        before--;
    return start + (start - before) % 2;
}

/* Does a text begin with the byte order mark of UTF-16, read as Latin-1 or its like? */
static int begins_with_mark(const source *source) {
    const mf_text *text = source->text;
    uint32_t one = peek(text, 0), other = peek(text, 1);
    if (source->utf8) {
        if (one != 0xC3 || peek(text, 2) != 0xC3) return 0;
        one = other + 0x40;
        other = peek(text, 3) + 0x40;
    }
    return (one == 0xFF && other == 0xFE) || (one == 0xFE && other == 0xFF);
}

int mf_is_unread(const mf_text *text, size_t at) {
    const source source = {text, 0};
    return is_unread(&source, at) || (!at && begins_with_mark(&source));
}

size_t mf_find_unread(const mf_text *text, size_t start) {
    const source source = {text, 0};
    if (!start && begins_with_mark(&source)) return 0;
    for (size_t i = start; i < text->length; i++) {
        i = find_place(&source, i, text->length);
        if (i == text->length) break;
        if (is_unread(&source, i)) return i;
    }
    return MF_NONE;
}

size_t mf_find_escape(const mf_text *text, size_t start) {
    const source source = {text, 0};
    mf_escape escape;
    for (size_t i = unescaped(text, start); i < text->length; i = past(text, i)) {
        i = find_place(&source, i, text->length);
        if (i == text->length) break;
        if (mf_read_escape(text, i, &escape)) return i;
    }
    return MF_NONE;
}

/* Suspects */

/* The last characters that followed each other, the last one last. */
typedef struct {
    unsigned id[4];
    size_t at[4];
    int escaped[4];
} characters;

static void push(characters *last, uint32_t code_point, size_t at, int escaped) {
    for (int i = 0; i < 3; i++) {
        last->id[i] = last->id[i + 1];
        last->at[i] = last->at[i + 1];
        last->escaped[i] = last->escaped[i + 1];
    }
    last->id[3] = mf_image_id(code_point);
    last->at[3] = at;
    last->escaped[3] = escaped;
}

/* Offset of the suspect that the last pair belongs to, MF_NONE if to none or none is escaped. */
static size_t suspect_of_last(const characters *last) {
    const unsigned *id = last->id;
    int lead = 2;
    if (!mf_is_odd(id[2], id[3])) return MF_NONE;
    if (!mf_begins(id[2], id[3])) {
        if (id[1] && mf_continues(id[1], id[2], id[2], id[3], 1)) {
            lead = 1;
        } else if (id[1] && id[0] && mf_continues(id[0], id[1], id[2], id[3], 2)) {
            lead = 0;
        } else {
            return MF_NONE;
        }
    }
    for (int i = lead; i < 4; i++) {
        if (last->escaped[i]) return last->at[lead];
    }
    return MF_NONE;
}

/* The character beyond ASCII at an offset and its size; 0 if there is none. */
static size_t read_plain(const source *source, size_t at, uint32_t *code_point) {
    const mf_text *text = source->text;
    if (at >= text->length) return 0;
    *code_point = mf_at(text, at);
    if (*code_point < 0x80) return 0;
    if (!source->utf8) return 1;
    const uint8_t *bytes = (const uint8_t *)text->data + at;
    int size = mf_sequence_length(bytes[0]);
    if (!size || (size_t)size > text->length - at) return 0;
    *code_point = mf_decode_sequence(bytes, size);
    return (size_t)size;
}

/* Push what stands before an offset, up to three characters that are not before `floor`. */
static void push_before(const source *source, size_t at, size_t floor, characters *last) {
    size_t starts[3], count = 0, start = at;
    while (count < 3 && start > floor) {
        size_t before = start - 1;
        if (source->utf8) {
            while (before > floor && start - before < 4 &&
                   (mf_at(source->text, before) & 0xC0) == 0x80)
                before--;
        }
        uint32_t code_point;
        if (read_plain(source, before, &code_point) != start - before) break;
        starts[count++] = start = before;
    }
    while (count > 0) {
        uint32_t code_point = 0;
        count--;
        read_plain(source, starts[count], &code_point);
        push(last, code_point, starts[count], 0);
    }
}

/* Offset of the first suspect with an escape in it, or of what was replaced or left unread; `*from`
   is where to begin, no earlier than `floor`, and then where to go on behind `end`. */
static size_t find_other_suspect(const source *source, size_t *from, size_t end, size_t floor) {
    const mf_text *text = source->text;
    size_t i = *from;
    while ((i = find_place(source, i, end)) < end) {
        mf_escape escape;
        if (is_replaced(source, i) || is_unread(source, i)) return i;
        if (!mf_read_escape(text, i, &escape)) {
            i = past(text, i);
            continue;
        }
        characters last = {0};
        push_before(source, i, floor, &last);
        for (;;) {
            size_t size = read_plain(source, i, &escape.code_point);
            if (size && (is_replaced(source, i) || is_unread(source, i))) return i;
            int escaped = !size && i < text->length && mf_read_escape(text, i, &escape);
            if (escaped) size = escape.size;
            if (!size) break;
            push(&last, escape.code_point, i, escaped);
            size_t suspect = suspect_of_last(&last);
            if (suspect != MF_NONE) return suspect;
            i += size;
        }
    }
    *from = i > end ? i : end;
    return MF_NONE;
}

/* Offset of the first suspect in [start, end) that is written as it is. */
static size_t find_plain_suspect(const source *source, size_t start, size_t end) {
    mf_text text = *source->text;
    size_t found;
    if (source->utf8) {
        size_t reach = text.length - end < 16 ? text.length : end + 16;
        found = mf_find_suspect_utf8(text.data, reach, start);
    } else {
        text.length = text.length - end < 4 ? text.length : end + 4;
        found = mf_find_suspect(&text, start);
    }
    return found < end ? found : MF_NONE;
}

static size_t find_any_suspect(const source *source, size_t start) {
    const mf_text *text = source->text;
    size_t other = MF_NONE, from = unescaped(text, start);
    size_t window = FIRST_WINDOW;
    if (!start && begins_with_mark(source)) return 0;
    for (size_t at = start, end; at < text->length; at = end) {
#ifdef MF_AVX2
        if (other == MF_NONE && from <= at && text->width == 1 && mf_vectors()) {
            from = at = pass_ascii_avx2(source, at);
        }
#endif
        end = text->length - at < window ? text->length : at + window;
        if (window < WINDOW) window *= 8;
        while (source->utf8 && end < text->length && (mf_at(text, end) & 0xC0) == 0x80)
            end++;
        if (other == MF_NONE && from < end) {
            other = find_other_suspect(source, &from, end, start);
        }
        size_t plain = find_plain_suspect(source, at, other < end ? other : end);
        if (plain != MF_NONE) return plain;
        if (other < end) return other;
    }
    return MF_NONE;
}

size_t mf_find_any_suspect(const mf_text *text, size_t start) {
    return find_any_suspect(&(source){text, 0}, start);
}

size_t mf_find_any_suspect_utf8(const uint8_t *bytes, size_t length, size_t start) {
    mf_text text = {bytes, length, 1};
    return find_any_suspect(&(source){&text, 1}, start);
}

/* The text as it reads */

/* Where the word of a percent sign begins is looked for only as far as it was not before. */
typedef struct word {
    size_t until;
    int is_url;
} word;

static int ends_word(uint32_t c) {
    return c <= ' ' || (c < 0x80 && strchr("\"'<>`{}|^\\", (int)c));
}

/* Is the word around an offset a URL, or part of one, by what stands before it? */
static int in_url(const mf_text *text, size_t at, word *word) {
    size_t i = at;
    int is_url = 0;
    while (i > word->until && !ends_word(mf_at(text, i - 1))) {
        uint32_t c = mf_at(text, --i);
        is_url |= c == '/' || c == '=' || (c == '(' && i > 0 && mf_at(text, i - 1) == ']');
    }
    if (i > word->until && i > 1) {
        /* href="...": its value need not hold a slash. */
        uint32_t quote = mf_at(text, i - 1);
        is_url |= (quote == '"' || quote == '\'') && mf_at(text, i - 2) == '=';
    } else if (i == word->until) {
        is_url |= word->is_url;
    }
    *word = (struct word){at, is_url};
    return is_url;
}

static int add_escape(mf_view *view, size_t start, const mf_escape *escape) {
    mf_escapes *last = view->count ? &view->runs[view->count - 1] : NULL;
    if (last && last->notation == escape->notation && last->size == escape->size &&
        last->at + last->count == view->length && last->start + last->count * last->size == start) {
        last->count++;
    } else {
        if (!MF_RESERVE(view->runs, view->capacity, view->count)) return 0;
        view->runs[view->count++] =
            (mf_escapes){view->length, start, escape->size, 1, escape->notation};
    }
    view->code_points[view->length++] = escape->code_point;
    return 1;
}

/* Add what stands between two offsets as it is. */
static void copy(const mf_text *text, size_t from, size_t to, mf_view *view) {
    uint32_t *copied = view->code_points + view->length;
    view->length += to - from;
    switch (text->width) {
    case 1:
        while (from < to)
            *copied++ = ((const uint8_t *)text->data)[from++];
        break;
    case 2:
        while (from < to)
            *copied++ = ((const uint16_t *)text->data)[from++];
        break;
    default:
        memcpy(copied, (const uint32_t *)text->data + from, (to - from) * sizeof *copied);
    }
}

/* Is an escape one of a C1 control by itself? Who spells it so means the control, in a range of a
   pattern, say; damage has other characters beyond ASCII beside it. */
static int is_lone_control(const mf_text *text, size_t at, const mf_escape *escape,
                           const mf_view *view) {
    mf_escape next;
    size_t behind = at + escape->size;
    if (!mf_is_c1(escape->code_point)) return 0;
    if (view->length && view->code_points[view->length - 1] >= 0x80) return 0;
    if (behind < text->length && mf_at(text, behind) >= 0x80) return 0;
    return !mf_read_escape(text, behind, &next) || mf_is_c1(next.code_point);
}

int mf_resolve(const mf_text *text, int printable, mf_view *view) {
    *view = (mf_view){.code_points = malloc((text->length + 1) * sizeof(uint32_t))};
    if (!view->code_points) return 0;
    const source source = {text, 0};
    word word = {0};
    size_t i = 0, copied = 0;
    for (;;) {
        if (i < text->length) i = find_place(&source, i, text->length);
        copy(text, copied, i, view);
        copied = i;
        if (i >= text->length) return 1;
        mf_escape escape;
        if (!mf_read_escape(text, i, &escape) ||
            (escape.notation == MF_NOTATION_PERCENT && !in_url(text, i, &word)) ||
            is_lone_control(text, i, &escape, view) ||
            (escape.notation == MF_NOTATION_PRINTABLE && !printable)) {
            i = past(text, i);
            continue;
        }
        if (!add_escape(view, i, &escape)) return 0;
        copied = i += escape.size;
    }
}

void mf_view_free(mf_view *view) {
    free(view->code_points);
    free(view->runs);
    *view = (mf_view){0};
}
