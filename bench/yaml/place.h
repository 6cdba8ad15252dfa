/* places in a YAML file: from keys to lines, and refusals that name both.
 *
 * keys read like paths: rows[1].margin.absolute, entries counted from 0. */
#ifndef MDP_BENCH_YAML_PLACE_H
#define MDP_BENCH_YAML_PLACE_H

#include "base/err.h"

enum { MDP_YAML_KEY_MAX = 256 };

/* a file that fits its table: the struct it became, and where in the text its keys are */
struct mdp_yaml;

/** Returns the line of a key, from 1; 0 if it is absent. */
int mdp_yaml_line(const struct mdp_yaml *yaml, const char *key);

/** Records "file:line: key: message" and returns MDP_E_DATA: for what a table cannot say. An absent key has the line
 * of the nearest part of its path that is there. */
mdp_err mdp_yaml_refuse(const struct mdp_yaml *yaml, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
