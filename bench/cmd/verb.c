#define _GNU_SOURCE
#include "bench/cmd/verb.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_OPTIONS = 48 };

/* a number outside the allowed range stands for "not given" */
static int out_of_range(const struct mdp_option *option, double value) {
    if (option->low == 0 && option->high == 0) return 0;
    return !(value >= option->low && value <= option->high);
}

static void print_default(const struct mdp_option *option) {
    switch (option->kind) {
    case MDP_OPT_FLAG: break;
    case MDP_OPT_STRING:
        if (*(const char **)option->target != NULL) printf(" (default %s)", *(const char **)option->target);
        break;
    case MDP_OPT_NAME:
        if (((struct mdp_option_name *)option->target)->text != NULL)
            printf(" (default %s)", ((struct mdp_option_name *)option->target)->text);
        break;
    case MDP_OPT_INT:
        if (!out_of_range(option, (double)*(long *)option->target)) printf(" (default %ld)", *(long *)option->target);
        break;
    case MDP_OPT_U64: printf(" (default %" PRIu64 ")", *(uint64_t *)option->target); break;
    case MDP_OPT_REAL:
        if (!out_of_range(option, *(double *)option->target)) printf(" (default %g)", *(double *)option->target);
        break;
    }
}

static void print_help(const struct mdp_verb *verb, const struct mdp_option *options, int n_options) {
    char names[MDP_NAMES_MAX];
    printf("usage: mdpbench %s %s%s\n\n%s\n", verb->name, verb->usage,
           verb->choices != NULL ? verb->choices(names) : "", verb->summary);
    if (verb->details != NULL) printf("\n%s\n", verb->details);
    printf("\noptions:\n");
    for (int i = 0; i < n_options; i++) {
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", options[i].name, options[i].argument != NULL ? " " : "",
                 options[i].argument != NULL ? options[i].argument : "");
        printf("  %-28s %s", left, options[i].help);
        if (options[i].kind == MDP_OPT_NAME)
            printf(": %s", mdp_names_text(((struct mdp_option_name *)options[i].target)->known, names));
        print_default(&options[i]);
        printf("\n");
    }
    printf("  %-28s show this text\n\nexample:\n  %s\n", "--help", verb->example);
}

static mdp_err bad_value(const struct mdp_verb *verb, const struct mdp_option *option, const char *found,
                         const char *expected) {
    if (option->low != 0 || option->high != 0)
        return mdp_fail(MDP_E_USAGE, "%s: option --%s: expected %s from %g to %g, found '%s'", verb->name, option->name,
                        expected, option->low, option->high, found);
    return mdp_fail(MDP_E_USAGE, "%s: option --%s: expected %s, found '%s'", verb->name, option->name, expected, found);
}

static mdp_err store_name(const struct mdp_verb *verb, const struct mdp_option *option, const char *text) {
    struct mdp_option_name *target = option->target;
    char what[64];
    int i;
    snprintf(what, sizeof what, "%s: option --%s", verb->name, option->name);
    target->text = text;
    return mdp_names_find(target->known, what, text, &i);
}

static mdp_err store(const struct mdp_verb *verb, const struct mdp_option *option, const char *text) {
    char *end = NULL;
    errno = 0;
    switch (option->kind) {
    case MDP_OPT_FLAG: *(int *)option->target = 1; return MDP_OK;
    case MDP_OPT_STRING: *(const char **)option->target = text; return MDP_OK;
    case MDP_OPT_NAME: return store_name(verb, option, text);
    case MDP_OPT_INT: {
        long value = strtol(text, &end, 10);
        if (end == text || *end != 0 || errno != 0 || out_of_range(option, (double)value))
            return bad_value(verb, option, text, "a whole number");
        *(long *)option->target = value;
        return MDP_OK;
    }
    case MDP_OPT_U64: {
        /* what JSON integers hold */
        long long value = strtoll(text, &end, 10);
        if (end == text || *end != 0 || errno != 0 || value < 0)
            return bad_value(verb, option, text, "a whole number from 0 to 9223372036854775807");
        *(uint64_t *)option->target = (uint64_t)value;
        return MDP_OK;
    }
    case MDP_OPT_REAL: {
        double value = strtod(text, &end);
        if (end == text || *end != 0 || !isfinite(value) || out_of_range(option, value))
            return bad_value(verb, option, text, "a finite number");
        *(double *)option->target = value;
        return MDP_OK;
    }
    }
    return mdp_fail(MDP_E_INTERNAL, "option --%s has no kind", option->name);
}

mdp_err mdp_options_parse(const struct mdp_verb *verb, const struct mdp_option *options, int n_options, int argc,
                          char **argv, int *first, int *done) {
    struct option table[MAX_OPTIONS + 2];
    memset(table, 0, sizeof table);
    if (n_options > MAX_OPTIONS) return mdp_fail(MDP_E_INTERNAL, "%s: more than %d options", verb->name, MAX_OPTIONS);
    for (int i = 0; i < n_options; i++)
        table[i] = (struct option){options[i].name, options[i].kind == MDP_OPT_FLAG ? no_argument : required_argument,
                                   NULL, 1000 + i};
    table[n_options] = (struct option){"help", no_argument, NULL, 'h'};
    *done = 0;
    opterr = 0;
    optind = 0;
    int code;
    while ((code = getopt_long(argc, argv, ":h", table, NULL)) != -1) {
        if (code == 'h') {
            print_help(verb, options, n_options);
            *done = 1;
            return MDP_OK;
        }
        if (code == ':')
            return mdp_fail(MDP_E_USAGE, "%s: option %s: expected an argument, found none", verb->name,
                            argv[optind - 1]);
        if (code == '?')
            return mdp_fail(MDP_E_USAGE, "%s: unknown or ambiguous option '%s'; 'mdpbench %s --help' lists them",
                            verb->name, argv[optind - 1], verb->name);
        mdp_err err = store(verb, &options[code - 1000], optarg);
        if (err != MDP_OK) return err;
    }
    *first = optind;
    return MDP_OK;
}
