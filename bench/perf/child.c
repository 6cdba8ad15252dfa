#define _DEFAULT_SOURCE
#include "bench/perf/child.h"

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/cpu.h"

/* puts a file, or nothing, in the place of a stream; for a process that is about to become another program */
static void redirect(const char *path, int stream) {
    int file = open(path != NULL ? path : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0 || dup2(file, stream) < 0) _exit(126);
}

mdp_err mdp_perf_program_run(const struct mdp_perf_program *program, struct mdp_perf_ended *out) {
    struct rusage usage;
    int status;
    double start = mdp_clock_seconds();
    pid_t child = fork();
    if (child < 0) return mdp_fail(MDP_E_IO, "perf: cannot start '%s'", program->arguments[0]);
    if (child == 0) {
        redirect(program->out, STDOUT_FILENO);
        if (program->is_silent) redirect(NULL, STDERR_FILENO);
        execvp(program->file, program->arguments);
        _exit(127);
    }
    if (wait4(child, &status, 0, &usage) != child) {
        /* the child must not write to files that are removed next */
        kill(child, SIGTERM);
        waitpid(child, &status, 0);
        return mdp_fail(MDP_E_INTERRUPTED, "perf: interrupted");
    }
    *out = (struct mdp_perf_ended){.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
                                   .seconds = mdp_clock_seconds() - start,
                                   .bytes = 1024.0 * (double)usage.ru_maxrss};
    return MDP_OK;
}

mdp_err mdp_perf_memory(const char *name, mdp_perf_hungry work, void *context, double *bytes) {
    int ends[2], status;
    if (pipe(ends) != 0) return mdp_fail(MDP_E_IO, "perf: no pipe to measure memory through");
    /* freed memory of earlier work would be used again and hide the growth */
    malloc_trim(0);
    pid_t child = fork();
    if (child == 0) {
        double before = mdp_cpu_peak_memory(), grown = work(context) == MDP_OK ? mdp_cpu_peak_memory() - before : 0;
        _exit(write(ends[1], &grown, sizeof grown) != sizeof grown);
    }
    close(ends[1]);
    ssize_t n = read(ends[0], bytes, sizeof *bytes);
    close(ends[0]);
    if (child < 0 || waitpid(child, &status, 0) != child || n != sizeof *bytes || *bytes <= 0)
        return mdp_fail(MDP_E_IO, "perf: memory of %s: the process that measures it failed", name);
    return MDP_OK;
}
