#!/bin/sh
# docs/first-experiment.md: every command of it works in an empty folder, in its order; here with fewer steps and episodes
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
sed -n '/^```sh$/,/^```$/{/^```/!p}' "$root/docs/first-experiment.md" |
    sed 's/step000400/step000004/g; s/--steps 400 --checkpoint-every 200/--steps 4 --checkpoint-every 2/; /^mdpbench eval/s/$/ --episodes 2/' > "$work/commands"
[ "$(grep -c '^mdpbench ' "$work/commands")" -ge 8 ]
check $? 'the page has commands' "$work/commands"
while read -r program rest; do
    [ "$program" = mdpbench ] || continue
    # shellcheck disable=SC2086
    works "mdpbench $rest" "$mdpbench" $rest
done < "$work/commands"
finish
