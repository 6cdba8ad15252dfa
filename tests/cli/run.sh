#!/bin/sh
# ./run and its set-up: what is missing is installed and named, nothing is asked of the system otherwise
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
unset MAKEFLAGS MFLAGS MAKELEVEL JUNIT
n=0
check() {
    n=$((n + 1))
    if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; sed 's/^/# /' "$work/out"; fi
}

# stand-ins that know which packages there are, who calls, and write down what would be installed
mkdir "$work/bin"
cat > "$work/bin/dpkg-query" <<'END'
#!/bin/sh
echo query >> "$WORK/calls"
for package in "$@"; do
    case "$package" in -*|*'{'*) continue ;; esac
    case " $ABSENT " in
    *" $package "*) status=1 ;;
    *) case " $REMOVED " in *" $package "*) echo "$package config-files" ;; *) echo "$package installed" ;; esac ;;
    esac
done
exit ${status:-0}
END
cat > "$work/bin/apt-get" <<'END'
#!/bin/sh
echo "apt-get $DEBIAN_FRONTEND $*" >> "$WORK/calls"
echo "words of apt"
if [ "$1" = install ] && [ -e "$WORK/stale" ]; then rm "$WORK/stale"; exit 100; fi
END
cat > "$work/bin/id" <<'END'
#!/bin/sh
echo "${CALLER:-0}"
END
cat > "$work/bin/sudo" <<'END'
#!/bin/sh
echo sudo >> "$WORK/calls"
while [ "${1#-}" != "$1" ]; do shift; done
[ $# = 0 ] || exec "$@"
END
chmod +x "$work"/bin/*
setup() {
    : > "$work/calls"
    WORK="$work" PATH="$work/bin:$PATH" "$root/run" setup > "$work/out" 2>&1 < /dev/null
}

echo "TAP version 13"
echo "1..17"
"$root/run" > "$work/out" 2>&1
check $? "./run alone is help"
for target in setup build demo check clean; do grep -q "^  $target " "$work/out" || echo "$target"; done > "$work/absent"
[ ! -s "$work/absent" ]
check $? "the help names every target"
(cd / && "$root/run" help) > "$work/out" 2>&1
check $? "./run works from any folder"
"$root/run" nonsense > "$work/out" 2>&1
[ $? != 0 ] && grep -q "no target 'nonsense'; ./run alone" "$work/out"
check $? "an unknown target is named"
"$root/run" dmeo > "$work/out" 2>&1
[ $? != 0 ] && grep -q "did you mean 'demo'?" "$work/out"
check $? "so is the one that may be meant"
make -s -C "$root" -f Makefile.bench -n check > "$work/out" 2>&1
[ "$(grep -c 'cmake --preset' "$work/out")" = 1 ] && ! grep -q MDP_WERROR "$work/out"
check $? "the tests are configured as everything else is, so that nothing is compiled twice"

setup
check $? "set-up with everything there"
[ "$(cat "$work/calls")" = query ] && grep -q 'all packages are installed' "$work/out"
check $? "one query, and it says so"
ABSENT="cmake libgsl-dev" REMOVED=perl setup
grep -q '^setup: installing cmake libgsl-dev perl$' "$work/out"
check $? "missing and removed packages are named"
grep -q '^apt-get noninteractive install -y --no-install-recommends cmake libgsl-dev perl$' "$work/calls"
check $? "they alone are installed"
! grep -q sudo "$work/calls"
check $? "no sudo for the superuser"
CALLER=1000 ABSENT=cmake setup
grep -q sudo "$work/calls"
check $? "sudo for others"
[ "$(wc -l < "$work/out")" -le 2 ] && [ ! -e "$root/setup.log" ]
check $? "it says what it installs, not what apt says"
cat > "$work/bin/sudo" <<'END'
#!/bin/sh
[ "$1" != -n ] && [ "$1" != -v ] && exec "$@"
exit 1
END
chmod +x "$work/bin/sudo"
CALLER=1000 ABSENT="cmake perl" setup
[ $? != 0 ] && grep -q 'only an administrator' "$work/out" && grep -q '^  apt-get update && apt-get install -y --no-install-recommends cmake perl$' "$work/out"
check $? "a user without rights is told who has to do what"
! grep -q '^apt-get' "$work/calls"
check $? "and nothing is tried"
touch "$work/stale"
ABSENT=cmake setup
[ $? = 0 ] && [ "$(grep -c 'install -y' "$work/calls")" = 2 ] && grep -q 'update$' "$work/calls"
check $? "after a failure the lists are renewed and it is tried again"
cat > "$work/bin/apt-get" <<'END'
#!/bin/sh
echo "why it failed"
exit 100
END
ABSENT=cmake setup
[ $? != 0 ] && grep -q 'why it failed' "$work/out" && rm -f "$root/setup.log"
check $? "what apt says is shown where it fails"
