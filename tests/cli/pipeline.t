#!/bin/sh
# the whole way from simulation to tables; every stage again: skipped with the same settings, refused with others
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
unset DISPLAY

# again NAME COMMAND...: the stage leaves alone what it made
again() {
    again_name=$1
    shift
    listing > "$work/before"
    run "$@"
    listing > "$work/after"
    [ "$status" = 0 ] && cmp -s "$work/before" "$work/after" && grep -q 'nothing to do\|not made again' "$work/err"
    check $? "$again_name" "$work/out" "$work/err"
}

# remade NAME FILE COMMAND...: the file is deleted and comes back with the same bytes
remade() {
    remade_name=$1
    remade_file=$2
    shift 2
    mv "$remade_file" "$work/old"
    run "$@"
    cmp "$work/old" "$remade_file" > "$work/why" 2>&1 && [ "$status" = 0 ]
    check $? "$remade_name" "$work/why" "$work/err"
}

# ---- collect ----
collect() { "$mdpbench" collect walker2d-random --steps 1500 "$@"; }
works collect collect
[ "$(cat "$work/out")" = datasets/walker2d-random.hdf5 ]
check $? 'it prints the path of the dataset' "$work/out"
data=datasets/walker2d-random.hdf5

# the layout as h5dump sees it: name, type, extents
layout() {
    h5dump -H "$1" | awk '
        /^ *(GROUP|DATASET) "/ { match($0, /^ */); depth = RLENGTH / 3; name[depth] = $2; gsub(/"/, "", name[depth]) }
        /DATATYPE/ { type = $2 }
        /DATASPACE/ {
            path = ""
            for (i = 1; i <= depth; i++) path = path "/" name[i]
            extents = $0
            if ($2 == "SCALAR") extents = "scalar"
            sub(/.*SIMPLE \{ \( /, "", extents)
            sub(/ \).*/, "", extents)
            print path, type, extents
        }
    '
}
layout "$data" > "$work/layout"
cat > "$work/want" <<'END'
/actions H5T_IEEE_F32LE 1500, 6
/infos/qpos H5T_IEEE_F64LE 1500, 9
/infos/qvel H5T_IEEE_F64LE 1500, 9
/metadata/algorithm H5T_STRING scalar
/metadata/env_id H5T_STRING scalar
/metadata/inputs H5T_STRING scalar
/metadata/isa H5T_STRING scalar
/metadata/machine H5T_STRING scalar
/metadata/physics H5T_STRING scalar
/metadata/physics_hash H5T_STD_U64LE scalar
/metadata/physics_library H5T_STRING scalar
/metadata/policy/file H5T_STRING scalar
/metadata/reference H5T_STRING scalar
/metadata/seed H5T_STD_U64LE scalar
/metadata/settings H5T_STRING scalar
/metadata/task H5T_STRING scalar
/metadata/version H5T_STRING scalar
/next_observations H5T_IEEE_F32LE 1500, 22
/observations H5T_IEEE_F32LE 1500, 22
/rewards H5T_IEEE_F32LE 1500
/terminals H5T_ENUM 1500
/timeouts H5T_ENUM 1500
END
diff "$work/want" "$work/layout" > "$work/why"
check $? "h5dump finds D4RL's datasets, types and extents" "$work/why"
h5dump "$data" > "$work/dump" 2> "$work/err" && [ ! -s "$work/err" ] && ! grep -qi 'nan\|inf[,)]' "$work/dump"
check $? 'h5dump reads every value, all finite' "$work/err"
h5dump -d /metadata/env_id "$data" | grep -q 'Walker2DBullet-v0'
check $? 'the environment is named'
again 'collect again: nothing to do' collect
expect 4 "$data|other settings|steps 1500 there, 1600 wanted; another --out keeps both" 'collect with other steps: refused, both printed' \
    "$mdpbench" collect walker2d-random --steps 1600
expect 4 "$data|seed 0 there, 1 wanted" 'collect with another seed: refused, both printed' collect --seed 1
remade 'the dataset deleted: the same comes back' "$data" collect

# ---- train ----
train() { "$mdpbench" train --task walker2d-random --steps 9 --checkpoint-every 4 --batch 32 "$@"; }
folder=runs/walker2d-random/dql/joint/seed0
works train train
[ "$(cat "$work/out")" = $folder ]
check $? 'it prints its folder' "$work/out"
ls $folder > "$work/files"
cat > "$work/want" <<'END'
log.csv
resume.h5
run.json
step000004.diffusion.h5
step000004.guidance.h5
step000008.diffusion.h5
step000008.guidance.h5
step000009.diffusion.h5
step000009.guidance.h5
END
diff "$work/want" "$work/files" > "$work/why"
check $? 'two modules per checkpoint, log, state and costs, and no more' "$work/why"
[ "$(cut -d, -f1 $folder/log.csv | tr '\n' ' ')" = 'step 4 8 9 ' ] && ! grep -v '^step' $folder/log.csv | grep -q '[a-df-z]' &&
    [ "$(sed 1d $folder/log.csv | awk -F, 'NF == 9 && $6 == ""' | wc -l)" = 3 ]
check $? 'the log has a row of numbers per checkpoint, all but the state value that DQL has not' $folder/log.csv
json 'run.json tells time, memory and arithmetic' $folder/run.json \
    '$j->{steps} == 9 && $j->{wall_seconds} > 0 && $j->{peak_bytes} > 1e6 && $j->{step_flops} > 1e8'
again 'train again: nothing to do' train
again 'with coarser checkpoints, too' train --checkpoint-every 8
expect 4 "$folder: option --checkpoint-every: expected steps at which the run|found 2: there is none for step 2; another --out" \
    'train with finer checkpoints when it is over: refused' train --checkpoint-every 2
expect 4 "resume.h5|other settings|eta 1 there, 2 wanted; another --out" 'train with another eta: refused, both printed' train --eta 2
expect 4 "resume.h5|seed 0 there, 5 wanted" 'train with another seed in its folder: refused' train --seed 5 --out $folder
"$mdpbench" collect walker2d-random --steps 1500 --seed 2 --out datasets/other.hdf5 > "$work/out" 2> "$work/err"
expect 4 'resume.h5|other settings' 'train with other data: refused' train --data datasets/other.hdf5
cp -R $folder "$work/whole"
rm $folder/resume.h5
listing > "$work/before"
run train --eta 2
[ "$status" = 4 ] && grep -q 'eta 1 there, 2 wanted' "$work/err"
check $? 'modules without a state and other settings: refused' "$work/err"
run train
same_folder 'the state deleted: the run is made again, the same' "$work/whole" $folder
rm -r $folder
run train
same_folder 'the folder deleted: the run is made again, the same' "$work/whole" $folder
mv $folder/step000008.guidance.h5 "$work/gone"
expect 4 "$folder/step000008.guidance.h5: expected|step 8|delete $folder/resume.h5 too" \
    'a module deleted from a finished run: refused, and what makes it again' train
rm $folder/resume.h5
run train
same_folder 'which does, the same' "$work/whole" $folder
run train --threads 2 --steps 4 --out part
run train --threads 1 --steps 9 --out part
same_folder 'in two goes: the same' "$work/whole" part

# ---- eval ----
evaluate() { "$mdpbench" eval "$@" --episodes 12 --candidates 4 --w-t 5; }
works 'eval: a folder' evaluate $folder
[ "$(grep -c "^$folder/step00000[489].episodes.h5: step [489], 12 episodes" "$work/out")" = 3 ]
check $? 'a line per checkpoint' "$work/out"
works 'eval --json' evaluate $folder --step 8 --json
json 'eval --json: one object with what is promised' "$work/out" '
    my $ok = $j->{step} == 8 && $j->{episodes} == 12 && $j->{path} eq "'$folder'/step000008.episodes.h5";
    for my $sample ($j->{return}, $j->{normalized_return}) {
        for my $key (qw(mean sd iqm q1 median q3)) { $ok &&= defined $sample->{$key} && $sample->{$key} =~ /^-?[\d.e-]+$/i }
        $ok &&= $sample->{q1} <= $sample->{median} && $sample->{median} <= $sample->{q3};
        $ok &&= $sample->{iqm_ci95}[0] <= $sample->{iqm} && $sample->{iqm} <= $sample->{iqm_ci95}[1];
        $ok &&= $sample->{iqm_ci95_stream} eq "philox-16" && $sample->{iqm_ci95_few} && $sample->{iqm_ci95_method} eq "student";
    }
    # scores of D4RL for bullet-walker2d
    my ($low, $high) = (16.523877, 1623.65);
    $ok && abs(($j->{return}{mean} - $low) / ($high - $low) - $j->{normalized_return}{mean}) < 1e-6'
again 'eval again: nothing to do' evaluate $folder
expect 4 'step000004.episodes.h5|other settings|episodes 12 there, 11 wanted; another --label or --out' 'eval with fewer episodes: refused, both printed' \
    "$mdpbench" eval $folder --step 4 --episodes 11 --candidates 4 --w-t 5
expect 4 'step000004.episodes.h5|seed 0 there, 1 wanted' 'eval with another seed: refused, both printed' evaluate $folder --step 4 --seed 1
remade 'episodes deleted: the same come back' $folder/step000008.episodes.h5 evaluate $folder --step 8
works 'eval --actor online' evaluate $folder --actor online
ls $folder/step00000[489].online.episodes.h5 > "$work/files" 2>&1
check $? 'beside those of the averaged actor' "$work/files"
works 'eval: a composition' evaluate --diffusion $folder/step000009.diffusion.h5 --guidance $folder/step000004.guidance.h5 --out mixed.episodes.h5
expect 4 'mixed.episodes.h5|other settings|step000004.guidance.h5|step000008.guidance.h5' 'another composition of that name: refused' \
    evaluate --diffusion $folder/step000009.diffusion.h5 --guidance $folder/step000008.guidance.h5 --out mixed.episodes.h5
works 'eval --guidance none' "$mdpbench" eval --episodes 12 --diffusion $folder/step000009.diffusion.h5 --guidance none --out none.episodes.h5 --json
json 'its JSON' "$work/out" '$j->{episodes} == 12 && $j->{path} eq "none.episodes.h5"'
works 'eval --guidance none needs no selection temperature' "$mdpbench" eval --diffusion $folder/step000009.diffusion.h5 \
    --guidance none --episodes 2 --out bare.episodes.h5
expect 4 'walker2d-random|--w-t: expected a number' 'eval: no selection temperature is known for this task, and the option is named' \
    "$mdpbench" eval $folder --step 4 --out x.episodes.h5
expect 4 "$folder: expected step000005.diffusion.h5, found none" 'eval: a step that is not there' evaluate $folder --step 5

# ---- table and figure ----
for format in text md tex csv json; do
    works "table: $format" "$mdpbench" table $folder mixed.episodes.h5 --format $format
    cp "$work/out" table.$format
    works "table: $format, to a file" "$mdpbench" table $folder mixed.episodes.h5 --format $format --out tables/t.$format
    same "table: $format, the same bytes" table.$format tables/t.$format
done
[ "$(wc -l < table.csv)" = 5 ] && [ "$(awk -F, '{ print NF }' table.csv | sort -u | wc -l)" = 1 ]
check $? 'table: CSV has a row per file and equal rows' table.csv
json 'table: JSON has a row per file' table.json \
    'join(" ", map { $_->{step} + 0 } @{$j->{rows}}) eq "4 8 9 9" && $j->{rows}[3]{run} eq "mixed" && $j->{rows}[0]{iqm_lo} <= $j->{rows}[0]{iqm}'
grep -q '^|.*|$' table.md && [ "$(grep -c '^|' table.md)" = 6 ]
check $? 'table: Markdown has header, rule and rows' table.md
grep -q 'begin{tabular}' table.tex && grep -q 'end{tabular}' table.tex
check $? 'table: LaTeX is a tabular' table.tex
works 'table --actor online' "$mdpbench" table $folder --actor online
[ "$(grep -c ' online ' "$work/out")" = 3 ]
check $? 'table: rows of the online actor' "$work/out"

works 'figure: both pictures' "$mdpbench" figure $folder --out figures/curve --title 'walker2d random' --behavior none.episodes.h5
perl -e 'local $/; open my $f, "<", $ARGV[0] or die; exit(<$f> =~ /\A<\?xml.*<svg\b.*walker2d random.*<\/svg>\s*\z/s ? 0 : 1)' figures/curve.svg
check $? 'figure: an SVG with its title'
perl -e 'local $/; open my $f, "<:raw", $ARGV[0] or die; exit(<$f> =~ /\A\x89PNG\r\n\x1a\n.*IEND.{4}\z/s ? 0 : 1)' figures/curve.png
check $? 'figure: a whole PNG'
for ending in svg png; do
    works "figure: $ending alone" "$mdpbench" figure $folder --out single.$ending --title 'walker2d random' --behavior none.episodes.h5
    same "figure: $ending, the same bytes" figures/curve.$ending single.$ending
done
[ "$(ls figures single.*)" = "$(printf '%s\n' single.png single.svg '' figures: curve.png curve.svg)" ]
check $? 'figure: nothing else is left' "$work/files"

# ---- behave, and its policies ----
behave() { "$mdpbench" behave walker2d --steps 300 --warmup 256 --checkpoint-every 150 --out learner "$@"; }
works behave behave
policy=$(ls learner/*.behavior.h5 | tail -n 1)
listing > "$work/before"
run behave
listing > "$work/after"
diff "$work/before" "$work/after" > "$work/why" && [ "$status" = 0 ]
check $? 'behave again: no file is touched' "$work/why" "$work/err"
expect 4 'learner/resume.h5|other settings|seed 0 there, 3 wanted' 'behave with another seed in its folder: refused, both printed' behave --seed 3
rare() { "$mdpbench" behave hopper --steps 2600 --warmup 2600 --out rare "$@"; }
works 'behave, two checkpoints' rare --checkpoint-every 1300
works 'behave again with coarser ones: nothing to do' rare --checkpoint-every 2600
expect 4 'rare: option --checkpoint-every: expected steps at which the run|found 200: there is none for step 200; another --out' \
    'behave with finer ones when it is over: refused' rare --checkpoint-every 200
works 'eval --behavior' "$mdpbench" eval --behavior "$policy" --episodes 5 --json
json 'its JSON' "$work/out" '$j->{episodes} == 5 && defined $j->{normalized_return}{iqm} && -s $j->{path}'
collect_medium() { "$mdpbench" collect walker2d-medium --medium "$policy" --steps 200 "$@"; }
works 'collect from a policy' collect_medium
again 'collect from a policy again: nothing to do' collect_medium
first=$(ls learner/*.behavior.h5 | head -n 1)
expect 4 'walker2d-medium.hdf5|other settings' 'collect from another policy: refused' \
    "$mdpbench" collect walker2d-medium --medium "$first" --steps 200
mkdir a b
cp "$first" a/p.h5
cp "$policy" b/p.h5
works 'two policies of one name' "$mdpbench" collect walker2d-medium-expert --medium a/p.h5 --expert b/p.h5 --steps 200
expect 4 'other settings' 'in other roles: refused' "$mdpbench" collect walker2d-medium-expert --medium b/p.h5 --expert a/p.h5 --steps 200
expect 4 'other settings' 'one of them twice: refused' "$mdpbench" collect walker2d-medium-expert --medium b/p.h5 --expert b/p.h5 --steps 200

# ---- a robot of another shape: sizes come from the robot ----
works 'collect for a hopper' "$mdpbench" collect hopper-random --steps 300
layout datasets/hopper-random.hdf5 > "$work/layout"
has_all '/actions H5T_IEEE_F32LE 300, 3|/infos/qpos H5T_IEEE_F64LE 300, 6|/infos/qvel H5T_IEEE_F64LE 300, 6' "$work/layout" &&
    has_all '/observations H5T_IEEE_F32LE 300, 15|/next_observations H5T_IEEE_F32LE 300, 15' "$work/layout"
check $? 'its arrays are as wide as the robot says' "$work/layout"
works 'behave' "$mdpbench" behave hopper --steps 300 --warmup 256 --checkpoint-every 150 --out hopper-learner
hopper=$(ls hopper-learner/*.behavior.h5 | tail -n 1)
works 'eval --behavior' "$mdpbench" eval --behavior "$hopper" --episodes 3
works 'collect both halves' "$mdpbench" collect hopper-medium-expert --medium "$hopper" --expert "$hopper" --steps 200
works 'collect what the learner saw' "$mdpbench" collect hopper-medium-replay --medium "$hopper"
works 'train' "$mdpbench" train --task hopper-random --algo dql --steps 4 --checkpoint-every 4 --out hopper-run
works 'eval a run' "$mdpbench" eval hopper-run --episodes 2 --w-t 10 --candidates 4

# ---- inspect and verify ----
for file in "$data" datasets/walker2d-medium.hdf5 $folder/resume.h5 $folder/step000009.diffusion.h5 $folder/step000009.guidance.h5 \
    $folder/step000009.episodes.h5 learner/resume.h5 "$policy"; do
    works "inspect ${file##*/}" "$mdpbench" inspect "$file"
    grep -q "^$file" "$work/out"
    check $? 'and shows it by name' "$work/out"
    works "inspect --json ${file##*/}" "$mdpbench" inspect --json "$file"
    json 'and its JSON names it' "$work/out" '(ref $j eq "ARRAY" ? $j->[0] : $j)->{file} eq "'"$file"'"'
done

reference=$root/tests/reference
works 'verify env: every recording' "$mdpbench" verify env "$reference"/envs/*.h5
grep -q '^ok 1 - ' "$work/out" && ! grep -q '^not ok' "$work/out" && grep -q "^1\.\.$(grep -c '^ok' "$work/out")\$" "$work/out"
check $? 'is whole TAP without a failure' "$work/out"
works 'verify algos: all golden files' "$mdpbench" verify algos "$reference"/algos/golden/*.h5
grep -q '^ok 1 - ' "$work/out" && ! grep -q '^not ok' "$work/out" && grep -q "^1\.\.$(grep -c '^ok' "$work/out")\$" "$work/out"
check $? 'is whole TAP without a failure' "$work/out"
finish
