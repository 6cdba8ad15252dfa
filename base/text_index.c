#include "base/text_index.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 256 };

struct mdp_text_entry {
    char *text;
    int number;
};

static uint64_t hash(const char *text) {
    uint64_t h = 0xcbf29ce484222325u;
    for (; *text != 0; text++) h = (h ^ (unsigned char)*text) * 0x100000001b3u;
    return h ^ h >> 32;
}

/* the entry of a text, or the free one where it belongs; half of them are always free */
static struct mdp_text_entry *find(struct mdp_text_entry *entries, int room, const char *text) {
    uint64_t i = hash(text) % (uint64_t)room;
    while (entries[i].text != NULL && strcmp(entries[i].text, text) != 0) i = (i + 1) % (uint64_t)room;
    return &entries[i];
}

static mdp_err grow(struct mdp_text_index *index) {
    struct mdp_text_entry *entries;
    int room = index->room == 0 ? FIRST_ROOM : 2 * index->room;
    mdp_err err = mdp_calloc(&entries, (unsigned long)room, sizeof *entries, "index of names");
    if (err != MDP_OK) return err;
    for (int i = 0; i < index->room; i++)
        if (index->entries[i].text != NULL) *find(entries, room, index->entries[i].text) = index->entries[i];
    free(index->entries);
    index->entries = entries;
    index->room = room;
    return MDP_OK;
}

mdp_err mdp_text_index_put(struct mdp_text_index *index, const char *text, int number, int *found) {
    mdp_err err = MDP_OK;
    if (2 * (index->n + 1) > index->room) MDP_TRY(grow(index));
    struct mdp_text_entry *entry = find(index->entries, index->room, text);
    if (entry->text == NULL) {
        MDP_TRY(mdp_calloc(&entry->text, strlen(text) + 1, 1, "index of names"));
        strcpy(entry->text, text);
        entry->number = number;
        index->n++;
    }
    *found = entry->number;
out:
    return err;
}

void mdp_text_index_free(struct mdp_text_index *index) {
    for (int i = 0; i < index->room; i++) free(index->entries[i].text);
    free(index->entries);
    *index = (struct mdp_text_index){.n = 0};
}
