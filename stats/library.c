#include "stats/library.h"

#include <gsl/gsl_version.h>

const char *mdp_stats_library_version(void) { return gsl_version; }
