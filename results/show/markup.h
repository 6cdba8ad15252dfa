/* texts within other languages: what Markdown, LaTeX, XML, HTML, TAP or a spreadsheet would obey is escaped, so that
 * readers see the text that was meant. texts may come from files that nobody vouches for; lines and what is no UTF-8
 * are mended on the way. */
#ifndef MDP_RESULTS_SHOW_MARKUP_H
#define MDP_RESULTS_SHOW_MARKUP_H

#include <stdio.h>

/** Writes a text within a line of Markdown. */
void mdp_put_md(FILE *stream, const char *text);

/** Writes a text as code within a line of Markdown, where no escapes hold: between more backticks than it has. */
void mdp_put_md_code(FILE *stream, const char *text);

/** Writes a text within a paragraph of LaTeX or a cell of its tables. */
void mdp_put_tex(FILE *stream, const char *text);

/** Writes a text within XML or HTML, as content or between double quotes. */
void mdp_put_xml(FILE *stream, const char *text);

/** Writes a text within a line of TAP, where # begins a directive, wherever it stands. */
void mdp_put_tap(FILE *stream, const char *text);

/** Writes a text as one cell of CSV (RFC 4180): quoted where it must be, and behind an apostrophe where a spreadsheet
 * would compute it. numbers stay as they are. */
void mdp_put_csv(FILE *stream, const char *text);

#endif
