#include "bench/cmd/out.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/text.h"
#include "results/show/json.h"

static int has_ending(const char *path) { return strchr(mdp_path_name(path), '.') != NULL; }

mdp_err mdp_out_format(const struct mdp_verb *verb, const struct mdp_out_choice *choice,
                       enum mdp_table_format *format) {
    static const char *const plain[] = {"txt"};
    const struct mdp_names of_text = MDP_NAMES_OF_TEXTS(plain);
    char known[MDP_NAMES_MAX];
    int i = choice->out != NULL ? mdp_names_ending(mdp_table_format_names(), choice->out) : -1;
    *format = choice->format;
    if (choice->as_json && choice->is_given && choice->format != MDP_TABLE_JSON)
        return mdp_fail(MDP_E_USAGE, "%s: option --json: expected no other --format beside it, found %s", verb->name,
                        mdp_names_at(mdp_table_format_names(), (int)choice->format));
    if (choice->as_json) *format = MDP_TABLE_JSON;
    if (choice->as_json || choice->is_given || choice->out == NULL || !has_ending(choice->out)) return MDP_OK;
    if (i < 0 && mdp_names_ending(&of_text, choice->out) >= 0) i = MDP_TABLE_TEXT;
    if (i < 0)
        return mdp_fail(MDP_E_USAGE,
                        "%s: option --out: expected a file that ends in .txt, .%s, or --format beside it, found '%s'",
                        verb->name, mdp_names_join(mdp_table_format_names(), ", .", known), choice->out);
    *format = (enum mdp_table_format)i;
    return MDP_OK;
}

mdp_err mdp_out_check_ending(const struct mdp_verb *verb, const char *out, const struct mdp_names *endings) {
    char known[MDP_NAMES_MAX];
    if (out == NULL || !has_ending(out) || mdp_names_ending(endings, out) >= 0) return MDP_OK;
    return mdp_fail(MDP_E_USAGE, "%s: option --out: expected a file that ends in .%s, found '%s'", verb->name,
                    mdp_names_join(endings, ", .", known), out);
}

/* ---- names of files ---- */

mdp_err mdp_out_paths_begin(struct mdp_out_paths *paths, int as_json) {
    paths->as_json = as_json;
    paths->stream = stdout;
    if (!as_json) return MDP_OK;
    mdp_err err = mdp_memstream_open(&paths->memory, "names of files");
    paths->stream = paths->memory.stream;
    return err;
}

static json_t *list_lines(char *text) {
    json_t *list = json_array();
    for (char *rest, *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
        json_array_append_new(list, mdp_json_of_text(line));
    return list;
}

mdp_err mdp_out_paths_end(struct mdp_out_paths *paths, mdp_err err) {
    if (!paths->as_json) {
        if (err == MDP_OK && (fflush(stdout) != 0 || ferror(stdout)))
            err = mdp_fail(MDP_E_IO, "standard output: cannot write");
        return err;
    }
    err = mdp_memstream_close(&paths->memory, err);
    if (err != MDP_OK) return err;
    err = mdp_json_write(json_pack("{s:o}", "paths", list_lines(paths->memory.text)), 0, "paths", stdout);
    free(paths->memory.text);
    return err;
}

mdp_err mdp_out_path(const char *path, int as_json) {
    struct mdp_out_paths paths;
    mdp_err err = mdp_out_paths_begin(&paths, as_json);
    if (err != MDP_OK) return err;
    mdp_text_print_line(paths.stream, "%s", path);
    return mdp_out_paths_end(&paths, MDP_OK);
}
