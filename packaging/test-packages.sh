#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Installs, starts, upgrades, removes and purges the Debian packages in a fresh Debian of its own (debootstrap), and
# looks after each step whether all is as it should be. Needs root, debootstrap and curl; the mirror is the host's.
# Usage: test-packages.sh [FOLDER of the packages, default build/package/packages]
#   GODWIT_TEST_SUITE   the Debian to take, default bookworm
#   GODWIT_TEST_SYSTEMD 1: boots systemd in there too, and restarts the daemon under load (test-systemd.sh)
#   GODWIT_TEST_ROOT    a tar of a debootstrap folder, to save making one
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

packages=$(readlink -f "${1:-build/package/packages}")
suite=${GODWIT_TEST_SUITE:-bookworm}
work=$(mktemp -d)
root=$work/root
inside=

say() { printf '\033[1m== %s\033[0m\n' "$*"; }
fail() { printf 'test-packages: %s\n' "$*" >&2; exit 1; }

# unshare, the child of the shell in the background, takes what runs inside with it; it heeds no SIGTERM.
finish() {
    [ -z "$inside" ] || pkill -KILL -P "$inside" || true
    wait 2>/dev/null || true
    rm -rf --one-file-system "$work"
}
trap finish EXIT

# in_root COMMAND...: with /proc and a minimal /dev, which vanish with it.
in_root() {
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive QT_QPA_PLATFORM=offscreen \
        unshare --mount --pid --fork --kill-child --mount-proc="$root/proc" chroot "$root" "$@"
}

install_packages() {
    in_root apt-get install -y -q -o Dpkg::Use-Pty=0 --no-install-recommends "$@" >>"$work/apt.log" 2>&1 ||
        { tail -n 30 "$work/apt.log" >&2; fail "apt-get install $* failed"; }
}

is_there() { [ -e "$root$1" ] || [ -L "$root$1" ] || fail "$1 is missing"; }
is_gone() { if [ -e "$root$1" ] || [ -L "$root$1" ]; then fail "$1 is still there"; fi; }

# As the unit does it: as its user, with its state folder. Sets $url.
start_server() {
    in_root install -d -o godwit -g godwit -m 0750 /var/lib/godwit
    : >"$work/server.out"
    in_root setpriv --reuid=godwit --regid=godwit --init-groups env STATE_DIRECTORY=/var/lib/godwit \
        /usr/bin/godwitd serve --listen 127.0.0.1:0 >"$work/server.out" 2>"$work/server.err" &
    inside=$!
    for _ in $(seq 100); do
        url=$(sed -n 's/^listening on \(http[^ ]*\).*/\1/p' "$work/server.out" | head -n 1)
        [ -z "$url" ] || break
        kill -0 "$inside" 2>/dev/null || break
        sleep 0.1
    done
    [ -n "$url" ] || { cat "$work/server.err" >&2; fail "godwitd did not start"; }
    curl -sSf "$url/health" | grep -q '"status"' || fail "$url/health has no answer"
    say "godwitd answers: $(curl -sSf "$url/health")"
}

stop_server() {
    local daemon status=0
    daemon=$(pgrep -P "$inside" -x godwitd || pgrep -P "$(pgrep -P "$inside" | head -n 1)" -x godwitd) ||
        fail "no godwitd is running"
    kill -TERM "$daemon"
    for _ in $(seq 400); do # drain_timeout is 30 s
        kill -0 "$inside" 2>/dev/null || break
        sleep 0.1
    done
    kill -0 "$inside" 2>/dev/null && fail "godwitd did not end at SIGTERM"
    wait "$inside" || status=$?
    inside=
    [ "$status" -eq 0 ] || { tail -n 20 "$work/server.err" >&2; fail "godwitd ended with $status"; }
}

# The same package under a higher version.
raise_version() {
    local package=$1 name
    name=$(basename "$package" .deb)
    dpkg-deb -R "$package" "$work/$name"
    sed -i '/^Version:/s/$/+next/' "$work/$name/DEBIAN/control"
    dpkg-deb --root-owner-group -b "$work/$name" "$root/packages/$name+next.deb" >/dev/null
}

# ---- a fresh Debian

[ "$(id -u)" -eq 0 ] || fail "needs root"
shopt -s nullglob
debs=("$packages"/*.deb)
[ ${#debs[@]} -gt 0 ] || fail "no packages in $packages; make them with ./dev package"
if [ -n "${GODWIT_TEST_ROOT:-}" ]; then
    say "Unpacking $GODWIT_TEST_ROOT"
    tar -C "$work" -xf "$GODWIT_TEST_ROOT"
else
    # shellcheck disable=SC2016 # apt's own variable
    mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | sed -n 1p)
    say "Making a Debian $suite"
    debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$work/debootstrap.log" ||
        { tail "$work/debootstrap.log" >&2; fail "debootstrap failed"; }
fi
apt-config dump | grep '^Acquire::http' >"$root/etc/apt/apt.conf.d/01host" || true
cp /etc/resolv.conf "$root/etc/resolv.conf"
mkdir "$root/packages"
cp "${debs[@]}" "$root/packages/"
for deb in "${debs[@]}"; do raise_version "$deb"; done
in_root apt-get update -q >"$work/apt.log"

# ---- install and start

say "Installing: ${debs[*]##*/}"
install_packages "${debs[@]/#*\///packages/}"
is_there /usr/bin/godwitd
is_there /etc/godwit/godwit.toml
is_there /etc/systemd/system/multi-user.target.wants/godwit.service
grep -q '^godwit:' "$root/etc/passwd" || fail "the user godwit is missing"
in_root dpkg-query -s godwit-server | grep -q '^ /etc/godwit/godwit.toml' || fail "godwit.toml is not a conffile"
start_server
in_root install -d -o nobody -g nogroup /tmp/home # what a person keeps there is no package's to remove
for window in godwit-monitor godwit-chat; do
    [ -e "$root/usr/bin/$window" ] || continue
    say "Starting $window"
    in_root setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME=/tmp/home XDG_RUNTIME_DIR=/tmp/home \
        timeout 60 "/usr/bin/$window" --server "$url" --screenshot "/tmp/$window.png" --after 2 >"$work/$window.log" 2>&1 ||
        { cat "$work/$window.log" >&2; fail "$window did not run"; }
    is_there "/tmp/$window.png"
done
stop_server

if [ "${GODWIT_TEST_SYSTEMD:-}" = 1 ]; then
    say "Booting systemd"
    install_packages systemd systemd-sysv
    cp -a "$root" "$work/booted"
    "$PWD/packaging/test-systemd.sh" "$work/booted"
    rm -rf --one-file-system "$work/booted"
fi

# ---- upgrade: an administrator's line and the data stay

echo '# by the administrator' >>"$root/etc/godwit/godwit.toml"
in_root touch /var/lib/godwit/kept
say "Upgrading"
upgraded=("$root"/packages/*+next.deb)
install_packages "${upgraded[@]/#*\///packages/}"
in_root dpkg-query -s godwit-server | grep -q '^Version:.*+next$' || fail "was not upgraded"
grep -q 'by the administrator' "$root/etc/godwit/godwit.toml" || fail "the upgrade has overwritten godwit.toml"
is_there /var/lib/godwit/kept
is_there /etc/systemd/system/multi-user.target.wants/godwit.service
start_server
stop_server

# ---- remove, install again, purge

names=()
for deb in "${debs[@]}"; do names+=("$(dpkg-deb -f "$deb" Package)"); done
say "Removing"
in_root apt-get remove -y -q "${names[@]}" >>"$work/apt.log" 2>&1 || fail "apt-get remove failed"
is_gone /usr/bin/godwitd
is_gone /usr/lib/systemd/system/godwit.service
is_there /etc/godwit/godwit.toml
is_there /var/lib/godwit/kept
install_packages "${upgraded[@]/#*\///packages/}"
[ "$(readlink "$root/etc/systemd/system/godwit.service")" != /dev/null ] || fail "the service is still masked"
start_server
stop_server
say "Purging"
in_root apt-get purge -y -q "${names[@]}" >>"$work/apt.log" 2>&1 || fail "apt-get purge failed"
rm -rf "$root/packages" "$root"/tmp/*
left=$(find "$root" -xdev -iname '*godwit*')
[ -z "$left" ] || fail "is left after purge: $left"
say "All is well"
