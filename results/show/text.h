/* numbers as text, the same in every locale. */
#ifndef MDP_RESULTS_SHOW_TEXT_H
#define MDP_RESULTS_SHOW_TEXT_H

enum { MDP_NUMBER_MAX = 400 };

/** Writes a number with a fixed count of digits after the point; never "-0.00". Range: 0 <= precision <= 17. */
void mdp_text_fixed(double value, int precision, char text[MDP_NUMBER_MAX]);

/** Writes the shortest decimal that reads back as the same double. */
void mdp_text_shortest(double value, char text[MDP_NUMBER_MAX]);

#endif
