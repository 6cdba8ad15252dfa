#include "results/tensors/bytes.h"

#include <string.h>

#include "base/text.h"

int mdp_bytes_are(struct mdp_bytes bytes, const char *text) {
    return bytes.size == strlen(text) && memcmp(bytes.data, text, bytes.size) == 0;
}

const char *mdp_bytes_show(struct mdp_bytes bytes, char text[MDP_BYTES_SHOWN]) {
    size_t n = bytes.size < MDP_BYTES_SHOWN - 1 ? bytes.size : MDP_BYTES_SHOWN - 1;
    for (size_t i = 0; i < n; i++) text[i] = bytes.data[i] >= ' ' && bytes.data[i] < 0x7f ? (char)bytes.data[i] : '?';
    text[n] = 0;
    return text;
}

int mdp_bytes_is_name(struct mdp_bytes bytes) { return mdp_text_is_name((const char *)bytes.data, bytes.size); }
