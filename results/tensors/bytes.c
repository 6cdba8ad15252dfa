#include "results/tensors/bytes.h"

#include <string.h>

int mdp_bytes_are(struct mdp_bytes bytes, const char *text) {
    return bytes.size == strlen(text) && memcmp(bytes.data, text, bytes.size) == 0;
}

const char *mdp_bytes_show(struct mdp_bytes bytes, char text[MDP_BYTES_SHOWN]) {
    size_t n = bytes.size < MDP_BYTES_SHOWN - 1 ? bytes.size : MDP_BYTES_SHOWN - 1;
    for (size_t i = 0; i < n; i++) text[i] = bytes.data[i] >= ' ' && bytes.data[i] < 0x7f ? (char)bytes.data[i] : '?';
    text[n] = 0;
    return text;
}

/* the length of a well-formed character of up to n bytes, 0 for any other. a table row is: first byte from, to, its
 * length, and the range of the second byte, which shuts out overlong forms and surrogates */
static size_t character(const unsigned char *bytes, size_t n) {
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
        return bytes[0] == 0xc2 && bytes[1] < 0xa0 ? 0 : length;
    }
    return 0;
}

int mdp_bytes_is_name(struct mdp_bytes bytes) {
    if (bytes.size == 0) return 0;
    for (size_t offset = 0, n; offset < bytes.size; offset += n)
        if ((n = character(bytes.data + offset, bytes.size - offset)) == 0) return 0;
    return 1;
}

void mdp_bytes_mend(char *text) {
    for (size_t size = strlen(text), offset = 0, n; offset < size; offset += n) {
        n = character((const unsigned char *)text + offset, size - offset);
        if (n == 0) text[offset] = '?';
        n = n == 0 ? 1 : n;
    }
}
