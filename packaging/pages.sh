#!/bin/sh
# writes the manual pages and completions of a program into a folder, compressed as Debian has them: pages.sh PROGRAM FOLDER
set -eu
program=$1
folder=$2
mkdir -p "$folder"
rm -f "$folder"/*.gz
"$program" help --man | gzip -9n > "$folder/mdpbench.1.gz"
{ "$program" --help | sed -n '/^verbs:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p' && echo 'gate selftest'; } | while read -r verb; do
    # shellcheck disable=SC2086
    "$program" help $verb --man | gzip -9n > "$folder/mdpbench-$(echo "$verb" | tr ' ' -).1.gz"
done
"$program" help --completion bash > "$folder/mdpbench"
"$program" help --completion zsh > "$folder/_mdpbench"
