#include "results/show/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/text.h"

/* from here on two integers share a double */
static const uint64_t largest_whole = UINT64_C(1) << 53;

json_t *mdp_json_real(double value) { return isfinite(value) ? json_real(value) : json_null(); }

json_t *mdp_json_whole(uint64_t value) {
    char text[24];
    if (value <= largest_whole) return json_integer((json_int_t)value);
    snprintf(text, sizeof text, "%" PRIu64, value);
    return json_string(text);
}

json_t *mdp_json_count(double value) {
    char text[MDP_NUMBER_MAX];
    if (!isfinite(value)) return json_null();
    if (fabs(value) <= (double)largest_whole) return json_integer((json_int_t)rint(value));
    mdp_number_fixed(value, 0, text);
    return json_string(text);
}

json_t *mdp_json_of_text(const char *text) {
    json_t *value = json_string(text);
    char *copy = value == NULL ? strdup(text) : NULL;
    if (copy == NULL) return value;
    mdp_text_mend(copy);
    value = json_string(copy);
    free(copy);
    return value;
}

json_t *mdp_json_of_error(mdp_err why, const char *message) {
    return json_pack("{s:{s:s, s:o, s:i}}", "error", "kind", mdp_err_text(why), "message", mdp_json_of_text(message),
                     "status", mdp_err_exit_status(why));
}

/* the text in place of an integer; NULL for what may stay */
static json_t *mended(const json_t *value) {
    char text[24];
    const json_int_t most = (json_int_t)largest_whole;
    if (!json_is_integer(value) || (json_integer_value(value) >= -most && json_integer_value(value) <= most))
        return NULL;
    snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    return json_string(text);
}

static void mend_integers(json_t *value) {
    const char *key;
    json_t *item, *text;
    size_t i;
    json_object_foreach(value, key, item) {
        if ((text = mended(item)) != NULL)
            json_object_set_new(value, key, text);
        else
            mend_integers(item);
    }
    json_array_foreach(value, i, item) {
        if ((text = mended(item)) != NULL)
            json_array_set_new(value, i, text);
        else
            mend_integers(item);
    }
}

mdp_err mdp_json_write(json_t *root, int indent, const char *what, FILE *stream) {
    const size_t flags = JSON_INDENT((size_t)indent) | JSON_REAL_PRECISION(17);
    mdp_err err = MDP_OK;
    mend_integers(root);
    if (root == NULL)
        err = mdp_fail(MDP_E_NOMEM, "%s: no memory for its JSON", what);
    else if (json_dumpf(root, stream, flags) != 0 || fputc('\n', stream) == EOF)
        err = mdp_fail(MDP_E_IO, "%s: cannot write JSON", what);
    json_decref(root);
    return err;
}
