/* what libFuzzer calls with every input: the reader that MDPBENCH_FUZZ_READER names. built by tests/campaign/fuzz.t */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/fuzz/readers.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static char path[128];
    const char *name = getenv("MDPBENCH_FUZZ_READER"), *folder = getenv("TMPDIR");
    if (path[0] == 0) snprintf(path, sizeof path, "%.90s/input%ld", folder != NULL ? folder : "/tmp", (long)getpid());
    mdp_err err = readers_read(name != NULL ? name : "", path, bytes, size);
    /* a refusal without a word, and a code that no reader documents, are faults like a crash */
    if (err == MDP_E_INTERNAL || err == MDP_E_USAGE || (err != MDP_OK && mdp_err_message()[0] == 0)) abort();
    return 0;
}
