/* the moment at which a PDF was made, which is not to be in it: the same figure is the same bytes. */
#ifndef MDP_RESULTS_SHOW_PDF_H
#define MDP_RESULTS_SHOW_PDF_H

#include <stddef.h>

#include "base/err.h"

/** Puts the date of a PDF of cairo to 1 January 2000. From cairo 1.18 on the date is within a compressed object stream:
 * such a file is laid out anew without them, *data and *size are replaced. A file of another layout stays as it is.
 * Owns: caller, free. Errors: NOMEM. */
mdp_err mdp_pdf_set_date(char **data, size_t *size);

#endif
