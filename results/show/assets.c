#include "results/show/assets.h"

/* the assembler takes files as they are */
#define ASSET(name, path)                                                                                              \
    __asm__(".section .rodata\n.global mdp_asset_" name "\nmdp_asset_" name ":\n.incbin \"" path                       \
            "\"\n.byte 0\n.previous\n")

ASSET("css", MDP_ASSETS "/page.css");
ASSET("js", MDP_ASSETS "/page.js");
ASSET("d3", MDP_D3_SCRIPT);
ASSET("d3_licence", MDP_D3_LICENCE);
