/* what is put into every page (results/show/html.h): files of this folder and of a library, as they are, with a zero
 * behind each. */
#ifndef MDP_RESULTS_SHOW_ASSETS_H
#define MDP_RESULTS_SHOW_ASSETS_H

extern const char mdp_asset_css[], mdp_asset_js[];
/* the drawing library of pages with curves, and whose it is, as Debian has them */
extern const char mdp_asset_d3[], mdp_asset_d3_licence[];

#endif
