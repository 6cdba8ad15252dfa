/* the loop that tests/python/rate.py measures Python against: for each line of standard input, the processor time of a
 * round of steps of many lanes. */
#include <mdpbench.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double processor_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void *array(size_t n, size_t size) {
    void *block = calloc(n, size);
    if (block == NULL) exit(1);
    return block;
}

/* arguments: environment, lanes, steps of a round, file of as many rows of actions */
int main(int argc, char **argv) {
    struct mdpbench_env_facts facts;
    struct mdpbench_vec *vec;
    char line[16];
    if (argc != 5 || mdpbench_env_find(argv[1], &facts) != MDPBENCH_OK) return 1;
    const size_t n = (size_t)atoi(argv[2]), n_steps = (size_t)atoi(argv[3]);
    const size_t n_act = (size_t)facts.n_act, n_row = n * n_act;
    float *actions = array(n_steps * n_row, sizeof *actions);
    float *observations = array(n * (size_t)facts.n_obs, sizeof *observations);
    double *rewards = array(n, sizeof *rewards);
    uint8_t *ends = array(2 * n, 1);
    uint64_t *seeds = array(n, sizeof *seeds);
    uint32_t *episodes = array(n, sizeof *episodes);
    FILE *file = fopen(argv[4], "rb");
    if (file == NULL || fread(actions, sizeof *actions, n_steps * n_row, file) != n_steps * n_row) return 1;
    fclose(file);
    for (size_t i = 0; i < n; i++) seeds[i] = i;
    if (mdpbench_vec_new(argv[1], NULL, (int32_t)n, 1, MDPBENCH_NEXT_STEP, &vec) != MDPBENCH_OK ||
        mdpbench_vec_reset(vec, NULL, seeds, episodes, 1, observations) != MDPBENCH_OK)
        return 1;
    while (fgets(line, sizeof line, stdin) != NULL) {
        double start = processor_seconds();
        for (size_t t = 0; t < n_steps; t++)
            if (mdpbench_vec_step(vec, actions + t * n_row, observations, rewards, ends, ends + n, NULL, NULL) != 0)
                return 1;
        printf("%.9f\n", processor_seconds() - start);
        fflush(stdout);
    }
    mdpbench_vec_free(vec);
    return 0;
}
