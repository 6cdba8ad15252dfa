/* what is put into every page (results/show/html.h): files of this folder, as they are, with a zero behind each. */
#ifndef MDP_RESULTS_SHOW_ASSETS_H
#define MDP_RESULTS_SHOW_ASSETS_H

extern const char mdp_asset_css[], mdp_asset_js[];

#endif
