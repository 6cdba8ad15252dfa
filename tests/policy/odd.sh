# policies with one fault, for tests that have read tests/cli/lib.sh

# odd WAY: a command of a policy with one fault
ODD=$work/odd
export ODD
mkdir "$ODD"
odd() { echo "exec perl '$root/tests/policy/odd.pl' $1"; }

# gone NAME: nothing that the policy started is there any more; a dead process may still be on its way out
gone() {
    gone_left=
    for pid in $(cat "$ODD/pids"); do
        for wait in 1 2 3 4 5 6 7 8 9 10; do
            gone_state=$(sed 's/.*) //; s/ .*//' "/proc/$pid/stat" 2> /dev/null)
            case $gone_state in '' | Z) break ;; esac
            sleep 0.2
        done
        case $gone_state in '' | Z) ;; *) gone_left="$gone_left $pid" ;; esac
    done
    [ -s "$ODD/pids" ] && [ -z "$gone_left" ]
    check $? "$1"
    rm -f "$ODD/pids"
}
