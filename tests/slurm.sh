#!/bin/bash
# an experiment as Slurm's arrays on a real Slurm of this machine: the tables are those of a local run, byte for byte, although a worker
# is killed and the controller is started again in the middle. prints TAP; needs root, slurm-wlm and munge (Debian's packages)
#
#   tests/slurm.sh PROGRAM
set -u
program=$(realpath "$1")
root=$(cd "$(dirname "$0")/.." && pwd)
experiment=bench/experiments/smoke.yaml
n_tests=0

skip_all() { echo "1..0 # SKIP $1"; exit 0; }
ok() {
    n_tests=$((n_tests + 1))
    if [ "$1" = 0 ]; then echo "ok $n_tests - $2"; else echo "not ok $n_tests - $2"; failed=1; if [ -n "${3:-}" ]; then sed 's/^/# /' "$3" | tail -n 30; fi; fi
}
[ "$(id -u)" = 0 ] || skip_all 'Slurm is started as root alone'
for needed in slurmctld slurmd sbatch scontrol munged; do
    command -v $needed > /dev/null || skip_all "$needed is not there: Debian's packages slurm-wlm and munge have it"
done

work=$(mktemp -d /tmp/mdpbench-slurm.XXXXXX)
failed=0
pids=()
stop_all() {
    for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null; done
    for file in "$work"/slurm/*.pid; do [ -e "$file" ] && kill -KILL "$(cat "$file")" 2> /dev/null; done
    wait 2> /dev/null
    rm -rf "$work"
}
trap stop_all EXIT

# ---- a Slurm of two nodes, which are this machine twice ----
export SLURM_CONF=$work/slurm.conf
mkdir -p "$work/slurm/spool-a" "$work/slurm/spool-b" "$work/slurm/state"
chmod 755 "$work"
dd if=/dev/urandom of="$work/munge.key" bs=1 count=1024 2> /dev/null
chmod 600 "$work/munge.key"
munged --force --key-file="$work/munge.key" --socket="$work/munge.socket" --pid-file="$work/slurm/munge.pid" \
    --log-file="$work/munge.log" --seed-file="$work/munge.seed" > "$work/munge.out" 2>&1 || {
    sed 's/^/# /' "$work/munge.out"
    skip_all 'no munge starts on this machine'
}
host=$(hostname -s)
base=$((20000 + RANDOM % 20000))
cpus=$(slurmd -C | sed -n 's/.*\(CPUs=[0-9]*\).*/\1/p')
cat > "$SLURM_CONF" <<END
ClusterName=check
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort=$base
AuthType=auth/munge
AuthInfo=socket=$work/munge.socket
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/affinity
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SwitchType=switch/none
MpiDefault=none
StateSaveLocation=$work/slurm/state
SlurmdSpoolDir=$work/slurm/spool-%n
SlurmctldPidFile=$work/slurm/slurmctld.pid
SlurmdPidFile=$work/slurm/slurmd-%n.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd-%n.log
SlurmdTimeout=20
SlurmctldTimeout=20
ReturnToService=2
KillWait=5
SchedulerParameters=sched_interval=2,batch_sched_delay=1,bf_interval=2
JobRequeue=1
NodeName=a NodeHostname=$host NodeAddr=127.0.0.1 Port=$((base + 1)) $cpus State=UNKNOWN
NodeName=b NodeHostname=$host NodeAddr=127.0.0.1 Port=$((base + 2)) $cpus State=UNKNOWN
PartitionName=main Nodes=a,b Default=YES MaxTime=INFINITE State=UP
END
start_controller() { slurmctld -D > "$work/slurmctld.out" 2>&1 & controller=$!; pids+=("$controller"); }
start_node() { slurmd -D -N "$1" > "$work/slurmd-$1.out" 2>&1 & eval "node_$1=$!"; pids+=("$!"); }
start_controller
start_node a
start_node b
for _ in $(seq 60); do
    [ "$(sinfo -h -o '%T %D' 2> /dev/null | tr -d ' \n')" = idle2 ] && break
    sleep 1
done
sinfo > "$work/sinfo" 2>&1
# a machine on which no Slurm starts says nothing about ours
if [ "$(sinfo -h -o '%T %D' 2> /dev/null | tr -d ' \n')" != idle2 ]; then
    cat "$work"/slurm*.log "$work"/*.out | tail -n 40 | sed 's/^/# /'
    echo "ok $((n_tests + 1)) - two nodes are idle # SKIP no Slurm starts on this machine"
    echo "1..$((n_tests + 1))"
    exit $failed
fi
ok 0 'two nodes are idle'

# ---- the same experiment here ----
mkdir "$work/here" "$work/there"
for place in here there; do ln -s "$root/bench" "$work/$place/bench"; ln -s "$root/results" "$work/$place/results"; done
cd "$work/here" || exit 1
"$program" plan "$experiment" --make > rules.mk && make -f rules.mk -j2 MDPBENCH="$program" > "$work/here.log" 2>&1
ok $? 'a local run' "$work/here.log"

# ---- and as arrays ----
cd "$work/there" || exit 1
"$program" plan "$experiment" --slurm slurm --task-minutes 0 > "$work/plan.out" 2>&1
ok $? 'plan --slurm' "$work/plan.out"
[ "$(cat slurm/wave-*.txt | wc -l)" -ge 8 ]
ok $? 'eight tasks or more' "$work/plan.out"
sh slurm/submit.sh --cpus-per-task=1 > "$work/submit.out" 2>&1
ok $? 'submit.sh' "$work/submit.out"

# once something has been trained: a worker and its node's daemon die, the controller is started again, all is submitted twice
for _ in $(seq 120); do
    [ -n "$(find runs -name '*.diffusion.h5' 2> /dev/null | head -n 1)" ] && break
    sleep 0.5
done
for _ in $(seq 200); do
    for pid in $(pgrep -f "^$program (train|eval)"); do
        if [ "$(readlink "/proc/$pid/cwd")" = "$work/there" ] && kill -KILL "$pid" 2> /dev/null; then break 2; fi
    done
    pid=
    sleep 0.1
done
[ -n "${pid:-}" ]
ok $? 'a worker of it is killed'
kill -KILL "$node_b" 2> /dev/null
pkill -KILL -f "slurmstepd.*$work" 2> /dev/null
kill "$controller" && wait "$controller" 2> /dev/null
start_controller
sleep 1
start_node b
for _ in $(seq 30); do sinfo -h > /dev/null 2>&1 && break; sleep 1; done
sh slurm/submit.sh --cpus-per-task=1 > "$work/again.out" 2>&1
ok $? 'submit.sh again, while the first is at work' "$work/again.out"
for _ in $(seq 400); do
    [ -z "$(squeue -h 2> /dev/null)" ] && squeue -h > /dev/null 2>&1 && break
    # a worker that was killed fails its task, and what waits for it goes: submitting again is the way on
    sleep 1
done
sh slurm/submit.sh --cpus-per-task=1 > "$work/last.out" 2>&1
for _ in $(seq 400); do
    [ -z "$(squeue -h 2> /dev/null)" ] && squeue -h > /dev/null 2>&1 && break
    sleep 1
done
squeue > "$work/squeue" 2>&1
cat slurm/log/*.log > "$work/all.log" 2> /dev/null
[ -z "$(squeue -h)" ]
ok $? 'the queue is empty' "$work/squeue"
# cost tables have times, which are nobody's twice
diff -r -x "*-cost.*" "$work/here/runs/reports/smoke" runs/reports/smoke > "$work/diff" 2>&1
ok $? 'every table and figure is that of the local run' "$work/diff"
[ $failed = 0 ] || tail -n 40 "$work/all.log" | sed 's/^/# /'
(cd "$work/here" && find runs -name '*.h5' -not -name 'resume.h5' | sort | xargs sha256sum) > "$work/here.sum"
sha256sum --quiet -c "$work/here.sum" > "$work/sum.out" 2>&1
ok $? 'and so is every file of theirs' "$work/sum.out"
# what a dead daemon had started goes on until its command is done
there() {
    for process in $(pgrep -f "^$program "); do
        [ "$(readlink "/proc/$process/cwd")" = "$work/there" ] && return 0
    done
    return 1
}
for _ in $(seq 600); do there || break; sleep 0.2; done
! there
ok $? 'no process of it is left'
# one that was killed after it had named its file, and before it gave its claim back, leaves a claim that nobody holds
find runs -name '*.claim' | while read -r claim; do flock --nonblock "$claim" true || echo "$claim"; done > "$work/held"
[ ! -s "$work/held" ]
ok $? 'no claim is held' "$work/held"

# ---- make within an allocation ----
mkdir "$work/srun"
ln -s "$root/bench" "$work/srun/bench"
ln -s "$root/results" "$work/srun/results"
cd "$work/srun" || exit 1
curve=runs/smoke/walker2d-medium/edp/joint/seed0/curve.h5
"$program" plan "$experiment" --make > rules.mk
salloc --ntasks=2 --cpus-per-task=1 make -f rules.mk -j2 THREADS=1 MDPBENCH="srun --exclusive --ntasks=1 $program" $curve > "$work/srun.log" 2>&1
ok $? 'make -j2 through srun' "$work/srun.log"
cmp -s $curve "$work/here/$curve"
ok $? 'makes the same bytes'
echo "1..$n_tests"
exit $failed
