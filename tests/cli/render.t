#!/bin/sh
# episodes as pictures: what is drawn is what was recorded, or nothing
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
behavior=$root/results/reference/behavior
sound() {
    { echo '<?xml version="1.0" encoding="UTF-8"?>' && cat "$2"; } > "$work/picture.xml"
    perl "$here/xml_check.pl" < "$work/picture.xml" > "$work/found" 2>&1
    check $? "$1" "$work/found"
}

# the policy lies beside the evaluation, as the recorded path leads nowhere from here
cp "$behavior/walker2d-medium.episodes.h5" .
expect 3 'walker2d-medium.episodes.h5|walker2d-medium.h5|gone' 'a policy that is gone' "$mdpbench" render walker2d-medium.episodes.h5 --out n.svg
cp "$behavior/hopper-medium.h5" walker2d-medium.h5
expect 3 'walker2d-medium.h5 with the hash' 'another policy in its place' "$mdpbench" render walker2d-medium.episodes.h5 --out n.svg
cp "$behavior/walker2d-medium.h5" .
for ending in svg strip.svg gif; do
    works "an evaluation as .$ending" "$mdpbench" render walker2d-medium.episodes.h5 --episode 3 --out "a/e.$ending"
    grep -q "^a/e.$ending: walker2d, episode 3: normalized return 0.056, 86 steps, fell$" "$work/out"
    check $? 'and what it shows' "$work/out"
    cp "a/e.$ending" "$work/first"
    works 'again' "$mdpbench" render walker2d-medium.episodes.h5 --episode 3 --out "a/e.$ending"
    same 'the same bytes' "$work/first" "a/e.$ending"
done
sound 'the moving picture is XML' a/e.svg
sound 'the film strip is XML' a/e.strip.svg
# 87 states, every second one of which is shown, and the last
perl -0777 -ne 'my @n = map { scalar(split /;/) } /values="([^"]*)"/g; exit(@n == 29 && !grep { $_ != 44 } @n)' a/e.svg
[ $? = 1 ]
check $? 'it has a place for each of seven shapes and the floor at each time'
perl -0777 -ne 'exit(/\AGIF89a.*NETSCAPE2\.0.*;\z/s && (() = /\x21\xf9\x04/g) == 44 ? 0 : 1)' a/e.gif
check $? 'the GIF is whole and has as many frames'

# a diffusion policy, by its modules and by a curve
works 'data' "$mdpbench" collect walker2d-random --steps 600 --out d.hdf5
works 'modules' "$mdpbench" train --task walker2d-random --data d.hdf5 --batch 8 --checkpoint-every 2 --steps 2 --out run
works 'their evaluation' "$mdpbench" eval run --episodes 3 --candidates 3 --w-t 1
works 'drawn' "$mdpbench" render run/step000002.episodes.h5 --episode 2 --out b.strip.svg
works 'without guidance, by another solver' "$mdpbench" eval run --guidance none --episodes 2 --sampling-steps 3 --return-rule cleandiffuser --label x
works 'drawn, too' "$mdpbench" render run/step000002.x.episodes.h5 --episode 1 --out c.strip.svg
works 'as a curve' "$mdpbench" eval run --episodes 3 --candidates 3 --w-t 1 --out run/curve.h5
works 'drawn from it' "$mdpbench" render 'run/curve.h5#step000002' --episode 2 --out d.strip.svg
same 'the same picture' b.strip.svg d.strip.svg

# eval --film: poses that outlive the policy, with the bits of what is played again
film=run/step000002.episodes.h5.film
cp run/curve.h5 "$work/before.h5"
works 'film' "$mdpbench" eval run --episodes 3 --candidates 3 --w-t 1 --film
[ -s $film ]
check $? 'it is kept'
same 'the evaluation is the same' "$work/before.h5" run/curve.h5
cp $film "$work/first.film"
works 'again' "$mdpbench" eval run --episodes 3 --candidates 3 --w-t 1 --film
! grep -q 'keeps the worst' "$work/err"
check $? 'is not kept again' "$work/err"
rm $film
works 'after a loss' "$mdpbench" eval run --episodes 3 --candidates 3 --w-t 1 --film
same 'the same bytes' "$work/first.film" $film
mkdir gone && cp run/curve.h5 $film gone
works 'a curve with films' "$mdpbench" eval run --episodes 3 --candidates 3 --w-t 1 --out gone/f.curve.h5 --film --lanes 2 --threads 2
works 'of a file' "$mdpbench" eval --behavior walker2d-medium.h5 --episodes 2 --out o.episodes.h5 --film
expect 4 '--film|a process' 'of a process, which cannot be asked again' "$mdpbench" eval --policy true --task walker2d-random --film
mkdir away && mv run/*.diffusion.h5 run/*.guidance.h5 walker2d-medium.h5 away
for k in 0 1 2; do
    works "episode $k without modules" "$mdpbench" render 'gone/curve.h5#step000002' --episode $k --out k$k.strip.svg
done
same 'what was played again before' b.strip.svg k2.strip.svg
works 'of the other curve' "$mdpbench" render 'gone/f.curve.h5#step000002' --episode 2 --out k.strip.svg
same 'the same picture' b.strip.svg k.strip.svg
works 'of the file' "$mdpbench" render o.episodes.h5 --episode 1 --out k.strip.svg
expect 4 '--physics|gone/curve.h5#step000002|film of its episode 2' 'physics where nothing is played again' "$mdpbench" render 'gone/curve.h5#step000002' --episode 2 --physics native --out n.svg
works 'a page of the curve' "$mdpbench" report gone/curve.h5 --out gone.html
[ "$(grep -c '<img class="film"' gone.html)" = 3 ]
check $? 'has the three' gone.html
mv away/walker2d-medium.h5 . && mv away/* run
works 'more episodes, others of which are the three' "$mdpbench" eval run --episodes 12 --candidates 3 --w-t 1 --film
! cmp -s "$work/first.film" $film
check $? 'have a film of their own'

# what is no film of these episodes is not shown, and stays
head -c 2000 "$work/first.film" > gone/step000002.episodes.h5.film
expect 3 'step000002.episodes.h5.film' 'a damaged film' "$mdpbench" render 'gone/curve.h5#step000002' --out n.svg
cp d.hdf5 o.episodes.h5.film
chatty_expect 3 'o.episodes.h5.film' 'a file that is none' "$mdpbench" eval --behavior walker2d-medium.h5 --episodes 2 --out o.episodes.h5 --film
same 'stays' d.hdf5 o.episodes.h5.film
cp "$work/first.film" o.episodes.h5.film
expect 3 'o.episodes.h5.film|poses of another evaluation' 'a film of others' "$mdpbench" render o.episodes.h5 --out n.svg

# datasets
works 'a dataset' "$mdpbench" render d.hdf5 --episode 1 --out d.gif
grep -q 'Walker2DBullet-v0, episode 1: [0-9]* recorded steps' "$work/out"
check $? 'its world is found' "$work/out"
works 'of a task that is named' "$mdpbench" render d.hdf5 --episode 1 --task walker2d-random --out t.gif
same 'the same picture' d.gif t.gif
expect 4 '--episode: expected a number from 0 to|found 9999' 'an episode that is not there' "$mdpbench" render d.hdf5 --episode 9999 --out n.gif
expect 3 'infos/qpos' 'data without positions' "$mdpbench" render "$here/../reference/field/hdf5-layouts/lzf.hdf5" --task walker2d-random --out n.gif
if [ -e "$behavior/mujoco-halfcheetah-medium.h5" ] && "$mdpbench" eval --behavior "$behavior/mujoco-halfcheetah-medium.h5" --episodes 1 --out m.episodes.h5 > "$work/out" 2>&1; then
    works 'MuJoCo' "$mdpbench" render m.episodes.h5 --out m.strip.svg
else
    skip 'MuJoCo' 'no library or no policy'
fi

# wrong use
expect 4 '--episode: expected a number from 0 to 49, found 50' 'an episode that was not played' "$mdpbench" render walker2d-medium.episodes.h5 --episode 50 --out n.svg
expect 4 '--out|.strip.svg or .gif|n.png' 'another kind of picture' "$mdpbench" render walker2d-medium.episodes.h5 --out n.png
expect 4 '--task' 'a task beside an evaluation' "$mdpbench" render walker2d-medium.episodes.h5 --task walker2d-random --out n.svg
expect 4 '--physics' 'physics beside a dataset' "$mdpbench" render d.hdf5 --physics native --out n.svg
expect 4 'found 2' 'two files' "$mdpbench" render d.hdf5 d.hdf5 --out n.svg
expect 5 'nowhere.hdf5' 'a file that is not there' "$mdpbench" render nowhere.hdf5 --out n.svg
mkdir f.svg
expect 5 'f.svg' 'a folder in its place' "$mdpbench" render d.hdf5 --out f.svg
finish
