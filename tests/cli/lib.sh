#!/bin/sh
# what the suites of this folder share: counting, expectations, and a folder that goes away. sourced, never run.
#
# a suite begins with:  here=$(cd "$(dirname "$0")" && pwd); . "$here/lib.sh"
# and ends with:        finish
# it then stands in an empty folder; $work beside it holds what must not be mistaken for output.
case ${0##*/} in lib.sh) echo '1..0 # SKIP shared by the other suites'; exit 0 ;; esac

root=$(cd "$here/../.." && pwd)
mdpbench=${MDPBENCH:-$root/build/mdpbench}
work=$(mktemp -d) || exit 1
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
trap 'exit 130' HUP INT TERM
mkdir "$work/at" && cd "$work/at" || exit 1
unset MDPBENCH MDPBENCH_REFERENCE MDPBENCH_BUILD MDPBENCH_PHYSICS
# threads that wait by spinning stall each other where several suites run at once
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"
n=0
echo 'TAP version 13'
if [ ! -x "$mdpbench" ]; then
    echo "Bail out! $mdpbench: no such program"
    exit 1
fi

# check STATUS NAME [FILE...]: one test, passed if STATUS is 0; the files tell why it failed
check() {
    check_status=$1
    check_name=$2
    shift 2
    n=$((n + 1))
    if [ "$check_status" = 0 ]; then
        echo "ok $n - $check_name"
        return
    fi
    echo "not ok $n - $check_name"
    for check_file in "$@"; do
        if [ -f "$check_file" ]; then sed 's/^/# /' "$check_file"; fi
    done
}

skip() {
    n=$((n + 1))
    echo "ok $n - $1 # SKIP $2"
}

# json NAME FILE EXPRESSION: the file is JSON, and the expression over $j is true
json() {
    perl -MJSON::PP -e 'local $/; open my $f, "<", $ARGV[0] or die; my $j = decode_json(<$f>); exit(eval($ARGV[1]) ? 0 : 1)' \
        "$2" "$3" 2> "$work/why"
    check $? "$1" "$work/why" "$2"
}

finish() {
    echo "1..$n"
}

# run COMMAND...: output to $work/out, messages to $work/err, exit status to $status
run() {
    "$@" > "$work/out" 2> "$work/err" < /dev/null
    status=$?
}

# bounded COMMAND...: a hang ends after 20 seconds of processor time, however busy the machine is; one that only waits,
# after an hour
bounded() {
    (ulimit -t 20 && exec timeout 3600 "$@")
}

# works NAME COMMAND...: exit status 0, no error message
works() {
    works_name=$1
    shift
    run "$@"
    [ "$status" = 0 ] && ! grep -q '^mdpbench' "$work/err"
    check $? "$works_name" "$work/out" "$work/err"
}

# has_all TEXT FILE: each part of TEXT, parted by |, is in the file
has_all() {
    has_text=$(cat "$2") && holds "$1" "$has_text"
}

# holds TEXT WHOLE: the same for a text in place of the file
holds() {
    has_rest=$1
    has_text=$2
    while [ -n "$has_rest" ]; do
        has_part=${has_rest%%|*}
        case $has_text in *"$has_part"*) ;; *) return 1 ;; esac
        if [ "$has_part" = "$has_rest" ]; then break; fi
        has_rest=${has_rest#*|}
    done
}

# files with size and time, folders by name: a temporary file that came and went is none of a test's business
listing() {
    listing_as_found | sort
}

listing_as_found() {
    find . -type d -printf '%p\n' -o -printf '%p %M %n %U %G %s %T+ %l\n'
}

# unchanged LISTING LISTING: sorted only if the order in which files are found makes the difference
unchanged() {
    [ "$1" = "$2" ] || [ "$(echo "$1" | sort)" = "$(echo "$2" | sort)" ]
}

# what run() left on standard error: its lines but for those that begin with two blanks, those that begin with the
# program's name, and the text of these and of the ones that belong to them. read without a process: suites ask often
read_message() {
    message=
    message_lines=0
    messages=0
    while IFS= read -r message_line || [ -n "$message_line" ]; do
        case $message_line in
        '  '*) message="$message$message_line
" ;;
        mdpbench*)
            message="$message$message_line
"
            messages=$((messages + 1))
            message_lines=$((message_lines + 1))
            ;;
        *) message_lines=$((message_lines + 1)) ;;
        esac
    done < "$work/err"
}

# message_is STATUS TEXT: what run() left is this exit status and one message with all parts of TEXT;
# progress may come before it, and lines that begin with two blanks belong to it
message_is() {
    read_message
    [ "$status" = "$1" ] && [ $messages = 1 ] && holds "$2" "$message"
}

# expect STATUS TEXT NAME COMMAND...: refused with one message that holds all parts of TEXT, nothing else on standard
# error, nothing on standard output, no file made, changed or removed
expect() {
    refused 1 "$@"
}

# chatty_expect: the same for commands that may show progress before they fail
chatty_expect() {
    refused 99 "$@"
}

# no_result: standard output is empty, or says in the language of results that there is none
no_result() {
    [ ! -s "$work/out" ] || { [ "$(head -n 1 "$work/out")" = 'TAP version 13' ] && ! grep -q '^1\.\.' "$work/out" && grep -q '^Bail out! ' "$work/out"; } ||
        grep -qx '{"error": {.*}}' "$work/out" || grep -qE '^[*]*(mdpbench gate: )?no verdict|<error message=' "$work/out"
}

# refused LINES STATUS TEXT NAME COMMAND...: LINES is how many lines standard error may have
refused() {
    expect_lines=$1
    expect_status=$2
    expect_text=$3
    expect_name=$4
    shift 4
    expect_before=$(listing_as_found)
    run "$@"
    expect_after=$(listing_as_found)
    message_is "$expect_status" "$expect_text" && no_result && unchanged "$expect_before" "$expect_after" &&
        [ $message_lines -le "$expect_lines" ]
    set -- $?
    if [ "$1" != 0 ]; then
        echo "expected status $expect_status and \"$expect_text\"; found status $status, changed:"
        echo "$expect_before" | sort > "$work/before"
        echo "$expect_after" | sort | diff "$work/before" -
    fi > "$work/why"
    check "$1" "$expect_name" "$work/why" "$work/out" "$work/err"
}

# same NAME FILE FILE: equal bytes
same() {
    cmp "$2" "$3" > "$work/why" 2>&1
    check $? "$1" "$work/why"
}

# differ NAME FILE FILE: both there, other bytes
differ() {
    [ -s "$2" ] && [ -s "$3" ] && ! cmp -s "$2" "$3"
    check $? "$1"
}

# same_tensors NAME MODULE MODULE: equal names and shapes, equal numbers
same_tensors() {
    tensors_compare "$2" "$3"
    [ $? = 0 ]
    check $? "$1" "$work/why"
}

# other_tensors NAME MODULE MODULE: equal names and shapes, other numbers
other_tensors() {
    tensors_compare "$2" "$3"
    [ $? = 1 ]
    check $? "$1" "$work/why"
}

# the status: 0 for equal numbers, 1 for others, 2 where there is nothing to compare
tensors_compare() {
    h5ls -r "$1/tensors" > "$work/names" && h5ls -r "$2/tensors" > "$work/other_names" && grep -q Dataset "$work/names" &&
        cmp "$work/names" "$work/other_names" || return 2
    h5diff "$1" "$2" /tensors
} > "$work/why" 2>&1

# same_folder NAME FOLDER FOLDER: equal names, equal bytes; what a run cost differs
same_folder() {
    [ -n "$(ls "$2")" ] && diff -r -x run.json "$2" "$3" > "$work/why" 2>&1
    check $? "$1" "$work/why"
}

# plain FILE OUT: as other programs write it: no compression, no checksums, so that it can be changed unseen
plain() {
    rm -f "$2"
    h5repack -f NONE -l CONTI "$1" "$2" > "$work/dump" 2>&1 && return
    echo "Bail out! cannot repack $1"
    exit 1
}

# reword FILE FROM TO: texts of equal length
reword() {
    [ ${#2} = ${#3} ] && grep -qaF -e "$2" "$1" &&
        perl -0777 -pi -e 'BEGIN { ($from, $to) = splice @ARGV, 0, 2 } s/\Q$from\E/$to/g' "$2" "$3" "$1" && return
    echo "Bail out! $1: no $2 to replace by $3"
    exit 1
}

# poke FILE DATASET INDEX FORMAT VALUE: overwrites an element of a dataset that is stored as it is; FORMAT is perl's pack,
# "flip" turns a bit of a byte instead
poke() {
    offset=$(h5dump -p -H -d "$2" "$1" 2> "$work/dump" | sed -n 's/.*OFFSET *//p')
    rm -f "$work/bytes"
    if [ -z "$offset" ]; then h5dump -o "$work/bytes" -b LE -d "$2" "$1" > "$work/dump" 2>&1; fi
    perl -e '
        my ($path, $bytes, $at, $index, $format, $value) = @ARGV;
        local $/;
        open my $f, "<:raw", $path or die; my $file = <$f>; close $f;
        if ($at eq "") {
            # the beginning of a chunk, which may end before the data does
            open $f, "<:raw", $bytes or die; my $data = <$f>; close $f;
            $at = index $file, substr $data, 0, 64;
            die "cannot find the bytes\n" if $at < 0 || length $data < 64;
        }
        my $new = $format eq "flip" ? chr(ord(substr $file, $at + $index, 1) ^ 4) : pack $format, $value;
        substr $file, $at + $index * length $new, length $new, $new;
        open $f, ">:raw", $path or die; print $f $file; close $f or die;
    ' "$1" "$work/bytes" "$offset" "$3" "$4" "${5:-0}" 2> "$work/dump" && return
    echo "Bail out! cannot change $1 $2"
    exit 1
}
