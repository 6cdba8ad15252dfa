#!/bin/sh
# says that a word is no target and which one may be meant: meant.sh WORD TARGET... as base/names does, before it is built
set -eu
printf '%s\n' "$@" | awk '
    function least(a, b) { return a < b ? a : b }
    # letters to add, drop, change or swap with their neighbour
    function distance(a, b,    n, m, i, j, d, same) {
        n = length(a); m = length(b)
        for (i = 0; i <= n; i++) d[i, 0] = i
        for (j = 0; j <= m; j++) d[0, j] = j
        for (i = 1; i <= n; i++)
            for (j = 1; j <= m; j++) {
                same = substr(a, i, 1) == substr(b, j, 1)
                d[i, j] = least(least(d[i - 1, j], d[i, j - 1]) + 1, d[i - 1, j - 1] + !same)
                if (i > 1 && j > 1 && substr(a, i, 1) == substr(b, j - 1, 1) && substr(a, i - 1, 1) == substr(b, j, 1))
                    d[i, j] = least(d[i, j], d[i - 2, j - 2] + 1)
            }
        return d[n, m]
    }
    NR == 1 { word = $0; nearest = int((length(word) + 1) / 3) + 1; next }
    { d = distance(word, $0); if (d < nearest) { nearest = d; meant = "; did you mean \047" $0 "\047?" } }
    END { printf "run: no target \047%s\047%s; ./run alone lists them\n", word, meant }'
