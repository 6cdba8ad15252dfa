#!/bin/sh
# plan --slurm: arrays of tasks that make what make makes, in any order within a wave, twice if need be, and on after a stop. a stand-in
# runs the tasks here; ./run check-slurm has a real Slurm
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

cat > x.yaml <<'END'
name: x
data: data
transitions: 600
tasks: [walker2d-random]
seeds: [0, 1]
steps: 20
checkpoint-every: 10
batch: 8
episodes: 2
candidates: 4
weights: [{algo: dql, task: walker2d-random, w-t: 5}]
runs:
  - {name: joint, algo: dql}
  - {name: best, algo: dql, guidance: frozen, from: joint, at: best, seed-offset: 100}
arms:
  - {name: joint, run: joint}
  - {name: other, run: joint, guidance: joint, seed-shift: 1}
  - {name: best, run: best}
tables:
  - {name: arms, kind: arms, test: [joint, other, best], base: [joint]}
END

# ---- a stand-in for sbatch: it runs an array's tasks at once, the last one first ----
mkdir bin
cat > bin/sbatch <<'END'
#!/bin/sh
echo "sbatch $*" >> submitted
for word in "$@"; do
    case $word in --array=0-*) last=${word#--array=0-} ;; --output=*) output=${word#--output=} ;; esac
done
while [ "$#" -gt 3 ]; do shift; done
for i in $(seq "$last" -1 0); do
    SLURM_JOB_ID=7 SLURM_ARRAY_JOB_ID=7 SLURM_ARRAY_TASK_ID=$i SLURM_CPUS_PER_TASK=2 sh "$@" >> "$(echo "$output" | sed "s/%a/$i/")" 2>&1 || exit 1
done
echo 7
END
cat > bin/scontrol <<'END'
#!/bin/sh
echo "scontrol $*" >> submitted
END
chmod +x bin/sbatch bin/scontrol
export PATH="$PWD/bin:$PATH"

works 'plan --slurm' "$mdpbench" plan x.yaml --slurm slurm --task-minutes 0
has_all 'pieces in|tasks of|sh slurm/submit.sh' "$work/out"
check $? 'says what it is and how to begin' "$work/out"
[ -d slurm/log ] && [ "$(cat slurm/wave-1.txt)" = data/walker2d-random.hdf5 ] && [ "$(cat slurm/wave-"$(ls slurm/wave-* | wc -l)".txt)" = report ]
check $? 'the dataset first, the report last, a folder for logs before anything logs'
works 'submit.sh' sh slurm/submit.sh --partition=cpu
[ "$(grep -c 'sbatch.*--partition=cpu' submitted)" = "$(ls slurm/wave-* | wc -l)" ] && [ "$(grep -c 'dependency=afterok:7' submitted)" -ge 3 ]
check $? 'an array a wave, behind the one before, with the options that were given' submitted
grep -q 'wave-2.txt:1, 2 threads' slurm/log/*.log
check $? 'threads are those of the task' slurm/log/wave-2-0-0.log
works 'nothing is missing' "$mdpbench" plan x.yaml --format json
json 'nothing is left to do' "$work/out" '!grep { ($_->{core_hours} // 1) != 0 } @{$j->{rows}}'
cp -r runs/reports/x reports
works 'the rules of make' "$mdpbench" plan x.yaml --make
mkdir alone && cp x.yaml alone && cp "$work/out" alone/rules.mk
(cd alone && make -s -f rules.mk MDPBENCH="$mdpbench" REPORT=reports) > "$work/out" 2> "$work/err"
check $? 'make alone' "$work/err"
same_folder 'the same reports' reports alone/reports
find runs -name '*.h5' -exec cksum {} + | sort > before
works 'submitted again' sh slurm/submit.sh
find runs -name '*.h5' -exec cksum {} + | sort > after
same 'nothing is made twice' before after
SLURM_ARRAY_TASK_ID=99 sh slurm/task.sh slurm/wave-2.txt 0 > "$work/out" 2> "$work/err"
[ $? = 4 ] && grep -q 'wave-2.txt has no line 100: it was planned anew since' "$work/err"
check $? 'a task of a former plan makes nothing' "$work/err"
works 'packed' "$mdpbench" plan alone/x.yaml --slurm packed --task-minutes 100000
[ "$(wc -l < packed/wave-1.txt)" = 1 ]
check $? 'pieces without a rate are tasks of their own, others share one'

# ---- a stop ----
cat > stopped <<'END'
#!/bin/sh
# evaluates a little, and ends as the program does when it is told to
out=
while [ "$#" -gt 0 ]; do if [ "$1" = --out ]; then out=$2; fi; shift; done
echo some >> "$out"
trap 'echo told > told; exit 6' TERM
while :; do sleep 0.1; done
END
chmod +x stopped
curve=$(find runs -path '*joint/seed0/*' -name 'curve.h5' | head -n 1)
line=$(grep -n "$curve" slurm/wave-2.txt | head -n 1 | cut -d: -f1)
mv "$curve" kept
sed "s|slurm/rules.mk|stop.mk|" slurm/task.sh > task.sh
"$mdpbench" plan x.yaml --make > stop.mk
SLURM_JOB_ID=9 SLURM_ARRAY_JOB_ID=9 SLURM_ARRAY_TASK_ID=$((line - 1)) MDPBENCH="$PWD/stopped" sh task.sh slurm/wave-2.txt 0 > "$work/out" 2>&1 &
task=$!
for _ in $(seq 300); do if [ -e "$curve" ]; then break; fi; sleep 0.1; done
kill -TERM $task
wait $task
[ -e told ] && grep -q "scontrol requeue 9_$((line - 1))" submitted
check $? 'a task whose time ends tells its process, waits for it and asks for another turn' "$work/out"
[ -s "$curve" ]
check $? 'make leaves a curve that was begun'
mv kept "$curve"

# ---- one process writes, another waits for it ----
"$mdpbench" collect walker2d-random --steps 400000 --threads 1 --out long.hdf5 > /dev/null 2>&1 &
writer=$!
while [ ! -e .long.hdf5.claim ] && kill -0 $writer 2> /dev/null; do sleep 0.02; done
# it stands still, however busy the machine is
kill -STOP $writer
expect 5 'long.hdf5: ' 'is refused' "$mdpbench" collect walker2d-random --steps 400000 --out long.hdf5
kill -CONT $writer
works 'or waits' env MDPBENCH_CLAIM_SECONDS=300 "$mdpbench" collect walker2d-random --steps 400000 --out long.hdf5
wait
works 'and finds what it wanted' "$mdpbench" inspect long.hdf5

# ---- hosts without a scheduler ----
if command -v parallel > /dev/null; then
    mkdir hosts && cp x.yaml hosts && cd hosts
    echo : > hosts.txt
    "$mdpbench" plan x.yaml --slurm tasks > /dev/null
    for wave in $(ls tasks/wave-*.txt | sort -V); do
        seq 0 $(($(wc -l < "$wave") - 1)) |
            parallel --sshloginfile hosts.txt --wd "$PWD" "SLURM_ARRAY_TASK_ID={} sh tasks/task.sh $wave" || break
    done > "$work/out" 2> "$work/err"
    cd ..
    same_folder 'GNU parallel makes the same reports' reports hosts/runs/reports/x
else
    skip 'GNU parallel makes the same reports' 'parallel is not there'
fi

# ---- the page's numbers ----
mkdir fresh && ln -s "$root/bench" fresh/bench
(cd fresh && "$mdpbench" plan bench/experiments/table2.yaml --rates bench/experiments/rates.json --slurm s) > "$work/out"
set -- $(sed 's/.*about \([0-9.]*\) h on 2 cores, \([0-9.]*\) h on 64 cores, \([0-9.]*\) h on 1000.*/\1 \2 \3/' "$work/out")
grep -q "^| .table2. .*| $(printf '%.1f | %.1f | %.1f' "$@") |" "$root/docs/cluster.md"
check $? 'hours of table2 stand in docs/cluster.md as plan says them' "$work/out"

# ---- refusals ----
expect 4 'plan: expected --make or --slurm, found both' 'both' "$mdpbench" plan x.yaml --make --slurm a
expect 4 "option --out: expected none beside --slurm, found 'a'" 'another place' "$mdpbench" plan x.yaml --slurm b --out a
expect 4 'option --task-minutes: expected --slurm beside it' 'minutes of nothing' "$mdpbench" plan x.yaml --task-minutes 5
expect 4 "option --slurm: expected a path of letters, digits and . _ + - /, found 'a b'" 'a path that a shell would cut' "$mdpbench" plan x.yaml --slurm 'a b'
expect 5 'x.yaml' 'a file for the folder' "$mdpbench" plan x.yaml --slurm x.yaml/a
# what others have there stays, whether or not the plan has a file of that name
for name in task.sh submit.sh rules.mk wave-2.txt; do
    mkdir theirs && echo theirs > "theirs/$name" && echo theirs > "$work/theirs"
    expect 5 "theirs/$name: expected none, or that of a former plan, found another file" "a $name of others" "$mdpbench" plan x.yaml --slurm theirs
    [ "$(ls theirs)" = "$name" ] && cmp -s "$work/theirs" "theirs/$name"
    check $? 'stays, and nothing else is written'
    rm -r theirs
done
mkdir mixed && echo theirs > mixed/notes.txt
works 'beside other files' "$mdpbench" plan x.yaml --slurm mixed
works 'and over the former plan' "$mdpbench" plan x.yaml --slurm mixed
same 'other files stay' "$work/theirs" mixed/notes.txt
(mkdir elsewhere && cd elsewhere && sh ../slurm/submit.sh) > "$work/out" 2> "$work/err"
[ $? = 4 ] && grep -q 'run it in the folder that the plan was made in' "$work/err"
check $? 'submit.sh elsewhere says where' "$work/err"
finish
