#!/bin/sh
# files that harmed libhdf5: HDFGroup's public corpus (github.com/HDFGroup/cve_hdf5), of which nothing is kept here. Each verb that reads
# HDF5 ends by itself, with a message and a status of its own. MDPBENCH_CORPUS=FOLDER says where a copy is
corpus=${MDPBENCH_CORPUS:-}
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
if [ -z "$corpus" ]; then
    skip "files that harmed libhdf5" "no copy of HDFGroup/cve_hdf5 is named by MDPBENCH_CORPUS"
    finish
    exit 0
fi
sound=$root/results/reference/behavior/walker2d-expert.episodes.h5
find "$corpus" -type f '(' -path '*/cvefiles/*' -o -path '*/fuzzerfiles/*' ')' ! -name '*.md' ! -name '*.c' | sort > "$work/files"
while read -r file; do
    for verb in inspect "compare $sound" "train --task walker2d-medium --steps 1 --checkpoint-every 1 --batch 16 --threads 1 --out t --data" \
        "export --out x.safetensors" "import --out i" "verify env"; do
        # shellcheck disable=SC2086
        run timeout 60 "$mdpbench" $verb "$file"
        [ "$status" = 3 ] && [ "$(wc -l < "$work/err")" -ge 1 ]
        check $? "${verb%% *} ${file##*/}" "$work/err"
    done
done < "$work/files"
[ -s "$work/files" ]
check $? 'there are files'
finish
