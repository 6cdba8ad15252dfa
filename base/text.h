/* texts that others wrote: names in files, names of files. they are shown, never obeyed.
 *
 * - a terminal obeys control characters; the log of a CI service obeys a line that begins with "::", and what stands
 *   behind "##[" or "##vso["
 * - mdp_fail and mdp_log mend all that they say; whoever prints a text by other means mends it here */
#ifndef MDP_BASE_TEXT_H
#define MDP_BASE_TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

/** Returns the length of the well-formed UTF-8 character at the start of n >= 1 bytes; 0 for a control character, one
 * that turns the order of a text or parts lines, and for bytes that are none. */
size_t mdp_text_character(const char *bytes, size_t n);

/** Returns how many characters a text is wide, as mdp_text_put prints it: each of them one, whatever its bytes. */
int mdp_text_width(const char *text);

/** Returns 1 if n bytes are UTF-8 that mdp_text_mend leaves as they are, fit for a name that people see. Range: n >= 1,
 * else 0. */
int mdp_text_is_name(const char *bytes, size_t n);

/** Makes a text UTF-8 on one line that nothing obeys, in place: every byte that does not fit becomes '?', as those of a
 * character that was cut at the end. */
void mdp_text_mend(char *text);

/** Prints a text as mdp_text_mend makes it, without changing it. Nullable: text, which prints nothing. */
void mdp_text_put(FILE *stream, const char *text);

/** Prints one line as mdp_text_print_line does. */
void mdp_text_vprint_line(FILE *stream, const char *format, va_list args);

/** Prints one line, formatted as printf does and then as mdp_text_mend leaves it: a path or a name that a result says,
 * alone or with others. */
void mdp_text_print_line(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
