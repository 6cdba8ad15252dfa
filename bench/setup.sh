#!/bin/sh
# installs those of the named Debian packages that are missing: setup.sh PACKAGE... what apt says goes into a log, which is
# shown where it fails. without the right to install, says who has to do what.
set -eu

if ! command -v dpkg-query > /dev/null; then
    echo "setup: no Debian here; please install what these packages hold: $*"
    exit 0
fi
# one query when nothing is missing
installed=" $(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2> /dev/null | sed -n 's/ installed$//p' | tr '\n' ' ')"
missing=
for package in "$@"; do
    case "$installed" in *" $package "*) ;; *) missing="$missing $package" ;; esac
done
if [ -z "$missing" ]; then
    echo "setup: all packages are installed"
    exit 0
fi

sudo=
if [ "$(id -u)" -ne 0 ]; then
    sudo=sudo
    # -v asks for a password where there is a terminal to ask on
    if ! command -v sudo > /dev/null || ! { sudo -n true 2> /dev/null || { [ -t 0 ] && sudo -v; }; }; then
        cat >&2 <<END
setup: these Debian packages are missing, and only an administrator can install them:
  $missing

Ask one to run, as root:
  apt-get update && apt-get install -y --no-install-recommends$missing

Then run the same ./run command again; all else stays in this folder and needs no rights.
Where nobody can be asked: a container with Debian 12, such as podman's or apptainer's, in which
you are root.
END
        exit 5
    fi
fi

log=${MDPBENCH_SETUP_LOG:-setup.log}
echo "setup: installing$missing"
install="$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends$missing"
update() { $sudo apt-get update >> "$log" 2>&1; }
: > "$log"
if ! ls /var/lib/apt/lists/*Packages* > /dev/null 2>&1; then update || true; fi
# lists that are older than the mirror name files that are gone
if ! $install >> "$log" 2>&1 && ! { update && $install >> "$log" 2>&1; }; then
    cat "$log" >&2
    echo "setup: apt-get failed; its words are above and in $log" >&2
    exit 5
fi
rm -f "$log"
