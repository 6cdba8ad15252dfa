#!/bin/sh
# the harness itself: what tap_sample, whose tests fail in every way, is reported as
root=$(cd "$(dirname "$0")/../.." && pwd)
sample=${MDPBENCH_BUILD:-$root/build}/t/tap_sample
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
n=0
check() {
    n=$((n + 1))
    if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; fi
}
same() {
    diff "$1" "$2" > "$work/diff"
    check $? "$3"
    sed 's/^/# /' "$work/diff"
}

cat > "$work/want" <<'END'
TAP version 13
1..27
ok 1 - passes
ok 2 - prints_a_lot
ok 3 - prints_tap
not ok 4 - fails_and_prints_tap
# ended with status 1
not ok 5 - fails_check
# ended with status 1
not ok 6 - fails_close
# ended with status 1
not ok 7 - fails_nan
# ended with status 1
not ok 8 - fails_str
# ended with status 1
not ok 9 - fails_int
# ended with status 1
not ok 10 - fails_null_str
# ended with status 1
not ok 11 - fails_ok
# ended with status 1
not ok 12 - fails_fails
# ended with status 1
not ok 13 - fails_code
# ended with status 1
not ok 14 - fails_message
# ended with status 1
not ok 15 - exits
# ended with status 3
not ok 16 - aborts
# killed by signal 6, SIGABRT
not ok 17 - crashes
# killed by signal 11, SIGSEGV
ok 18 - leaves_a_process
not ok 19 - hangs
# did nothing for 0.3 s
not ok 20 - hangs_closed
# did nothing for 0.3 s
ok 21 - dozes
not ok 22 - computes
# over the limit of 0.3 s of processor time
not ok 23 - computes_in_parts
# over the limit of 0.3 s of processor time
ok 24 - skips # SKIP no   such file
ok 25 - temp_passes
not ok 26 - temp_crashes
# killed by signal 6, SIGABRT
ok 27 - reference
END
cat > "$work/want_messages" <<'END'
#  not ok 2 - is why
# 1..3
# Bail out!
# not ok 98 - nor this
# ok 99 - not a result
# tests/tap_sample.c: check failed: "found": expected "expected", found "found"
# tests/tap_sample.c: check failed: 1 + 1 == 3
# tests/tap_sample.c: check failed: 1 + 1 == 4
# tests/tap_sample.c: check failed: 1.5: expected 1 within 0.25, found 1.5, off by 0.5
# tests/tap_sample.c: check failed: 3: expected 4, found 3
# tests/tap_sample.c: check failed: MDP_OK: expected "input, output or resource failure", found "ok" (no failure)
# tests/tap_sample.c: check failed: NAN: expected nan within inf, found nan, off by nan
# tests/tap_sample.c: check failed: NULL: expected "expected", found "(null)"
# tests/tap_sample.c: check failed: mdp_fail(MDP_E_IO, "a.h5: cannot open"): input, output or resource failure: a.h5: cannot open
# tests/tap_sample.c: check failed: mdp_fail(MDP_E_IO, "text"): expected "bad input data", found "input, output or resource failure" (text)
# tests/tap_sample.c: check failed: mdp_fail(MDP_E_IO, "text"): expected a message with "another", found "text"
END

echo "TAP version 13"
echo "1..10"
mkdir "$work/temp"
# core files and reports of a sanitizer are not what is looked at here
ulimit -c 0
signals=handle_segv=0:handle_abort=0
ASAN_OPTIONS=$signals TSAN_OPTIONS=$signals TMPDIR="$work/temp" MDPBENCH_TEST_TIME_SCALE=1 \
    "$sample" > "$work/found" 2> "$work/messages"
status=$?
[ $status = 1 ]
check $? "failing tests end with status 1, found $status"
same "$work/want" "$work/found" "every outcome is reported"
[ "$(grep -c '^# line [0-9]*$' "$work/messages")" = 20000 ]
check $? "no line of a test's output is lost"
grep -v '^# line' "$work/messages" | sed 's/\.c:[0-9]*:/.c:/' | LC_ALL=C sort > "$work/found_messages"
same "$work/want_messages" "$work/found_messages" "messages name the file and the values"
[ -z "$(ls -A "$work/temp")" ]
check $? "no temporary folder is left"
"$sample" -l > "$work/list"
[ "$(wc -l < "$work/list")" = 27 ] && [ "$(head -n 1 "$work/list")" = passes ]
check $? "-l lists the tests"
printf 'TAP version 13\n1..1\nok 1 - skips # SKIP no   such file\n' > "$work/want_one"
"$sample" -t skips > "$work/one" 2> "$work/messages"
check $? "one skipped test passes"
same "$work/want_one" "$work/one" "-t runs one test"
"$sample" -t nothing > "$work/one" 2> "$work/messages"
[ $? = 4 ] && [ ! -s "$work/one" ] && grep -q 'found nothing' "$work/messages"
check $? "an unknown name is wrong usage"
MDPBENCH_TEST_TIME_SCALE=0.1 "$sample" -t hangs 2> "$work/messages" | grep -q 'did nothing for 0.03 s'
check $? "the limit can be scaled"
