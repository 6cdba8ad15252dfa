/* a policy for mdpbench in C: the protocol of docs/policy-protocol.md, on a little-endian machine.
 *
 * cc -O2 -o policy docs/examples/policy.c && mdpbench eval --policy ./policy --task halfcheetah-medium */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int number(const char *line, const char *key) {
    const char *at = strstr(line, key);
    return at != NULL ? atoi(at + strlen(key)) : 0;
}

int main(void) {
    static char line[1 << 16];
    uint32_t n;
    if (fgets(line, sizeof line, stdin) == NULL) return 1;
    size_t n_obs = (size_t)number(line, "\"n_obs\":"), n_act = (size_t)number(line, "\"n_act\":");
    size_t lanes = (size_t)number(line, "\"lanes\":");
    uint32_t *question = malloc(lanes * (2 + n_obs) * 4);  /* episodes [n], steps [n], observations [n, n_obs] */
    float *actions = calloc(lanes * n_act, sizeof(float)); /* [n, n_act]: the null policy does nothing */
    if (question == NULL || actions == NULL) return 1;
    printf("{\"protocol\": 1, \"name\": \"null\"}\n");
    fflush(stdout);
    while (fread(&n, 4, 1, stdin) == 1 && fread(question, 4, n * (2 + n_obs), stdin) == n * (2 + n_obs)) {
        fwrite(&n, 4, 1, stdout);
        fwrite(actions, sizeof(float), n * n_act, stdout);
        fflush(stdout);
    }
    return 0;
}
