#!/bin/sh
# manual pages and completions: made of the tables that --help is made of, and taken by what reads them
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

"$mdpbench" --help | sed -n '/^verbs:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p' > "$work/verbs"
{ echo; cat "$work/verbs"; echo 'gate selftest'; } > "$work/pages"
while read -r verb; do
    # shellcheck disable=SC2086
    run "$mdpbench" help $verb --man
    [ "$status" = 0 ] && [ ! -s "$work/err" ] && head -n 1 "$work/out" | grep -q '^\.TH MDPBENCH'
    check $? "help $verb --man" "$work/out" "$work/err"
    cp "$work/out" "page$n.1"
    [ "$verb" ] || continue
    "$mdpbench" help $verb | sed -n '/^options:/,/^example:/s/^  --\([a-z-]*\).*/\1/p' | sort > "$work/options"
    sed 's/\\-/-/g' "page$n.1" | sed -n 's/^\\fB--\([a-z-]*\).*/\1/p' | sort > "$work/in_page"
    [ -s "$work/options" ] && comm -23 "$work/options" "$work/in_page" > "$work/absent" && [ ! -s "$work/absent" ]
    check $? "$verb: the page has every option" "$work/absent"
done < "$work/pages"
if command -v mandoc > "$work/which"; then
    mandoc -T lint -W warning page*.1 > "$work/lint" 2>&1
    check $? 'mandoc finds nothing wrong' "$work/lint"
    mandoc -T utf8 -O width=78 page*.1 | sed 's/.\x08//g' | awk 'length > 80 && !/^ *mdpbench /' > "$work/wide"
    [ ! -s "$work/wide" ]
    check $? 'no line but a command is wider than the page' "$work/wide"
else
    skip 'mandoc finds nothing wrong' 'no mandoc here'
fi

# complete WORD...: what bash offers for the last word
cat > "$work/complete.bash" <<'END'
COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
source "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_mdpbench
printf '%s\n' "${COMPREPLY[@]}"
END
run "$mdpbench" help --completion bash
cp "$work/out" "$work/bash"
offers() {
    offers_text=$1
    shift
    bash "$work/complete.bash" "$work/bash" mdpbench "$@" > "$work/out" 2> "$work/err"
    [ "$(tr '\n' ' ' < "$work/out")" = "$offers_text " ] && [ ! -s "$work/err" ]
    check $? "bash: mdpbench $*" "$work/out" "$work/err"
}
if command -v bash > "$work/which"; then
    bash -n "$work/bash" 2> "$work/err"
    check $? 'the completion is bash' "$work/err"
    offers 'eval export' e
    offers '--version' --v
    offers 'walker2d-medium walker2d-medium-replay walker2d-medium-expert' collect walker2d-medium
    offers 'ema online' eval --actor ''
    offers 'ema online' eval --actor =
    offers 'online' eval --actor = o
    offers '--every --episodes' eval --e
    offers 'hopper-random' train --task hopper-ra
    offers 'dql' train --algo dq
    offers 'selftest' gate s
    offers '--noise' gate selftest --no
    offers 'bash' help --completion b
    offers '' eval runs/
    # every option of every verb
    while read -r verb; do
        "$mdpbench" "$verb" --help | sed -n '/^options:/,/^example:/s/^  \(--[a-z-]*\).*/\1/p' | sort > "$work/options"
        bash "$work/complete.bash" "$work/bash" mdpbench "$verb" -- | sort | cmp -s - "$work/options" || echo "$verb"
    done < "$work/verbs" > "$work/absent"
    [ ! -s "$work/absent" ]
    check $? 'bash: all options of all verbs' "$work/absent"
else
    skip 'the completion is bash' 'no bash here'
fi
run "$mdpbench" help --completion zsh
cp "$work/out" _mdpbench
if command -v zsh > "$work/which"; then
    zsh -n _mdpbench 2> "$work/err"
    check $? 'the completion is zsh' "$work/err"
    # a terminal with completion, two tabs, and what it shows
    zsh -f -c '
        zmodload zsh/zpty
        zpty shell zsh -f -i
        zpty -w shell "PS1=; fpath=($PWD \$fpath); autoload -U compinit; compinit -u -D; print -n rea; print dy"
        for i in {1..100}; do zpty -r -t shell line; [[ $line == *ready* ]] && break; sleep 0.1; done
        zpty -w -n shell $'"'"'mdpbench eval --actor \t'"'"'
        for i in {1..100}; do zpty -r -t shell part && shown+=$part; [[ $shown == *online* ]] && break; sleep 0.1; done
        print -r -- "$shown"' > "$work/out" 2> "$work/err" < /dev/null
    grep -q 'online' "$work/out"
    check $? 'zsh offers what an option takes' "$work/out" "$work/err"
else
    skip 'the completion is zsh' 'no zsh here'
fi
finish
