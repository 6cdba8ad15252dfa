#!/bin/sh
# --help, --version and everything that a command line can have wrong
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

run "$mdpbench" --help
sed -n '/^verbs:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p' "$work/out" > "$work/verbs"
[ "$status" = 0 ] && [ ! -s "$work/err" ] && grep -qx '  0  ok' "$work/out"
check $? 'mdpbench --help' "$work/out" "$work/err"
for verb in behave collect train eval act diagnose table figure render report runs inspect import export perf verify help; do grep -qx $verb "$work/verbs" || echo $verb; done > "$work/absent"
[ ! -s "$work/absent" ]
check $? 'it names every verb' "$work/absent"
for code in 0 1 2 3 4 5 6 70; do grep -q "^  $code " "$work/out" || echo $code; done > "$work/absent"
[ ! -s "$work/absent" ]
check $? 'it names every exit status' "$work/absent"

run "$mdpbench" --version
[ "$status" = 0 ] && [ ! -s "$work/err" ] && has_all 'mdpbench |bullet-float64 |oneDNN |HDF5 |jansson |GSL ' "$work/out"
check $? '--version names the program and its libraries' "$work/out" "$work/err"
cp "$work/out" "$work/version"
run "$mdpbench" -V
same '-V is --version' "$work/out" "$work/version"
run "$mdpbench" --help
cp "$work/out" "$work/overview"
for words in -h help; do
    run "$mdpbench" $words
    same "$words is --help" "$work/out" "$work/overview"
done

run "$mdpbench"
[ "$status" = 4 ] && [ ! -s "$work/out" ] && grep -q '^usage: mdpbench VERB' "$work/err"
check $? 'no arguments: usage on standard error, status 4' "$work/out" "$work/err"
expect 4 "nosuch|--help" 'an unknown verb' "$mdpbench" nosuch
expect 4 "--nosuch|--help" 'an unknown option in place of a verb' "$mdpbench" --nosuch

# what may be meant by what is not known
expect 4 "did you mean 'eval'?" 'a misspelt verb' "$mdpbench" evla
expect 4 "'--epsiodes'; did you mean '--episodes'?" 'a misspelt option' "$mdpbench" eval --epsiodes 3 x
expect 4 "did you mean '--seed'?" 'one with its value behind =' "$mdpbench" eval --sede=3 x
expect 4 "did you mean 'halfcheetah-medium-v2'?" 'a misspelt task, in the form it was written in' "$mdpbench" collect halfcheetah-medum-v2
expect 4 "did you mean 'idql'?" 'a misspelt algorithm' "$mdpbench" train --task walker2d-random --algo iqdl
expect 4 "did you mean 'walker2d'?" 'a misspelt robot' "$mdpbench" behave waker2d
expect 4 "did you mean 'compare'?" 'help of a misspelt verb' "$mdpbench" help comapre
"$mdpbench" train --task nosuch > "$work/out" 2> "$work/err"
! grep -q 'did you mean' "$work/err"
check $? 'what is like nothing is not guessed at' "$work/err"
expect 4 'help: option --completion: expected nothing beside it' 'a shell and a verb' "$mdpbench" help eval --completion bash
expect 4 'expected one of bash, zsh' 'an unknown shell' "$mdpbench" help --completion tcsh

while read -r verb; do
    run "$mdpbench" "$verb" --help
    cp "$work/out" "$work/help"
    [ "$status" = 0 ] && [ ! -s "$work/err" ] && grep -q "^usage: mdpbench $verb " "$work/help" &&
        has_all 'options:|example:|  --help' "$work/help"
    check $? "$verb --help" "$work/help" "$work/err"
    sed -n '/^options:/,/^example:/s/^  --\([a-z-]*\).*/\1/p' "$work/help" > "$work/options"
    sed -n '/^example:/,$s/^  //p' "$work/help" > "$work/example"
    head -n 1 "$work/example" | grep -q "^mdpbench $verb "
    check $? "$verb: the example is this command" "$work/example"
    tr ' ' '\n' < "$work/example" | sed -n 's/^--//p' | grep -vxFf "$work/options" > "$work/absent"
    [ ! -s "$work/absent" ]
    check $? "$verb: the example's options exist" "$work/absent"
    sed -n '/^usage:/,/^options:/p' "$work/help" | grep -o -- '--[a-z][a-z-]*' | sed 's/^--//' | grep -vxFf "$work/options" > "$work/absent"
    [ ! -s "$work/absent" ]
    check $? "$verb: the options that its text names exist" "$work/absent"
    # --help wins over whatever else is wrong
    run "$mdpbench" "$verb" a b c --help
    cmp -s "$work/out" "$work/help" && [ "$status" = 0 ]
    check $? "$verb: --help after other arguments" "$work/out"

    run "$mdpbench" help "$verb"
    cmp -s "$work/out" "$work/help" && [ "$(awk 'length > 80' "$work/help" | grep -vc '^  mdpbench ')" = 0 ]
    check $? "help $verb: the same, 80 columns wide" "$work/out"
    expect 4 "$verb|--no-such-option" "$verb: an unknown option" "$mdpbench" "$verb" --no-such-option
    [ "$verb" = help ] || [ "$verb" = runs ] || expect 4 "$verb|expected|found" "$verb: no arguments" "$mdpbench" "$verb"
    # every option of the list that takes an argument, without one
    sed -n '/^options:/,/^example:/s/^  --\([a-z-]*\) [A-Z].*/\1/p' "$work/help" > "$work/taking"
    while read -r option; do
        expect 4 "--$option: expected an argument, found none" "$verb --$option without its argument" "$mdpbench" "$verb" "--$option"
    done < "$work/taking"
done < "$work/verbs"

# value ranges: VERB OPTION VALUE
while read -r verb option value; do
    expect 4 "--$option: expected|found '$value'" "$verb --$option $value" "$mdpbench" "$verb" walker2d-random "--$option" "$value"
done <<'END'
behave steps 0
behave steps 1.5e-1
behave warmup 255
behave seed -1
behave threads 0
behave threads 1025
behave checkpoint-every 0
collect steps -1
collect steps 50000001
collect seed 1.5
collect seed 99999999999999999999999
collect threads two
train steps 0
train steps 9999999999999999999999
train batch 0
train batch 65537
train lr -1
train lr nan
train eta inf
train lr-steps 0
train checkpoint-every -4
train sampling-steps 0
eval episodes 0
eval episodes 1000001
eval lanes 0
eval candidates 0
eval candidates 4097
eval temperature -0.1
eval w-t -2
eval w-t 1x
eval step -2
import step -2
import step 4.5
import seed 1.5
eval lambda -1
eval lambda nan
eval guide up
eval guide-weight nan
eval guide-schedule up
eval langevin-steps -1
eval langevin-steps 1001
eval langevin-step-size 0
eval langevin-step-size nan
eval langevin-time -1
eval langevin-time 256
eval sampling-steps 0
perf seconds 0
perf threads 0
perf rounds 0
perf calls 0
perf candidates 0
perf margin 1
perf handicap 0.5
END
expect 4 "--steps: expected|found ''" 'an empty number' "$mdpbench" collect walker2d-random --steps ''

# the pages name the robots and qualities that there are
run "$mdpbench" collect --help
tasks=$(sed -n '/^usage/,/^$/p' "$work/out" | tr -d ' \n' | sed 's/.*TASK://')
[ -n "$tasks" ] && grep -qF "TASK is \`$tasks\`." "$root/README.md"
check $? "README.md: $tasks" "$work/out"

# words that are not in their list
expect 4 'robot: expected one of halfcheetah, walker2d|dog' 'an unknown robot' "$mdpbench" behave dog
expect 4 'task: expected {halfcheetah,walker2d|walker2d-brilliant' 'collect: an unknown task' "$mdpbench" collect walker2d-brilliant
expect 4 'task: expected {halfcheetah,walker2d|ant-medium' 'train: an unknown robot' "$mdpbench" train --task ant-medium
expect 4 'task: expected {halfcheetah,walker2d|walker2d' 'train: a task without a quality' "$mdpbench" train --task walker2d
expect 4 '--algo|expected one of dql, edp, idql, diffuser, dd, qgpo|ppo' 'an unknown algorithm' "$mdpbench" train --task walker2d-random --algo ppo
expect 4 '--guidance|expected one of joint, frozen, continued, noise, none|distilled' 'train: an unknown mode' \
    "$mdpbench" train --task walker2d-random --guidance distilled
expect 4 "--guidance: expected one of joint, frozen, continued, noise, none, found 'guidance'" 'train: guidance alone is no mode of its own' \
    "$mdpbench" train --task walker2d-random --guidance guidance
expect 4 '--guidance-only: expected one of iql, sarsa, qgpo|dql' 'train: an unknown kind of guidance' "$mdpbench" train --task walker2d-random --guidance-only dql
expect 4 '--noise: expected one of net, grad|white' 'train: an unknown noise' "$mdpbench" train --task walker2d-random --guidance noise --noise white
expect 4 '--actor: expected one of ema, online|best' 'eval: an unknown actor' "$mdpbench" eval x --actor best
expect 4 '--precision: expected one of f32, f32-plain, bf16, bf16-avx512, bf16-emulated|fp8' 'eval: an unknown precision' \
    "$mdpbench" eval x --precision fp8
expect 4 '--precision: expected one of f32, f32-plain, bf16, bf16-avx512, bf16-emulated|fp8' 'train: an unknown precision' \
    "$mdpbench" train --task halfcheetah-medium --precision fp8
expect 4 '--precision: expected none beside --behavior' 'eval: a precision for a behaviour policy' \
    "$mdpbench" eval --behavior x --precision bf16
expect 4 '--actor: expected one of ema, online|best' 'table: an unknown actor' "$mdpbench" table x --actor best
expect 4 '--actor: expected one of ema, online|best' 'figure: an unknown actor' "$mdpbench" figure x --actor best
expect 4 '--return-rule: expected one of standard, cleandiffuser|last' 'an unknown return rule' "$mdpbench" eval x --return-rule last
expect 4 'expected|html' 'an unknown table format' "$mdpbench" table x --format html
expect 4 'expected env, algos, stats or levels|nothing-known' 'verify: an unknown subject' "$mdpbench" verify nothing-known x
expect 4 'expected one of|nothing-known' 'perf: an unknown subject' "$mdpbench" perf nothing-known
expect 4 "--guidance: expected one of joint, frozen, none, found 'noise'" 'perf train: a mode it does not measure' "$mdpbench" perf train --guidance noise
expect 4 "option --data: expected 'load' among the arguments" 'perf: --data where nothing is loaded' "$mdpbench" perf infer --data x
expect 4 "option --candidates: expected 'infer' among the arguments" 'perf: --candidates where nothing acts' "$mdpbench" perf env --candidates 2
expect 4 '--rounds: expected --against PATH or --instructions' 'perf: rounds of nothing' "$mdpbench" perf env --rounds 2
expect 4 '--rounds: expected at least 2 with --against PATH' 'perf: one round tells nothing' "$mdpbench" perf env --rounds 1 --against ./x
expect 5 'absent.hdf5: cannot open' 'perf load: no such dataset' "$mdpbench" perf load --data absent.hdf5 --seconds 0.01
expect 4 "option --guidance: expected 'train' among the arguments" 'perf: --guidance where nothing is trained' "$mdpbench" perf infer --guidance frozen

# arguments that do not go together
expect 4 'expected one robot|found 2' 'behave: two robots' "$mdpbench" behave walker2d halfcheetah
expect 4 'expected one task|found 2' 'collect: two tasks' "$mdpbench" collect walker2d-random walker2d-medium
expect 4 'expected options only|extra' 'train: an argument that is no option' "$mdpbench" train --task walker2d-random extra
# what means nothing is refused: ARGUMENTS | the option | what the message says
while IFS='|' read -r arguments option text; do
    # shellcheck disable=SC2086
    expect 4 "train: option --$option: expected $text" "train: $arguments" "$mdpbench" train --task walker2d-random $arguments
done <<'END'
--guidance-only iql --algo dql|algo|none beside --guidance-only
--guidance-only iql --guidance joint|guidance|none beside --guidance-only
--guidance-only iql --guidance-file x|guidance-file|--guidance frozen or continued
--guidance-only iql --eta 1|eta|none, since there is no policy loss
--guidance-only iql --solver ddim|solver|none beside --guidance-only
--guidance-only iql --sampling-steps 3|sampling-steps|none beside --guidance-only
--guidance-file x|guidance-file|--guidance frozen or continued
--guidance none --guidance-file x|guidance-file|--guidance frozen or continued
--guidance frozen|guidance-file|a file beside --guidance frozen
--guidance continued|guidance-file|a file beside --guidance continued
--guidance none --eta 1|eta|none, since there is no policy loss
--algo idql --eta 1|eta|none, since there is no policy loss
--algo idql --guidance noise --noise grad|noise|net, since there is no policy loss
--noise net|noise|--guidance noise
END
expect 4 '--task: expected' 'train: no task' "$mdpbench" train --steps 4
expect 4 "--guidance: expected none beside --behavior" 'eval: a behaviour policy takes no guidance' "$mdpbench" eval --behavior x --guidance y
while read -r option value; do
    # an argument of none is a flag
    [ "$value" ] || set -- "--$option"
    [ ! "$value" ] || set -- "--$option" "$value"
    expect 4 "eval: option --$option: expected none beside --behavior" "eval: a behaviour policy takes no --$option" \
        "$mdpbench" eval --behavior x "$@"
done <<'END'
candidates 5
temperature 0.5
w-t 3
lambda 0
langevin-steps 0
actor ema
solver ddpm
sampling-steps 5
paper-exact
END
expect 4 '--paper-exact: expected none beside --candidates' 'eval: two numbers of candidates' "$mdpbench" eval x --paper-exact --candidates 5
expect 4 '--lambda: expected 0 beside --guidance none' 'eval: a gradient of nothing' "$mdpbench" eval x --guidance none --lambda 1
expect 4 '--candidates: expected 1 beside --guidance none' 'eval: candidates that nothing selects' "$mdpbench" eval x --guidance none --candidates 5
expect 4 '--w-t: expected none beside --guidance none' 'eval: the weight of no scores' "$mdpbench" eval x --guidance none --w-t 3
expect 4 '--paper-exact: expected none beside --guidance none' 'eval: candidates of no guidance' "$mdpbench" eval x --guidance none --paper-exact
expect 4 "--step: expected a run's folder beside it" 'eval: a step of one file' "$mdpbench" eval --diffusion x --step 3
expect 4 '--medium: expected none for walker2d-random' 'collect: a policy that is not needed' "$mdpbench" collect walker2d-random --medium x
expect 4 '--expert: expected none for walker2d-medium' 'collect: the other policy' "$mdpbench" collect walker2d-medium --expert x
expect 4 '--guide: expected --guide-weight beside it' 'eval: a guide without a weight' "$mdpbench" eval x --guide noisy
expect 4 '--guide-weight: expected --guide beside it' 'eval: a weight of no guide' "$mdpbench" eval x --guide-weight 3
expect 4 '--guide-schedule: expected --guide beside it' 'eval: a schedule of no guide' "$mdpbench" eval x --guide none --guide-schedule linear
expect 4 "--guide-weight: expected a guide that bends steps beside it, found 'none'" 'eval: a weight of a guide that does nothing' "$mdpbench" eval x --guide none --guide-weight 3
expect 4 '--guide: expected none or free beside --guidance none' 'eval: a guide without guidance' "$mdpbench" eval x --guidance none --guide noisy --guide-weight 3
expect 4 '--langevin-steps: expected --langevin-step-size beside it' 'eval: steps without a size' "$mdpbench" eval x --langevin-steps 3
expect 4 '--langevin-step-size: expected --langevin-steps beside it' 'eval: a size without steps' "$mdpbench" eval x --langevin-step-size 1e-3
expect 4 '--langevin-time: expected --langevin-steps beside it' 'eval: a time of no steps' "$mdpbench" eval x --langevin-steps 0 --langevin-time 0
expect 4 '--label: expected none beside --out' 'eval: two names' "$mdpbench" eval --diffusion x --label a --out b
expect 4 '--out: expected one evaluation' 'eval: one output for two folders' "$mdpbench" eval x y --step 3 --out z
for label in '' a/b .a 'a b' a,b; do
    expect 4 "--label: expected|'$label'" "eval: a label that is none: '$label'" "$mdpbench" eval x --label "$label"
done
expect 4 "--stochastic: expected --behavior" 'eval: only behaviour policies are stochastic' "$mdpbench" eval --diffusion x --guidance none --stochastic
expect 4 'found 2 of them' 'eval: a folder and a module' "$mdpbench" eval x --diffusion y --guidance none
expect 4 'found 2 of them' 'eval: a folder and a behaviour policy' "$mdpbench" eval x --behavior y
expect 4 '--out: expected one evaluation|--step' 'eval: one output for a folder' "$mdpbench" eval x --out y
finish
