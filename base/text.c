#include "base/text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 4096 };

/* characters without a shape that part lines (U+2028, U+2029) or turn the order of what is shown (marks, embeddings,
 * overrides and isolates of bidirectional text), the mark of a byte order, and tags, which hide a text in another */
static int is_format_control(const unsigned char *bytes, size_t length) {
    static const struct {
        size_t length;
        unsigned long from, to;
    } rows[] = {{2, 0xd89c, 0xd89c},     {3, 0xe2808e, 0xe2808f}, {3, 0xe280a8, 0xe280ae},
                {3, 0xe281a6, 0xe281a9}, {3, 0xefbbbf, 0xefbbbf}, {4, 0xf3a08080, 0xf3a081bf}};
    unsigned long code = 0;
    for (size_t i = 0; i < length; i++) code = code << 8 | bytes[i];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (length == rows[i].length && code >= rows[i].from && code <= rows[i].to) return 1;
    return 0;
}

/* the length of a well-formed character of up to n bytes, 0 for any other. a table row is: first byte from, to, its
 * length, and the range of the second byte, which shuts out overlong forms and surrogates */
size_t mdp_text_character(const char *text, size_t n) {
    const unsigned char *bytes = (const unsigned char *)text;
    static const struct {
        unsigned char from, to, length, low, high;
    } rows[] = {{0x20, 0x7e, 1, 0, 0},       {0xc2, 0xdf, 2, 0x80, 0xbf}, {0xe0, 0xe0, 3, 0xa0, 0xbf},
                {0xe1, 0xec, 3, 0x80, 0xbf}, {0xed, 0xed, 3, 0x80, 0x9f}, {0xee, 0xef, 3, 0x80, 0xbf},
                {0xf0, 0xf0, 4, 0x90, 0xbf}, {0xf1, 0xf3, 4, 0x80, 0xbf}, {0xf4, 0xf4, 4, 0x80, 0x8f}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (bytes[0] < rows[i].from || bytes[0] > rows[i].to) continue;
        size_t length = rows[i].length;
        if (length > n || (length > 1 && (bytes[1] < rows[i].low || bytes[1] > rows[i].high))) return 0;
        for (size_t j = 2; j < length; j++)
            if ((bytes[j] & 0xc0) != 0x80) return 0;
        /* U+0080 to U+009F are control characters too */
        return (bytes[0] == 0xc2 && bytes[1] < 0xa0) || is_format_control(bytes, length) ? 0 : length;
    }
    return 0;
}

int mdp_text_width(const char *text) {
    int width = 0;
    for (size_t left = strlen(text), n; left > 0; text += n, left -= n, width++)
        if ((n = mdp_text_character(text, left)) == 0) n = 1;
    return width;
}

/* whether a CI service would take what follows for a command. a line of commands may begin with blanks */
static int is_command(const char *text, size_t size, size_t offset) {
    if (offset + 2 > size || text[offset] != text[offset + 1]) return 0;
    if (text[offset] == ':') return strspn(text, " ") >= offset;
    if (text[offset] != '#') return 0;
    for (offset += 2; offset < size && text[offset] >= 'a' && text[offset] <= 'z';) offset++;
    return offset < size && text[offset] == '[';
}

/* what is shown of a text at an offset: so many bytes as they are, or '?' for one byte where it is 0 */
static size_t kept(const char *text, size_t size, size_t offset) {
    return is_command(text, size, offset) ? 0 : mdp_text_character(text + offset, size - offset);
}

int mdp_text_is_name(const char *bytes, size_t n) {
    for (size_t offset = 0, length; offset < n; offset += length)
        if ((length = kept(bytes, n, offset)) == 0) return 0;
    return n > 0;
}

void mdp_text_mend(char *text) {
    for (size_t size = strlen(text), offset = 0, n; offset<size; offset += n> 0 ? n : 1)
        if ((n = kept(text, size, offset)) == 0) text[offset] = '?';
}

void mdp_text_put(FILE *stream, const char *text) {
    for (size_t size = text != NULL ? strlen(text) : 0, offset = 0, n; offset<size; offset += n> 0 ? n : 1) {
        n = kept(text, size, offset);
        fwrite(n > 0 ? text + offset : "?", 1, n > 0 ? n : 1, stream);
    }
}

/* memory is asked for only where a line is longer than the paths that we take; without it such a line is cut */
void mdp_text_vprint_line(FILE *stream, const char *format, va_list args) {
    char line[LINE_MAX_BYTES], *text = line;
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(line, sizeof line, format, args);
    if (n >= (int)sizeof line && (text = malloc((size_t)n + 1)) != NULL) vsnprintf(text, (size_t)n + 1, format, again);
    va_end(again);
    if (n >= 0) {
        mdp_text_put(stream, text != NULL ? text : line);
        fputs(text != NULL ? "\n" : " ... (cut: no memory)\n", stream);
    }
    if (text != line) free(text);
}

void mdp_text_print_line(FILE *stream, const char *format, ...) {
    va_list args;
    va_start(args, format);
    mdp_text_vprint_line(stream, format, args);
    va_end(args);
}
