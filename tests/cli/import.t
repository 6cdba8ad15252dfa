#!/bin/sh
# import and export: what others trained comes in, what is trained here goes out and comes back the same; wrong use and bad files
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
samples=$root/tests/reference/algos/checkpoints
quiet() { "$@" > "$work/out" 2> "$work/err" || { cat "$work/err"; echo "Bail out! $*"; exit 1; }; }
says() {
    has_all "$1" "$work/out"
    check $? "$2" "$work/out"
}

# ---- a small run, out and in ----
quiet "$mdpbench" collect walker2d-random --steps 600 --out w.hdf5
quiet "$mdpbench" train --task walker2d-random --data w.hdf5 --steps 2 --batch 16 --out run
d=run/step000002.diffusion
g=run/step000002.guidance
works 'export both modules' "$mdpbench" export $d.h5 $g.h5
[ "$(cat "$work/out")" = "$d.safetensors
$g.safetensors" ]
check $? 'it names what it made' "$work/out"
works 'import them without a word' "$mdpbench" import $d.safetensors $g.safetensors --out back
same 'the same diffusion module' $d.h5 back/step000002.diffusion.h5
same 'the same guidance module' $g.h5 back/step000002.guidance.h5
works 'import them again' "$mdpbench" import $d.safetensors $g.safetensors --out back
grep -q 'back/step000002.guidance.h5: exists with these settings, not made again' "$work/err"
check $? 'they are kept' "$work/err"
works 'export again' "$mdpbench" export $d.h5
grep -q "$d.safetensors: exists with this content, not made again" "$work/err"
check $? 'it is kept' "$work/err"
works 'import a module file' "$mdpbench" import $d.h5
says 'runs/walker2d-random/dql/imported/seed0/step000002.diffusion.h5' 'the folder without --out'
works 'export a behaviour policy' "$mdpbench" export "$root/results/reference/behavior/walker2d-medium.h5" --out policy.safetensors
works 'inspect an exported file' "$mdpbench" inspect $d.safetensors
says 'safetensors|walker2d-random|model.diffusion.mid_layer.0.weight|float32|[256, 92]|mean |settings' 'names, shapes, values, settings'

# anonymous FILE OUT [JSON]: what another program would write: no metadata, or other
anonymous() {
    perl -e 'local $/; open my $f, "<:raw", $ARGV[0]; my $all = <$f>; my $n = unpack "Q<", $all; my $head = substr $all, 8, $n;
        $head =~ s/"__metadata__":\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\},?/$ARGV[2] || ""/e or die;
        $head =~ s/ +$//;
        open $f, ">:raw", $ARGV[1]; print $f pack("Q<", length $head), $head, substr $all, 8 + $n; close $f or die' "$@" && return
    echo "Bail out! cannot rewrite $1"
    exit 1
}
anonymous $d.safetensors diffusion_ckpt_400.safetensors
anonymous $g.safetensors critic_ckpt_400.safetensors '"__metadata__":{"by":"someone"},'
works 'import with the dataset' "$mdpbench" import diffusion_ckpt_400.safetensors critic_ckpt_400.safetensors --task walker2d-random \
    --algo dql --data w.hdf5 --out in
for name in diffusion guidance; do
    quiet "$mdpbench" export in/step000400.$name.h5
    anonymous in/step000400.$name.safetensors again
    anonymous run/step000002.$name.safetensors once
    same "the same parameters: $name" once again
done
works 'the normaliser is that of training' "$mdpbench" inspect in/step000400.diffusion.safetensors $d.safetensors
[ "$(grep -o 'normalizer_mean .*' "$work/out" | sort -u | wc -l)" = 1 ]
check $? 'both have one mean' "$work/out"
works 'imported modules act' "$mdpbench" eval in --episodes 2 --candidates 4 --w-t 5
works 'statistics from a module' "$mdpbench" import diffusion_ckpt_400.safetensors --task walker2d-random --algo dql \
    --normalizer $g.h5 --step 7 --seed 3 --out other
works 'what was imported' "$mdpbench" inspect other/step000007.diffusion.h5
says 'seed               3|step               7|imported|diffusion_ckpt_400.safetensors' 'seed, step, mode, source'

# ---- episodes ----
works 'export episodes' "$mdpbench" export in/step000400.episodes.h5 --out e.csv
[ "$(head -n 1 e.csv)" = episode,return,normalized_return,length,end,seed ] && [ "$(wc -l < e.csv)" = 3 ]
check $? 'a row an episode' e.csv

# ---- what PyTorch wrote ----
works 'IDQL in the zip format' "$mdpbench" import "$samples/tiny_zip_format.pt" --task halfcheetah-medium --algo idql --normalizer none \
    --step 1 --out zip
mkdir qgpo
cp "$samples/tiny_zip_format.pt" qgpo
works 'a path with the name of an algorithm of other networks' "$mdpbench" import qgpo/tiny_zip_format.pt --task halfcheetah-medium --algo idql \
    --normalizer none --step 1 --out other-name
works 'and in the one before' "$mdpbench" import "$samples/tiny_legacy_format.pt" --task halfcheetah-medium --algo idql --normalizer none \
    --step 1 --out legacy
for name in zip legacy; do
    quiet "$mdpbench" export $name/step000001.diffusion.h5
    anonymous $name/step000001.diffusion.safetensors $name.safetensors
done
same 'both hold the same' zip.safetensors legacy.safetensors
works 'IDQL comes back' "$mdpbench" import zip/step000001.diffusion.safetensors --out zip-back
same 'it is the same module' zip/step000001.diffusion.h5 zip-back/step000001.diffusion.h5
works "IDQL's critics" "$mdpbench" import "$samples/idql_iql_ckpt_400.pt" --task halfcheetah-medium --algo idql --normalizer none --out idql
works "EDP's critic" "$mdpbench" import "$samples/edp_critic_ckpt_400.pt" --task halfcheetah-medium --algo edp --normalizer none --out edp
expect 4 "edp_critic_ckpt_400.pt: expected a path of dql as option --algo says, found the word edp|--algo edp, or --sure beside --algo dql" \
    "EDP's critic as DQL's" "$mdpbench" import "$samples/edp_critic_ckpt_400.pt" --task halfcheetah-medium --algo dql --normalizer none --out edp-as-dql
works 'surely' "$mdpbench" import "$samples/edp_critic_ckpt_400.pt" --task halfcheetah-medium --algo dql --normalizer none --out edp-as-dql --sure
cp "$samples/edp_critic_ckpt_400.pt" critic_ckpt_400.pt
works 'a path that names no algorithm' "$mdpbench" import critic_ckpt_400.pt --task halfcheetah-medium --algo dql --normalizer none --out critic-as-dql
[ "$(grep -c 'critic_ckpt_400.pt: taken as dql, as option --algo says; its names and shapes fit edp as well' "$work/err")" = 1 ]
check $? 'the other algorithm that fits is said once' "$work/err"
works 'surely' "$mdpbench" import critic_ckpt_400.pt --task halfcheetah-medium --algo dql --normalizer none --out surely-dql --sure
[ ! -s "$work/err" ]
check $? 'who is sure is told nothing' "$work/err"
cp "$samples/idql_iql_ckpt_400.pt" iql_ckpt_400.pt
works "only IDQL's" "$mdpbench" import iql_ckpt_400.pt --task halfcheetah-medium --algo idql --normalizer none --out iql
! grep -q 'as well' "$work/err"
check $? 'where no other algorithm fits nothing is said' "$work/err"
works 'inspect .pt' "$mdpbench" inspect "$samples/tiny_legacy_format.pt" "$samples/idql_iql_ckpt_400.pt"
says 'torch legacy|torch zip|model_ema|model.diffusion.ln_resnet.0.net.2.weight|[32, 8]|iql_v|n_parameters       2124' 'formats, groups, tensors'
works 'inspect --json' "$mdpbench" inspect --json "$samples/tiny_zip_format.pt"
perl -MJSON::PP -e 'local $/; my $l = decode_json <STDIN>; my $t = $l->[0]{contents}[0];
    exit !($l->[0]{kind} eq "tensors" && $l->[0]{groups}{model}{tensors} == 14 && $t->{name} && $t->{max} > $t->{min})' < "$work/out"
check $? 'it is JSON' "$work/out"

# ---- checkpoints as PyTorch's users really save them: the same tensors in every file ----
field=$root/tests/reference/field/torch-checkpoints
cheetah="--task halfcheetah-medium --algo edp"
for name in plain ddp compiled with_optimizer parameters legacy_protocol4 resume; do
    # shellcheck disable=SC2086
    works "import: $name" "$mdpbench" import "$field/${name}_ckpt_400.pt" $cheetah --normalizer "$field/normalizer-26.json" --out "as_$name"
    cp "$work/err" "said_$name"
    quiet "$mdpbench" export "as_$name/step000400.guidance.h5"
    anonymous "as_$name/step000400.guidance.safetensors" "$name"
    same "the tensors of $name" plain "$name"
done
"$mdpbench" inspect --json as_plain/step000400.guidance.safetensors | perl -MJSON::PP -e 'local $/; my $found = decode_json(<STDIN>)->[0]{contents};
    open my $f, "<", $ARGV[0] or die; my $want = decode_json(<$f>); my $n = 0;
    for my $group (keys %$want) { for my $name (keys %{ $want->{$group} }) {
        my ($t) = grep { $_->{name} eq "$group.$name" } @$found or die "$group.$name: expected it, found none\n";
        my ($w, $size) = ($want->{$group}{$name}, 1);
        $size *= $_ for @{ $w->{shape} };
        die "$t->{name}: expected a sum of $w->{sum}, found a mean of $t->{mean}\n" if "@{ $t->{shape} }" ne "@{ $w->{shape} }" || abs($t->{mean} * $size - $w->{sum}) > 1e-6;
        $n++;
    } }
    die "expected tensors, found none\n" if $n == 0' "$field/expected.json" 2> "$work/why"
check $? 'shapes and sums are those that PyTorch had' "$work/why"
[ "$(wc -l < said_plain)" = 1 ] && [ "$(grep -c "critic: names without the 'module.'" said_ddp)" = 1 ] && [ "$(grep -c "'_orig_mod.'" said_compiled)" = 2 ] &&
    grep -q 'critic_optim: no part of a policy, passed over' said_with_optimizer && grep -q 'rng_state: no part of a policy, passed over' said_resume
check $? 'what was taken off or passed over is said once' said_ddp said_compiled said_with_optimizer said_resume
# shellcheck disable=SC2086
works 'a normaliser with an axis of one' "$mdpbench" import "$field/plain_ckpt_400.pt" $cheetah --normalizer "$field/normalizer-nested.json" --out nested
# shellcheck disable=SC2086
expect 3 'normalizer-17.json: expected 26 observations as HalfCheetahBullet-v0 has, found 17' 'a normaliser of other observations' "$mdpbench" import \
    "$field/plain_ckpt_400.pt" $cheetah --normalizer "$field/normalizer-17.json" --out seventeen

# ---- names in a file do not lead out of the folder ----
mkdir -p deep/er/still
for name in task algo; do
    expect 3 "$name-parent.safetensors: $name: expected 1 to 200 letters" "a file whose $name is a path" \
        sh -c 'cd deep/er/still && exec "$@"' - "$mdpbench" import "$root/tests/reference/faults/import-path-escape/$name-parent.safetensors"
done
[ "$(find deep | sort | tr '\n' ' ')" = 'deep deep/er deep/er/still ' ]
check $? 'nothing was written'

# ---- wrong use ----
of="--task walker2d-random --algo dql --normalizer none --out new"
foreign=diffusion_ckpt_400.safetensors
anonymous $d.safetensors many_1.safetensors '"model.no_such_tensor":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},'
# shellcheck disable=SC2086
while IFS='|' read -r want text name arguments; do
    expect "$want" "$(echo "$text" | tr '&' '|')" "import: $name" "$mdpbench" import $arguments
done <<END
4|option --task: expected the task it was trained on, found none|no task|$foreign --algo dql --normalizer none
4|option --algo: expected the algorithm, found none|no algorithm|$foreign --task walker2d-random --normalizer none
4|--data with the dataset&--normalizer with its mean&found neither|no normaliser|$foreign --task walker2d-random --algo dql
4|found both|two normalisers|$foreign --data w.hdf5 $of
4|task: expected 1 to 200 letters&ant|a task that is no label|$foreign --task ant/medium --algo dql --normalizer none
4|--algo&expected one of dql, edp, idql, diffuser, dd, qgpo&ppo|an unknown algorithm|$foreign --task walker2d-random --algo ppo --normalizer none
4|option --step: expected the gradient steps done|no step|once $of
4|option --task: expected walker2d-random as the file says, found walker2d-expert|another task|$d.safetensors --task walker2d-expert
4|option --algo: expected dql as the file says, found edp|another algorithm|$d.h5 --algo edp
4|option --step: expected 2 as the file says, found 3|another step|$d.h5 --step 3
4|option --seed: expected 0 as the file says, found 1|another seed|$d.safetensors --seed 1
4|option --data: expected none, because the file brings its normaliser|another normaliser|$d.safetensors --data w.hdf5
4|found a second new/step000400.diffusion.h5|two files of one kind and step|$foreign $foreign $of
4|in/step000400.diffusion.h5 was made with other settings|another source of an output that is there|$foreign --task walker2d-random --algo dql --normalizer none --out in
3|no_such_tensor: expected no such tensor&found one|a tensor too many|many_1.safetensors $of
3|expected tensors model.diffusion.*&found iql_q.Q1.0.weight|another algorithm|$samples/idql_iql_ckpt_400.pt $of
3|model.diffusion.mid_layer.0.weight: expected this tensor|another network|$samples/tiny_zip_format.pt --step 1 $of
3|expected 22 observations as in $g.h5, found 5|statistics of another task|$samples/tiny_zip_format.pt --step 1 --task walker2d-random --algo idql --normalizer $g.h5
3|expected 6 actions as Walker2DBullet-v0 has, found 10|a critic of another robot|$samples/edp_critic_ckpt_400.pt $of
3|kind: expected diffusion or guidance, found behavior|a behaviour policy|policy.safetensors
3|kind: expected diffusion or guidance, found resume|a training state|run/resume.h5
3|w.hdf5: /@format: expected mdpbench-checkpoint|a dataset|w.hdf5
3|e.csv: expected a PyTorch or safetensors file|some other file|e.csv $of
5|none.pt: cannot open|a file that is not there|none.pt $of
5|expected a regular file, found a folder|a folder|run $of
5|none.json: cannot open|statistics that are not there|$foreign --task walker2d-random --algo dql --normalizer none.json
3|e.csv: expected JSON with mean and std|statistics of another kind|$foreign --task walker2d-random --algo dql --normalizer e.csv
3|e.csv: &expected|a dataset that is none|$foreign --task walker2d-random --algo dql --data e.csv
END
expect 4 'export: expected one or more files, found none' 'export: no file' "$mdpbench" export
expect 4 'option --out: expected one file beside it, found 2' 'export: one output for two' "$mdpbench" export $d.h5 $g.h5 --out new.safetensors
expect 4 'expected a name that ends in .safetensors' 'export: a module is no CSV' "$mdpbench" export $d.h5 --out new.csv
expect 4 'expected a name that ends in .csv' 'export: episodes are no tensors' "$mdpbench" export in/step000400.episodes.h5 --out new.safetensors
expect 4 "$g.safetensors exists with other content" 'export: onto another file' "$mdpbench" export $d.h5 --out $g.safetensors
expect 3 'found resume, which is of use to its own run alone' 'export: a training state' "$mdpbench" export run/resume.h5
expect 4 "expected --minari to export a dataset in D4RL's layout" 'export: a dataset' "$mdpbench" export w.hdf5
expect 3 'tiny_zip_format.pt: ' 'export: a file of others' "$mdpbench" export "$samples/tiny_zip_format.pt" --out new.safetensors
expect 5 'none.h5: ' 'export: a file that is not there' "$mdpbench" export none.h5

# ---- bad files ----
mkdir bad
size=$(wc -c < "$samples/tiny_zip_format.pt")
: > bad/empty.pt
head -c 40 "$samples/tiny_zip_format.pt" > bad/begin.pt
head -c $((size - 1)) "$samples/tiny_zip_format.pt" > bad/short.pt
perl -0777 -pe 'substr($_, 1000, 1) ^= "\4"' "$samples/tiny_zip_format.pt" > bad/flipped.pt
head -c 3000 "$samples/tiny_legacy_format.pt" > bad/half.pt
# a pickle that would run a command if anyone let it
perl -e 'print "\x80\2\x8a\12\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\2M\xe9\3.\x80\2}X\15\0\0\0little_endian\x88s.\x80\2cposix\nsystem\n(X\x0c\0\0\0touch pwned;tR."' > bad/evil.pt
# a number that is none, where the last parameter is
perl -0777 -pe 'substr($_, -4) = "\0\0\xc0\x7f"' $foreign > bad/nan.safetensors
perl -e 'print pack("Q<", 1 << 60), "{}"' > bad/giant.safetensors
perl -e 'my $h = q({"x":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,4]}}); print pack("Q<", length $h), $h, "\0" x 4' > bad/shape.safetensors
head -c 300 $foreign > bad/half.safetensors
while read -r name text; do
    for verb in inspect 'import --task walker2d-random --algo dql --normalizer none --step 1 --out new'; do
        # shellcheck disable=SC2086
        expect 3 "bad/$name: |$text" "${verb%% *}: $name" bounded "$mdpbench" $verb bad/$name
    done
done <<'END'
empty.pt expected a PyTorch file
begin.pt expected an end record, found none (is the file cut short?)
short.pt expected an end record, found none (is the file cut short?)
flipped.pt expected checksum
half.pt the end of the pickle
evil.pt expected a name that a state dict needs, found posix.system: it could run code and is not touched
nan.safetensors expected finite values, found nan
giant.safetensors header: expected its length
shape.safetensors x: expected a shape that a file can hold
half.safetensors header: expected its length
END
# what reads zip archives is loaded with the first of them, so whatever is wrong with it is said then
mkdir broken
: > broken/libzip.so.4
: > broken/libzip.so.5
expect 5 'tiny_zip_format.pt: libzip: cannot be loaded: |file too short' 'inspect: libzip is damaged' env LD_LIBRARY_PATH="$PWD/broken" \
    "$mdpbench" inspect "$samples/tiny_zip_format.pt"
works 'other files need no libzip' env LD_LIBRARY_PATH="$PWD/broken" "$mdpbench" inspect "$samples/tiny_legacy_format.pt"
[ ! -e pwned ]
check $? 'nothing of a file was run'
finish
