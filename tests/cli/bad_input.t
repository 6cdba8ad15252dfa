#!/bin/sh
# files that are missing, torn or wrong, folders that cannot be written, disks that are full:
# the documented status, one message that names the file, nothing half-written
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
reference=$root/tests/reference
mounted=
trap 'if [ -n "$mounted" ]; then umount disk; fi; cd /; chmod -R u+w "$work"; rm -rf "$work"' EXIT

# ---- good files of every kind ----
quiet() { "$@" > "$work/out" 2> "$work/err" || { cat "$work/err"; echo "Bail out! $*"; exit 1; }; }
quiet "$mdpbench" collect walker2d-random --steps 600 --out w.hdf5
quiet "$mdpbench" collect walker2d-random --steps 500 --seed 1 --out other.hdf5
quiet "$mdpbench" collect halfcheetah-random --steps 2100 --out c.hdf5
for name in w other; do quiet "$mdpbench" train --task walker2d-random --data $name.hdf5 --steps 2 --batch 16 --out run-$name; done
quiet "$mdpbench" train --task halfcheetah-random --data c.hdf5 --steps 2 --batch 16 --out run-c
for robot in walker2d halfcheetah; do quiet "$mdpbench" behave $robot --steps 1 --out learner-$robot; done
w_diffusion=run-w/step000002.diffusion.h5
w_guidance=run-w/step000002.guidance.h5
quiet "$mdpbench" eval --diffusion $w_diffusion --guidance $w_guidance --w-t 5 --episodes 30 --candidates 2 --out good.episodes.h5
cp learner-walker2d/*.behavior.h5 policy.h5
cp learner-halfcheetah/*.behavior.h5 c-policy.h5
cp $w_diffusion diffusion.h5
cp $w_guidance guidance.h5
mkdir bad run-shown
cp good.episodes.h5 run-shown/step000002.episodes.h5
recording=$reference/envs/halfcheetah_first250.h5
episode=$(h5ls "$recording" | sed -n '1s/ .*//p')

# flip FILE OFFSET: turns a bit of a byte
flip() {
    perl -e 'open my $f, "+<:raw", $ARGV[0]; seek $f, $ARGV[1], 0; read $f, my $c, 1; seek $f, $ARGV[1], 0; print $f chr(ord($c) ^ 4)' "$1" "$2"
}

# flip_in DATASET FILE: a bit of a compressed dataset: the first place where one makes it unreadable
flip_in() {
    cp "$2" "$work/whole"
    part=0
    while [ $((part += 1)) -lt 64 ]; do
        cp "$work/whole" "$2"
        flip "$2" $(($(wc -c < "$2") * part / 64))
        h5dump -H "$2" > "$work/dump" 2>&1 && ! h5dump -d "$1" "$2" > "$work/dump" 2>&1 && return
    done
    echo "Bail out! $2: no byte of $1 found"
    exit 1
}

# broken GOOD DATASET [packed]: one of each kind in bad/; the flipped bit is in that dataset
broken() {
    rm -rf bad/*
    : > bad/empty.h5
    echo 'not a file of numbers' > bad/text.h5
    size=$(wc -c < "$1")
    head -c $((size / 2)) "$1" > bad/half.h5
    head -c $((size - 1)) "$1" > bad/short.h5
    head -c 40 "$1" > bad/begin.h5
    cp "$1" bad/flipped.h5
    if [ $# = 3 ]; then flip_in "$2" bad/flipped.h5; else poke bad/flipped.h5 "$2" 8 flip; fi
    mkdir bad/folder.h5
    mkfifo bad/pipe.h5
    dd if=/dev/zero of=bad/zeros.h5 bs=1024 count=8 2> "$work/dump"
}

# all_refused WHAT 'ARGUMENTS': with each broken file for FILE; what cannot be read is 5, what is read and bad is 3
all_refused() {
    while read -r refused_status name; do
        if [ $name != missing ] && [ ! -e bad/$name.h5 ]; then continue; fi
        # shellcheck disable=SC2086
        expect "$refused_status" "bad/$name.h5: " "$1: $name" bounded "$mdpbench" ${2%FILE*}bad/$name.h5${2#*FILE}
    done <<'END'
5 missing
3 empty
3 text
3 half
3 short
3 begin
3 flipped
5 folder
5 pipe
3 zeros
END
}

# ---- torn files of every kind ----
train='train --task walker2d-random --steps 2 --batch 16 --out run-new --data'
broken other.hdf5 /observations packed
all_refused 'train: dataset' "$train FILE"
all_refused 'inspect: dataset' 'inspect FILE'
broken diffusion.h5 /tensors/model/mid_layer.2.weight
all_refused 'eval: diffusion module' 'eval --diffusion FILE --guidance none --out new.episodes.h5'
all_refused 'inspect: diffusion module' 'inspect FILE'
broken guidance.h5 /tensors/critic/q2_model.3.weight
all_refused 'eval: guidance module' 'eval --diffusion diffusion.h5 --guidance FILE --w-t 5 --out new.episodes.h5'
broken policy.h5 /tensors/actor/actor.2.weight
all_refused 'eval: behaviour policy' 'eval --behavior FILE --out new.episodes.h5'
all_refused 'collect: behaviour policy' 'collect walker2d-medium --medium FILE --steps 50 --out new/new.hdf5'
all_refused 'collect: second policy' 'collect walker2d-medium-expert --medium policy.h5 --expert FILE --steps 50 --out new/new.hdf5'
all_refused "collect: learner's policy" 'collect walker2d-medium-replay --medium FILE --steps 50 --out new/new.hdf5'
broken good.episodes.h5 /return
all_refused 'figure: episodes of the behaviour policy' 'figure run-shown --behavior FILE --out new/new'
all_refused 'inspect: episodes' 'inspect FILE'
for name in empty text half flipped; do
    rm -rf run-bad
    mkdir run-bad
    cp good.episodes.h5 run-bad/step000001.episodes.h5
    cp bad/$name.h5 run-bad/step000002.episodes.h5
    for verb in table figure; do
        expect 3 'run-bad/step000002.episodes.h5: ' "$verb: episodes in a folder: $name" "$mdpbench" $verb run-bad --out new/new
    done
    expect 3 'run-bad/step000002.episodes.h5: ' "table: episodes by name: $name" "$mdpbench" table run-bad/step000002.episodes.h5 --out new/new
done
broken "$reference/envs/halfcheetah_first250.h5" /$episode/observations packed
all_refused 'verify env: recording' 'verify env FILE'
broken "$reference/algos/golden/units.h5" /f32/ddpm_step/i1/eps
# no checksum there: it is a file of another program
rm bad/flipped.h5
all_refused 'verify algos: golden file' 'verify algos FILE'

# the state of a run: refused, and the run left as it is
for run in train behave; do
    if [ $run = train ]; then folder=run-w; else folder=learner-walker2d; fi
    cp -R $folder state
    for name in empty text half flipped folder; do
        rm -rf state/resume.h5
        case $name in
        empty) : > state/resume.h5 ;;
        text) echo text > state/resume.h5 ;;
        half) head -c 100000 $folder/resume.h5 > state/resume.h5 ;;
        flipped) cp $folder/resume.h5 state/ && flip state/resume.h5 $(($(wc -c < state/resume.h5) / 2)) ;;
        folder) mkdir state/resume.h5 ;;
        esac
        if [ $name = folder ]; then want=5; else want=3; fi
        if [ $run = train ]; then set -- train --task walker2d-random --data w.hdf5 --batch 16; else set -- behave walker2d; fi
        expect $want 'state/resume.h5: ' "$run: state: $name" "$mdpbench" "$@" --steps 5000 --out state
    done
    rm -rf state
done

# ---- whole files with wrong content ----
plain w.hdf5 p.hdf5
works "a dataset as other programs write it" "$mdpbench" $train p.hdf5
rm -rf run-new
# dataset INDEX TYPE VALUE WHAT
while read -r array index format value what; do
    cp p.hdf5 bad.hdf5
    poke bad.hdf5 "$array" "$index" "$format" "$value"
    expect 3 "bad.hdf5: |$array|expected|found" "train: dataset: $what" "$mdpbench" $train bad.hdf5
    expect 3 "bad.hdf5: |$array|expected|found" "inspect: dataset: $what" "$mdpbench" inspect bad.hdf5
done <<'END'
observations 500 f< nan a NaN among the observations
observations 13199 f< inf an infinite observation in the last row
actions 7 f< nan a NaN among the actions
rewards 599 f< -inf an infinite reward
terminals 3 c 2 a flag that is neither 0 nor 1
END

# dataset_without ARRAY OUT: w.hdf5 but for one array
dataset_without() {
    rm -f "$2"
    for other in observations actions rewards terminals timeouts next_observations; do
        if [ $other != "$1" ]; then h5copy -i w.hdf5 -o "$2" -s /$other -d /$other; fi
    done
}
dataset_without nothing bad.hdf5
works 'a dataset of the six arrays alone' "$mdpbench" $train bad.hdf5
rm -rf run-new
for array in observations actions rewards terminals; do
    dataset_without $array bad.hdf5
    if [ $array = observations ]; then verbs=train; else verbs='train inspect'; fi
    for verb in $verbs; do
        if [ $verb = train ]; then set -- $train; else set -- inspect; fi
        expect 3 "bad.hdf5: $array" "$verb: dataset without $array" "$mdpbench" "$@" bad.hdf5
    done
    # ARRAY FROM SOURCE: an array of another shape or type in its place
    for source in other.hdf5:/$array w.hdf5:/infos/qpos w.hdf5:/metadata/task w.hdf5:/metadata/seed w.hdf5:/metadata; do
        dataset_without $array bad.hdf5
        h5copy -i "${source%%:*}" -o bad.hdf5 -s "${source#*:}" -d /$array
        # the first array sets the number of columns and of rows that the others are measured by: nine columns are as
        # good as any, were it not for the next observations
        case $array:$source in
        observations:w.hdf5:/infos/qpos) text='[600, 9]' ;;
        observations:other.hdf5*) text=500 ;;
        *) text=$array ;;
        esac
        expect 3 "bad.hdf5: |$text|expected|found" "train: dataset with $source as $array" "$mdpbench" $train bad.hdf5
    done
done
expect 3 'c.hdf5: |expected 22|found 26' 'train: the data of another robot' "$mdpbench" $train c.hdf5
expect 3 'diffusion.h5: |expected|found' 'train: a module for a dataset' "$mdpbench" $train diffusion.h5
cp p.hdf5 bad.hdf5
expect 5 'datasets/walker2d-random.hdf5: |mdpbench collect walker2d-random' 'train: no dataset at all, and what makes it' \
    "$mdpbench" train --task walker2d-random

evaluate='eval --w-t 5 --episodes 2 --candidates 2 --out new.episodes.h5'
unguided='eval --guidance none --episodes 2 --out new.episodes.h5'
plain diffusion.h5 d.h5
plain guidance.h5 g.h5
works 'modules as other programs write them' "$mdpbench" $evaluate --diffusion d.h5 --guidance g.h5
rm new.episodes.h5
bad_diffusion() { expect 3 "bad.h5: $1" "eval: diffusion: $2" "$mdpbench" $unguided --diffusion bad.h5; }
bad_guidance() { expect 3 "bad.h5: $1" "eval: guidance: $2" "$mdpbench" $evaluate --diffusion diffusion.h5 --guidance bad.h5; }
cp d.h5 bad.h5 && poke bad.h5 /tensors/model/mid_layer.2.weight 77 'f<' nan
bad_diffusion '|mid_layer.2.weight|expected|found' 'a NaN'
cp g.h5 bad.h5 && poke bad.h5 /tensors/critic/q2_model.3.weight 77 'f<' inf
bad_guidance '|q2_model.3.weight|expected|found' 'an infinite parameter'
expect 3 'bad.h5: |q2_model.3.weight|expected|found' 'inspect: an infinite parameter' "$mdpbench" inspect bad.h5
cp d.h5 bad.h5 && poke bad.h5 /normalizer/mean 3 'd<' nan
bad_diffusion '|normalizer|expected|found' 'a NaN in the normaliser'
cp d.h5 bad.h5 && poke bad.h5 /normalizer/std 3 'd<' 0
bad_diffusion '|normalizer|expected|found' 'a deviation of 0 in the normaliser'
cp d.h5 bad.h5 && reword bad.h5 mid_layer.4.bias mid_layer.4.bibs
bad_diffusion '|mid_layer.4.bi|expected' 'a tensor by another name'
cp d.h5 bad.h5 && reword bad.h5 '"hidden":256' '"hidden":255'
bad_diffusion '|[255, 92]|found [256, 92]' 'tensors of another shape than the settings say'
cp d.h5 bad.h5 && reword bad.h5 '"hidden":256' '"hidden":-56'
bad_diffusion '|width: expected|found -56' 'a negative width'
cp d.h5 bad.h5 && reword bad.h5 '"hidden":256' '"hidden":9e9'
bad_diffusion '|settings' 'a width that is no whole number'
cp d.h5 bad.h5 && reword bad.h5 '"T":5' '"T":0'
bad_diffusion '|expected' 'no denoising steps'
cp d.h5 bad.h5 && reword bad.h5 '"solver":"ddpm"' '"solver":"dxpm"'
bad_diffusion '|dxpm' 'an unknown solver'
cp d.h5 bad.h5 && reword bad.h5 '"denoiser":' '"denoizer":'
bad_diffusion '|settings' 'settings without a denoiser'
cp d.h5 bad.h5 && reword bad.h5 '{"algo":' '["algo":'
bad_diffusion '|settings' 'settings that are no JSON'
cp d.h5 bad.h5 && reword bad.h5 mdpbench-checkpoint mdpbench-chickpoint
bad_diffusion '|expected mdpbench-checkpoint|mdpbench-chickpoint' 'another format'
cp d.h5 bad.h5 && reword bad.h5 walker2d-random walker9d-random
bad_diffusion '|task: expected|walker9d-random' 'an unknown task'
cp g.h5 bad.h5 && reword bad.h5 '"kind":"double-q"' '"kind":"triple-q"'
bad_guidance '|triple-q' 'an unknown kind'
bad_file() { expect 3 "$1: |expected $2|found" "$3" "$mdpbench" $4; }
bad_file guidance.h5 diffusion 'eval: guidance for diffusion' "$unguided --diffusion guidance.h5"
bad_file diffusion.h5 guidance 'eval: diffusion for guidance' "$evaluate --diffusion diffusion.h5 --guidance diffusion.h5"
bad_file run-w/resume.h5 diffusion 'eval: a state for diffusion' "$unguided --diffusion run-w/resume.h5"
bad_file diffusion.h5 behavior 'eval: diffusion for a behaviour policy' 'eval --behavior diffusion.h5 --out new.episodes.h5'
bad_file good.episodes.h5 '' 'eval: episodes for diffusion' "$unguided --diffusion good.episodes.h5"
bad_file w.hdf5 '' 'eval: a dataset for diffusion' "$unguided --diffusion w.hdf5"
bad_file diffusion.h5 '' 'figure: a module for episodes' 'figure run-shown --behavior diffusion.h5 --out new'

# compositions that do not fit
expect 3 'run-c/step000002.guidance.h5: expected 22 observations|diffusion.h5|found 26' "eval: the cheetah's guidance for the walker" \
    "$mdpbench" $evaluate --diffusion diffusion.h5 --guidance run-c/step000002.guidance.h5
expect 3 'guidance.h5: expected 26 observations|run-c/step000002.diffusion.h5|found 22' "eval: the walker's guidance for the cheetah" \
    "$mdpbench" $evaluate --diffusion run-c/step000002.diffusion.h5 --guidance guidance.h5
expect 3 'run-other/step000002.guidance.h5: normaliser|expected mean|diffusion.h5|found' 'eval: guidance with another normaliser' \
    "$mdpbench" $evaluate --diffusion diffusion.h5 --guidance run-other/step000002.guidance.h5
for quality in medium expert medium-expert medium-replay; do
    case $quality in medium-expert) set -- --medium c-policy.h5 --expert c-policy.h5 ;; expert) set -- --expert c-policy.h5 ;; *) set -- --medium c-policy.h5 ;; esac
    expect 3 'c-policy.h5: |expected walker2d|found halfcheetah' "collect walker2d-$quality: the policy of another robot" \
        "$mdpbench" collect walker2d-$quality "$@" --steps 50 --out new/new.hdf5
done
expect 5 'results/reference/behavior/walker2d-medium.h5: ' 'collect: no policies' env MDPBENCH_DATA="$work" "$mdpbench" collect walker2d-medium --steps 50
plain policy.h5 p.h5
cp p.h5 bad.h5 && poke bad.h5 /tensors/actor/actor.2.weight 9 'f<' nan
bad_file bad.h5 '' 'eval: behaviour policy: a NaN' 'eval --behavior bad.h5 --out new.episodes.h5'
cp p.h5 bad.h5 && reword bad.h5 actor.0.bias actor.0.bibs
expect 3 'bad.h5: |actor.0.bi|expected' 'eval: behaviour policy: a tensor by another name' "$mdpbench" eval --behavior bad.h5 --out new.episodes.h5

plain good.episodes.h5 e.episodes.h5
works 'episodes as other programs write them' "$mdpbench" table e.episodes.h5
while read -r array index format value what; do
    cp e.episodes.h5 bad.episodes.h5
    poke bad.episodes.h5 "$array" "$index" "$format" "$value"
    for verb in table inspect; do
        expect 3 "bad.episodes.h5: |$array|expected|found" "$verb: episodes: $what" "$mdpbench" $verb bad.episodes.h5
    done
done <<'END'
return 4 d< nan a return that is not a number
normalized_return 4 d< 0.5 a normalised return that is not that of the return
length 2 l< -1 a negative length
end 1 C 7 an unknown end
episode 3 q< 2 an episode twice
END

bad_file w.hdf5 '' 'verify env: a dataset for a recording' 'verify env w.hdf5'
bad_file w.hdf5 '' 'verify algos: a dataset for a golden file' 'verify algos w.hdf5'
expect 3 "halfcheetah_first250.h5: |expected" 'verify algos: a recording for a golden file' "$mdpbench" verify algos "$recording"
expect 3 "expected" 'inspect: a recording is none of ours' "$mdpbench" inspect "$recording"
plain "$recording" r.h5
for array in actions observations rewards; do
    cp r.h5 bad.h5 && poke bad.h5 /$episode/$array 5 'd<' nan
    run "$mdpbench" verify env bad.h5
    [ "$status" = 3 ] && message_is 3 "bad.h5: |$array|expected|found"
    check $? "verify env: a NaN among the $array" "$work/err"
done
cp r.h5 bad.h5 && poke bad.h5 /$episode/rewards 5 'd<' 123
run "$mdpbench" verify env bad.h5
[ "$status" = 1 ] && grep -q '^not ok' "$work/out"
check $? 'verify env: a reward that is another fails, status 1' "$work/err"

# ---- folders and outputs that cannot be ----
: > plain-file
mkdir folder
for verb in collect train behave eval table figure; do
    ending=
    case $verb in
    collect) command='collect walker2d-random --steps 50' ending=.hdf5 ;;
    train) command='train --task walker2d-random --data w.hdf5 --steps 2 --batch 16' ;;
    behave) command='behave walker2d --steps 1' ;;
    eval) command="eval --diffusion diffusion.h5 --guidance none --episodes 2" ending=.episodes.h5 ;;
    table) command='table good.episodes.h5' ending=.md ;;
    figure) command='figure run-shown' ending=.svg ;;
    esac
    for out in plain-file/new$ending plain-file/deep/er/new$ending; do
        chatty_expect 5 'plain-file' "$verb: --out below a file: $out" "$mdpbench" $command --out $out
    done
    case $verb in
    train | behave) chatty_expect 5 'plain-file' "$verb: a file for the folder" "$mdpbench" $command --out plain-file ;;
    collect | eval) chatty_expect 5 'folder' "$verb: a folder for the file" "$mdpbench" $command --out folder ;;
    table) chatty_expect 5 'folder' "$verb: a folder for the file" "$mdpbench" $command --out folder ;;
    figure) mkdir folder.svg; chatty_expect 5 'folder.svg' "$verb: a folder for the file" "$mdpbench" $command --out folder.svg ;;
    esac
done
for command in 'table good.episodes.h5' 'inspect diffusion.h5' 'train --help' "eval --diffusion diffusion.h5 --guidance none --out x.episodes.h5 --episodes 2"; do
    "$mdpbench" $command > /dev/full 2> "$work/err"
    status=$?
    message_is 5 'cannot write'
    check $? "a full standard output: ${command%% *}" "$work/err"
done
rm -f x.episodes.h5
expect 5 'nowhere: ' 'eval: a folder that is not there' "$mdpbench" eval nowhere
expect 5 'nowhere: ' 'table: a folder that is not there' "$mdpbench" table nowhere
expect 5 'nowhere: ' 'figure: a folder that is not there' "$mdpbench" figure nowhere --out new
expect 4 'folder: expected|found none' 'eval: a folder without modules' "$mdpbench" eval folder
expect 4 'folder: expected|found none' 'table: a folder without episodes' "$mdpbench" table folder
long=$(printf '%01100d' 0)
expect 4 'path longer than' 'a path that is too long' "$mdpbench" collect walker2d-random --out "$long"

# ---- a disk that is full ----
# limited BLOCKS COMMAND...: no file may grow beyond BLOCKS times 512 bytes
limited() {
    blocks=$1
    shift
    (
        trap '' XFSZ
        ulimit -f "$blocks"
        exec "$@"
    ) > "$work/out" 2> "$work/err" < /dev/null
    status=$?
}
# full NAME OUT: what failed has left nothing under OUT, and no temporary file
full() {
    message_is 5 "$2" && [ ! -e "$2" ] && [ -z "$(find . -name '*.tmp*')" ]
    check $? "$1" "$work/err"
}
limited 100 "$mdpbench" collect walker2d-random --steps 5000 --out big.hdf5
full 'collect: files are limited' big.hdf5
limited 100 "$mdpbench" train --task walker2d-random --data w.hdf5 --steps 2 --batch 16 --out run-full
full 'train: files are limited: no module' run-full/step000002.diffusion.h5
limited 100 "$mdpbench" train --task walker2d-random --data w.hdf5 --steps 2 --batch 16 --memory 0 --out run-scratch
message_is 5 'run-scratch: cannot write|a scratch file' && [ -z "$(ls -A run-scratch)" ]
check $? 'train: files are limited: no scratch file' "$work/err"
expect 5 'plain-file: expected a folder' 'train: a file for the folder of the scratch file' \
    "$mdpbench" train --task walker2d-random --data w.hdf5 --steps 2 --memory 0 --scratch plain-file --out run-scratch
limited 4000 "$mdpbench" train --task walker2d-random --data w.hdf5 --steps 2 --batch 16 --out run-full
full 'train: files are limited: no second module' run-full/step000002.guidance.h5
limited 10000 "$mdpbench" train --task walker2d-random --data w.hdf5 --steps 2 --batch 16 --out run-full
full 'train: files are limited: no state' run-full/resume.h5
limited 10000 "$mdpbench" train --task walker2d-random --data w.hdf5 --steps 3 --checkpoint-every 3 --batch 16 --save-minutes 0 \
    --out run-full-between
full 'train: files are limited: no state between two checkpoints' run-full-between/resume.h5
works 'train: and once there is space' "$mdpbench" train --task walker2d-random --data w.hdf5 --steps 2 --batch 16 --out run-full
rm run-w/*.episodes.h5 2> "$work/dump"
same_folder 'the same bits' run-w run-full
limited 100 "$mdpbench" behave walker2d --steps 1 --out learner-full
message_is 5 learner-full/step && [ -z "$(find learner-full -name '*.tmp*' -o -name '*.h5')" ]
check $? 'behave: files are limited: no policy' "$work/err"
limited 1000 "$mdpbench" behave walker2d --steps 1 --out learner-full
full 'behave: files are limited: no state' learner-full/resume.h5
limited 4 "$mdpbench" eval --diffusion diffusion.h5 --guidance none --episodes 500 --out big.episodes.h5
full 'eval: files are limited' big.episodes.h5
# wherever the space ends: in the data, in what describes it, or only when the file is closed
quiet "$mdpbench" eval --diffusion diffusion.h5 --guidance none --episodes 30 --out big.episodes.h5
size=$((($(wc -c < big.episodes.h5) - 1) / 512))
rm big.episodes.h5
blocks_left=$((size + 1))
: > "$work/wrong"
while [ $((blocks_left -= 1)) -gt 0 ]; do
    limited $blocks_left "$mdpbench" eval --diffusion diffusion.h5 --guidance none --episodes 30 --out big.episodes.h5
    message_is 5 big.episodes.h5 && [ -z "$(ls | grep '^big')" ] || { echo "$blocks_left blocks:"; ls big*; cat "$work/err"; } >> "$work/wrong"
    rm -f big.episodes.h5*
done
[ "$size" -gt 4 ] && [ ! -s "$work/wrong" ]
check $? 'eval: files are limited to any size below that of the result' "$work/wrong"
limited 1 "$mdpbench" table good.episodes.h5 good.episodes.h5 good.episodes.h5 --format json --out big.json
full 'table: files are limited' big.json
for ending in svg png; do
    limited 4 "$mdpbench" figure run-shown --out big.$ending
    full "figure: files are limited: $ending" big.$ending
done

# ---- memory that is not there: said with both sizes before the first step ----
# starved NAME OUT COMMAND...: 120 MB of address space, of which the program takes about half
starved() {
    name=$1 out=$2
    shift 2
    if grep -q '__[at]san_init' "$mdpbench"; then
        skip "$name" 'a sanitizer takes more address space than any limit leaves'
        return
    fi
    (
        ulimit -v 120000
        exec "$@"
    ) > "$work/out" 2> "$work/err" < /dev/null
    status=$?
    message_is 5 'of memory that can still be had, found' && [ -z "$(ls -A "$out" 2> "$work/dump")" ]
    check $? "$name" "$work/err"
}
starved 'behave: the replay memory does not fit' starved-behave "$mdpbench" behave walker2d --steps 300 --out starved-behave
starved 'eval: the lanes do not fit' starved.episodes.h5 \
    "$mdpbench" eval --diffusion diffusion.h5 --guidance none --lanes 10000 --episodes 10000 --out starved.episodes.h5
# grouped LINE NAME COMMAND...: in the control group that the LINE of /proc/self/cgroup says, of the folder groups
grouped() {
    echo "$1" > cgroup
    name=$2
    shift 2
    # shellcheck disable=SC2016
    expect 5 "$want" "$name" unshare --mount \
        sh -c 'mount --bind groups /sys/fs/cgroup && mount --bind cgroup "/proc/$$/cgroup" && exec "$@"' - "$@"
}
# group FOLDER MOST USED FILES: in the words of both versions; FILES and 1000000 bytes of those used are pages of files
group() {
    mkdir -p "$1"
    echo "$2" | tee "$1/memory.max" > "$1/memory.limit_in_bytes"
    echo "$3" | tee "$1/memory.current" > "$1/memory.usage_in_bytes"
    printf 'anon 1\ninactive_file %d\nactive_file 1000000\n' "$4" > "$1/memory.stat"
}
if unshare --mount sh -c 'mkdir groups && mount --bind groups /sys/fs/cgroup && mount --bind /dev/null "/proc/$$/cgroup"' 2> "$work/why"; then
    mkdir empty
    group groups/job 70000000 60000000 2000000
    group groups/job/step max 50000000 0
    group groups/memory/job 50000000 30000000 4000000
    group groups/memory/job/step 9223372036854771712 0 0
    group groups/full 60000000 62000000 0
    want='expected 208 MB of memory that can still be had, found 13 MB'
    grouped 0::/job/step 'behave: a control group around its own' "$mdpbench" behave walker2d --steps 300 --out empty
    want='expected 208 MB of memory that can still be had, found 25 MB'
    grouped 4:memory:/job/step 'behave: a control group of version 1' "$mdpbench" behave walker2d --steps 300 --out empty
    want='of memory that can still be had, found 0 MB'
    grouped 0::/full 'collect: no room for episodes' "$mdpbench" collect walker2d-random --steps 300 --out new
    grouped 0::/full 'train: no room for transitions' "$mdpbench" train --task walker2d-random --data w.hdf5 --steps 2 --out new
    grouped 0::/full 'eval: no room for lanes' "$mdpbench" eval --diffusion diffusion.h5 --guidance none --out new
else
    skip 'control groups' "unshare: $(head -1 "$work/why")"
fi

mkdir disk
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=128k none disk 2> "$work/err"; then
    mounted=1
    run "$mdpbench" collect walker2d-random --steps 5000 --out disk/big.hdf5
    full 'collect: a full disk' disk/big.hdf5
    run "$mdpbench" train --task walker2d-random --data w.hdf5 --steps 2 --batch 16 --out disk/run
    full 'train: a full disk' disk/run/step000002.diffusion.h5
    rm -rf disk/run
    dd if=/dev/zero of=disk/fill bs=1024 2> "$work/dump"
    run "$mdpbench" table good.episodes.h5 --out disk/table
    full 'table: a full disk' disk/table
    run "$mdpbench" figure run-shown --out disk/figure.png
    full 'figure: a full disk' disk/figure.png
    run "$mdpbench" eval --diffusion diffusion.h5 --guidance none --episodes 2 --out disk/e.episodes.h5
    full 'eval: a full disk' disk/e.episodes.h5
    rm disk/fill
    mount -o remount,ro disk
    for command in 'collect walker2d-random --steps 50 --out disk/x' 'behave walker2d --steps 1 --out disk/x' \
        'eval --diffusion diffusion.h5 --guidance none --episodes 2 --out disk/x' 'table good.episodes.h5 --out disk/x' \
        'train --task walker2d-random --data w.hdf5 --steps 2 --batch 16 --out disk/x' 'figure run-shown --out disk/x.svg'; do
        chatty_expect 5 'disk/x' "${command%% *}: a read-only disk" "$mdpbench" $command
    done
    umount disk && mounted=
else
    skip 'full and read-only disks' 'no right to mount one'
fi
if [ "$(id -u)" = 0 ]; then
    skip 'a folder without write permission' 'the superuser may write everywhere'
else
    mkdir locked
    chmod a-w locked
    expect 5 'locked/x' 'collect: a folder without write permission' "$mdpbench" collect walker2d-random --steps 50 --out locked/x
    expect 5 'locked/x' 'train: a folder without write permission' "$mdpbench" $train w.hdf5 --out locked/x
fi
finish
