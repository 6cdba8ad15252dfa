#!/bin/sh
# QGPO: behaviour first, guidance of the actions that it supports, an energy that guides at inference; what fits what
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

quiet() { "$@" > "$work/out" 2> "$work/err" || { cat "$work/err"; echo "Bail out! $*"; exit 1; }; }
quiet "$mdpbench" collect walker2d-random --steps 600 --out d.hdf5
train() { "$mdpbench" train --task walker2d-medium --data d.hdf5 --batch 16 --checkpoint-every 2 --steps 4 "$@"; }
evaluate() { "$mdpbench" eval --episodes 2 "$@"; }
runs=runs/walker2d-medium
setting() {
    "$mdpbench" inspect --json "$1" 2> "$work/why" |
        perl -MJSON::PP -e 'local $/; my $j = decode_json(<STDIN>)->[0]; print eval($ARGV[0]) // "none", "\n"' "$2" 2>> "$work/why"
}
has() {
    has_found=$(setting "$3" "$4")
    [ "$has_found" = "$2" ]
    check $? "$1: $has_found" "$work/why"
}

# ---- training ----
works 'the behaviour alone' train --algo qgpo --diffusion-only --threads 1
behavior=$runs/qgpo/none/seed0/step000004.diffusion.h5
has 'a U-Net' unet $behavior '$j->{settings}{diffusion}{denoiser}'
has 'at its own rate' 0.0002 $behavior '$j->{settings}{learning_rate}'
alone() { train --guidance-only qgpo --diffusion-file $behavior "$@"; }
works 'guidance of its actions' alone --threads 1
energy=$runs/guidance/qgpo/seed0/step000004.guidance.h5
has 'it has an energy' energy $energy '$j->{settings}{guidance}{kind}'
has 'and says whose actions' qgpo $energy '$j->{settings}{diffusion_file}{algo}'
has 'sampled in ten steps' 10 $energy '$j->{settings}{support}{sampling_steps}'
quiet alone --threads 2 --memory 1KB --out two
same_folder 'two threads, and actions in a file' $runs/guidance/qgpo/seed0 two
quiet alone --steps 2 --out halves
quiet alone --out halves
same_folder 'a run that goes on' $runs/guidance/qgpo/seed0 halves
works 'values first' alone --value-steps 2 --out stages
[ "$(sed -n 2p stages/log.csv | cut -d, -f5)" != '' ] && [ "$(sed -n 3p stages/log.csv | cut -d, -f5)" = '' ] &&
    [ "$(sed -n 2p stages/log.csv | cut -d, -f6)" = '' ] && [ "$(sed -n 3p stages/log.csv | cut -d, -f6)" != '' ]
check $? 'then the energy alone' stages/log.csv
works 'all three together' train --algo qgpo --threads 2 --out joint
quiet train --algo dql --out dql
works 'actions of another algorithm' train --guidance-only qgpo --diffusion-file dql/step000004.diffusion.h5 --sampling-steps 3 --out ofdql
has 'in as many steps as were asked for' 3 ofdql/step000004.guidance.h5 '$j->{settings}{support}{sampling_steps}'
works 'its values guide the training of another' train --algo dql --guidance frozen --guidance-file $energy --out frozen
expect 4 'option --diffusion-file: expected a diffusion module beside --guidance-only qgpo' 'no behaviour' \
    train --guidance-only qgpo
expect 4 'option --diffusion-file: expected --guidance-only qgpo beside it' 'a behaviour that nobody asks' \
    train --algo dql --diffusion-file $behavior --out x
expect 4 'option --diffusion-only: expected none beside --guidance' 'alone and together' \
    train --algo qgpo --diffusion-only --guidance joint --out x
expect 4 'option --value-steps: expected guidance of qgpo that learns' 'values of another' \
    train --algo dql --value-steps 3 --out x
expect 4 'option --value-steps: expected a whole number from 1 ' 'no step at all' alone --value-steps 0 --out x
works 'values alone' alone --value-steps 4 --out values
grep -q 'values learn alone in all of --steps 4, and the energy only where a run goes on beyond 4' "$work/err"
check $? 'an energy that has not learnt is told of' "$work/err"
expect 4 "option --value-steps: expected guidance of qgpo that learns, found 'double-q'" 'the file tells whose guidance goes on' \
    train --algo qgpo --guidance continued --guidance-file dql/step000004.guidance.h5 --value-steps 2 --out x
works 'whatever it leads' train --algo dql --guidance continued --guidance-file $energy --value-steps 2 --out on
[ "$(cut -d, -f6 on/log.csv | sed -n 2p)" = '' ] && [ "$(cut -d, -f6 on/log.csv | sed -n 3p)" != '' ]
check $? 'then its energy learns' on/log.csv
expect 4 "option --precision: expected f32 or f32-plain of qgpo, found 'bf16-emulated'" 'another precision of the behaviour' \
    train --algo qgpo --diffusion-only --precision bf16-emulated --out x
expect 4 "option --precision: expected f32 or f32-plain of qgpo, found 'bf16-emulated'" 'of its guidance' \
    train --guidance-only qgpo --diffusion-file dql/step000004.diffusion.h5 --precision bf16-emulated --out x
works 'frozen it goes with another precision' train --algo dql --guidance frozen --guidance-file $energy --precision bf16-emulated --out rounded
[ ! -e x ]
check $? 'nothing is left of what was refused'
cp $behavior moved.diffusion.h5
quiet train --guidance-only qgpo --diffusion-file moved.diffusion.h5 --steps 2 --out changed
cp $runs/qgpo/none/seed0/step000002.diffusion.h5 moved.diffusion.h5
expect 4 'moved.diffusion.h5: has changed since changed began' 'another behaviour in its place' \
    train --guidance-only qgpo --diffusion-file moved.diffusion.h5 --out changed

# ---- losses that are no numbers ----
# diverges NAME LOSS BIAS WEIGHT COMMAND...: with these tensors of the state at step 2 a network overflows, and the next
# step that computes this loss of it says so
diverges() {
    diverges_name=$1
    diverges_text="diverged: training diverged: $2 loss is not finite at step 3"
    diverges_bias=$3
    diverges_weight=$4
    shift 4
    quiet "$@" --steps 2 --out diverged
    plain diverged/resume.h5 resume.h5
    mv resume.h5 diverged/resume.h5
    for i in 0 1; do poke diverged/resume.h5 "/tensors/guidance.$diverges_bias" $i 'f<' 3e38; done
    poke diverged/resume.h5 "/tensors/guidance.$diverges_weight" 0 'f<' 3e38
    poke diverged/resume.h5 "/tensors/guidance.$diverges_weight" 1 'f<' -3e38
    run "$@" --out diverged
    message_is 3 "$diverges_text"
    check $? "$diverges_name" "$work/err"
    rm -r diverged
}
diverges 'an energy beside values that are well' energy energy/mlp.mlp.2.0.bias energy/mlp.mlp.3.weight alone
diverges 'and one that learns alone' energy energy/mlp.mlp.2.0.bias energy/mlp.mlp.3.weight alone --value-steps 2
diverges 'values beside nothing else' critic q/Q1.4.bias q/Q1.6.weight alone --value-steps 4
diverges 'values of another algorithm' critic critic/q1_model.7.bias critic/q1_model.9.weight train --algo dql
diverges 'values beside those of states that are well' critic iql_q/Q1.4.bias iql_q/Q1.6.weight train --algo idql

# ---- actions of another range ----
quiet train --algo qgpo --diffusion-only --bounds=-2,2 --out wide
quiet train --guidance-only qgpo --diffusion-file wide/step000004.diffusion.h5 --bounds=-2,2 --out wideguide
wide=wideguide/step000004.guidance.h5
expect 3 "$behavior: bounds of action 0: expected [-2, 2] as in d.hdf5, found [-1, 1]" 'a behaviour of others' alone --bounds=-2,2 --out x
expect 3 "wide/step000004.diffusion.h5: bounds of action 0: expected [-1, 1] as in d.hdf5, found [-2, 2]" 'and the other way round' \
    train --guidance-only qgpo --diffusion-file wide/step000004.diffusion.h5 --out x
expect 3 "$wide: bounds of action 0: expected [-1, 1] as in d.hdf5, found [-2, 2]" 'frozen guidance of others' \
    train --algo dql --guidance frozen --guidance-file $wide --out x
expect 3 "$wide: bounds of action 0: expected [-1, 1] as in d.hdf5, found [-2, 2]" 'guidance of others that goes on' \
    train --algo qgpo --guidance continued --guidance-file $wide --out x
expect 3 "$wide: bounds of action 0: expected [-1, 1] as in $behavior, found [-2, 2]" 'guidance of others selects' \
    evaluate --diffusion $behavior --guidance $wide --out x.episodes.h5

# ---- inference ----
guided() { evaluate --diffusion $behavior --guidance $energy --candidates 3 "$@"; }
works 'its energy guides' guided --guide energy --out energy.episodes.h5
has 'with the weight of the task' 3 energy.episodes.h5 '$j->{settings}{guide}{weight}'
quiet guided --guide energy --guide-weight 3 --threads 2 --lanes 1 --out again.episodes.h5
same 'lanes and threads change nothing' energy.episodes.h5 again.episodes.h5
quiet guided --guide energy --guide-weight 0 --out still.episodes.h5
quiet guided --guide none --out none.episodes.h5
quiet guided --out usual.episodes.h5
same 'none is what is usual' none.episodes.h5 usual.episodes.h5
returns_of_both() {
    rm -f left.csv right.csv
    quiet "$mdpbench" export "$1" --out left.csv
    quiet "$mdpbench" export "$2" --out right.csv
}
same_returns() {
    returns_of_both "$2" "$3"
    same "$1" left.csv right.csv
}
other_returns() {
    returns_of_both "$2" "$3"
    differ "$1" left.csv right.csv
}
same_returns 'a weight of 0 bends nothing' still.episodes.h5 none.episodes.h5
other_returns 'a weight of 3 does' energy.episodes.h5 still.episodes.h5
works 'as its own code' "$mdpbench" eval --diffusion $behavior --guidance $energy --paper-exact --episodes 2 --out exact.episodes.h5
quiet "$mdpbench" eval --diffusion $behavior --guidance $energy --candidates 1 --temperature 1 --guide energy --episodes 2 --out said.episodes.h5
same 'one candidate from whole noise, guided' exact.episodes.h5 said.episodes.h5
works 'without a classifier' evaluate --diffusion $behavior --guidance none --guide free --guide-weight 2 --out free.episodes.h5
quiet evaluate --diffusion $behavior --guidance none --guide free --guide-weight 1 --out whole.episodes.h5
quiet evaluate --diffusion $behavior --guidance none --out alone.episodes.h5
same_returns 'all of the condition is what is usual' whole.episodes.h5 alone.episodes.h5
other_returns 'twice the condition is not' free.episodes.h5 alone.episodes.h5
works 'it guides another diffusion' evaluate --diffusion dql/step000004.diffusion.h5 --guidance $energy --guide energy --out other.episodes.h5
works 'another guidance selects' evaluate --diffusion $behavior --guidance dql/step000004.guidance.h5 --out critic.episodes.h5
works 'and bends' evaluate --diffusion $behavior --guidance dql/step000004.guidance.h5 --guide clean --guide-weight 1 --out clean.episodes.h5
works 'the newest parameters' guided --guide energy --actor online --out online.episodes.h5
expect 4 "guide: energy: expected guidance with an energy ('energy'), found 'double-q'" 'no energy' \
    evaluate dql --step 4 --guide energy --guide-weight 1 --out x.episodes.h5
expect 4 'guide: free: expected a denoiser that was trained with observations left out (unet), found mlp' 'no condition to leave out' \
    evaluate dql --step 4 --guide free --guide-weight 1 --out x.episodes.h5
expect 4 'option --guide: expected --guide-weight beside it, found none' 'no weight' guided --guide noisy
expect 4 "option --guidance-task: expected none as it has no guidance, found 'walker2d-expert'" 'data of no guidance' \
    evaluate $runs/qgpo/none/seed0 --step 4 --guidance-task walker2d-expert --out x.episodes.h5
expect 4 'option --paper-exact: expected none as it has no guidance, found it' 'its own code without its guidance' \
    evaluate $runs/qgpo/none/seed0 --step 4 --paper-exact --out x.episodes.h5
expect 4 'option --guide-weight: expected a guide that bends steps beside it' 'a weight of nothing' evaluate --diffusion $behavior --guidance $energy --guide none --guide-weight 1

expect 4 'precision: expected float32 for a denoiser of kind unet' 'a precision that the behaviour has not' \
    guided --precision bf16-emulated --out x.episodes.h5
expect 4 "precision: expected float32 for guidance 'energy'" 'or the energy' \
    evaluate --diffusion dql/step000004.diffusion.h5 --guidance $energy --precision bf16-emulated --out x.episodes.h5
works 'by the layers of training' guided --guide energy --precision f32-plain --out plain.episodes.h5

works 'several weights' guided --guide energy --guide-weight 0,0.5,3 --label sweep
for weight in 0 0.5 3; do
    file=$runs/qgpo/none/seed0/step000004.sweep-energyx$weight.episodes.h5
    mv "$file" many.episodes.h5
    quiet guided --guide energy --guide-weight $weight --label sweep-energyx$weight
    same "as $weight alone" many.episodes.h5 "$file"
done
expect 4 'option --out: expected one weight beside it' 'several in one file' guided --guide energy --guide-weight 0,1 --out x.episodes.h5
expect 4 "option --guide-weight: expected a number from -1000000 to 1000000, found 'b'" 'one that is none' \
    guided --guide energy --guide-weight 1,b
expect 4 "option --guide-weight: expected every weight once, found '1' again" 'one that is written otherwise' \
    guided --guide energy --guide-weight 2,1,1.0,1e0
long=$(printf '%0189d' 0)
expect 4 'option --label: expected 1 to 200 letters' 'a label that is too long with one of them' \
    guided --guide energy --guide-weight 9,0.125 --label $long
[ ! -e $runs/qgpo/none/seed0/step000004.$long-energyx9.episodes.h5 ]
check $? 'before any of them is evaluated'
works 'numbers as they are written elsewhere' guided --guide energy --guide-weight 1.50,2e0
for weight in 1.5 2; do [ -e $runs/qgpo/none/seed0/step000004.energyx$weight.episodes.h5 ] || break; done
check $? 'their files have the shortest names'
expect 4 'option --guide-weight: expected --guide beside it' 'weights of no guide' guided --guide-weight 1,2

# ---- a weight over training steps ----
works 'eta that rises' train --eta 2 --eta-schedule linear --eta-steps 3 --out rises
has 'is recorded' 'linear 3' rises/step000004.diffusion.h5 '"$j->{settings}{eta_schedule} $j->{settings}{eta_steps}"'
quiet train --eta 2 --eta-schedule linear --eta-steps 3 --steps 2 --out again
quiet train --eta 2 --eta-schedule linear --eta-steps 3 --out again --threads 2
same_folder 'a run that goes on, with other threads' rises again
quiet train --eta 2 --out stays
other_tensors 'it is no other than eta' rises/step000004.diffusion.h5 stays/step000004.diffusion.h5
expect 4 'option --eta-schedule: expected --eta-steps beside it' 'over how many steps' train --eta-schedule linear --out x
expect 4 'option --eta-steps: expected --eta-schedule beside it' 'steps of what' train --eta-steps 3 --out x
expect 4 'option --eta-schedule: expected none, since there is no policy loss to weigh' 'nothing to weigh' \
    train --algo idql --eta-schedule linear --eta-steps 3 --out x

# ---- other verbs ----
quiet "$mdpbench" collect walker2d-random --steps 600 --seed 1 --out held.hdf5
works 'diagnose looks at both' "$mdpbench" diagnose $behavior --guidance $energy --data d.hdf5 --held-out held.hdf5 --states 16 --candidates 4
diagnose() { "$mdpbench" diagnose $behavior --guidance "$1" --data d.hdf5 --held-out held.hdf5 --states 16 --candidates 4 --actor "$2" --json; }
# what a diagnosis says of a guidance but for which file it is
judged() {
    quiet diagnose "$1" "$2"
    perl -MJSON::PP -e 'local $/; my $p = decode_json(<STDIN>)->{diagnoses}[0]{guidances}[0];
        delete @$p{grep { /hash|file|guidance|choice/ } keys %$p}; print JSON::PP->new->canonical->encode($p)' < "$work/out" > "$3"
}
plain $energy averaged.guidance.h5
poke averaged.guidance.h5 /tensors/energy_ema/mlp.mlp.3.weight 0 'f<' 100
judged $energy online own.json
judged averaged.guidance.h5 online same.json
same 'the newest energy judges, whatever its average' own.json same.json
judged $energy ema own.json
judged averaged.guidance.h5 ema other.json
differ 'which judges where nothing is said' own.json other.json
run diagnose $wide ema
message_is 3 "$wide: bounds of action 0: expected [-1, 1] as in $behavior, found [-2, 2]"
check $? 'guidance of other actions judges nothing' "$work/err"
quiet "$mdpbench" export $behavior --out behavior.safetensors
quiet "$mdpbench" export $energy --out energy.safetensors
quiet "$mdpbench" import behavior.safetensors energy.safetensors --out back
same 'exported and imported: the behaviour' $behavior back/step000004.diffusion.h5
same 'exported and imported: the guidance' $energy back/step000004.guidance.h5

# ---- an experiment: behaviour, guidance of its actions, its energy ----
cat > e.yaml <<'Y'
name: e
folder: e
tasks: [walker2d-medium]
seeds: [0]
steps: 4
checkpoint-every: 4
batch: 16
episodes: 2
candidates: 2
runs:
  - {name: behavior, algo: qgpo, guidance: none}
  - {name: energy, guidance-only: qgpo, from: behavior}
arms:
  - {name: guided, run: behavior, guidance: energy, guide: energy}
  - {name: unguided, run: behavior, guidance: none}
tables:
  - {name: t, kind: arms, test: [guided], base: [unguided]}
Y
mkdir datasets && cp d.hdf5 datasets/walker2d-medium.hdf5
works 'a plan of it' "$mdpbench" plan e.yaml --make
cp "$work/out" rules.mk
works 'is made' make -f rules.mk MDPBENCH="$mdpbench" all
has 'by the run that it names' e/walker2d-medium/qgpo/none/seed0/step000004.diffusion.h5 \
    e/walker2d-medium/guidance/qgpo-qgpo-none+0/seed0/step000004.guidance.h5 '$j->{settings}{diffusion_file}{path}'
works 'nothing is left to do' "$mdpbench" plan e.yaml --json
json 'two trainings, two evaluations' "$work/out" '$j->{rows}[-1]{trainings} eq "2 of 2" && $j->{rows}[-1]{evaluations} eq "2 of 2"'
works 'a table of it' "$mdpbench" table e.yaml
finish
