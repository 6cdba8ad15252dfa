#!/bin/sh
# writes the manual pages and completions of a program into a folder, compressed as Debian has them: pages.sh PROGRAM FOLDER
set -eu
program=$1
folder=$2
mkdir -p "$folder"
rm -f "$folder"/*.gz
# a page of a program that fails must not become an empty page
write() { "$program" help "$@" > "$folder/page.tmp"; }
verbs=$("$program" --help | sed -n '/^verbs:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p')
[ -n "$verbs" ]
write --man
gzip -9nc "$folder/page.tmp" > "$folder/mdpbench.1.gz"
for verb in $verbs gate-selftest; do
    # shellcheck disable=SC2046
    write $(echo "$verb" | tr - ' ') --man
    gzip -9nc "$folder/page.tmp" > "$folder/mdpbench-$verb.1.gz"
done
write --completion zsh
mv "$folder/page.tmp" "$folder/_mdpbench"
# the build looks at this one, which is the last
write --completion bash
mv "$folder/page.tmp" "$folder/mdpbench"
