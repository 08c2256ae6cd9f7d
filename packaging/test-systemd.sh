#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Boots a Debian in which godwit-server is installed, with its own systemd, hands the listening socket to systemd
# (godwit.socket), and restarts the daemon while clients write: nobody may be refused, nothing acknowledged lost. Needs
# root, systemd-nspawn and python3; what it sets in FOLDER's configuration stays. test-packages.sh calls it.
# Usage: test-systemd.sh FOLDER of the Debian
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
root=$(readlink -f "${1:?Usage: test-systemd.sh FOLDER}")
output=$(mktemp)
manager=

fail() { printf 'test-systemd: %s\n' "$*" >&2; exit 1; }

# SIGRTMIN+4 is systemd's for an orderly end, without a bus.
finish() {
    if kill -0 "$container" 2>/dev/null; then
        [ -z "$manager" ] || kill -RTMIN+4 "$manager" 2>/dev/null || true
        for _ in $(seq 300); do
            kill -0 "$container" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "$container" 2>/dev/null || true
    fi
    rm -f "$output"
}

sed -i -e 's/^\[auth\]/[auth]\nmode = "open"/' -e 's/^#rate_anonymous =.*/rate_anonymous = 100000/' "$root/etc/godwit/godwit.toml"
systemd-nspawn --quiet --register=no --keep-unit --private-network --console=read-only --directory "$root" --boot \
    </dev/null >"$output" 2>&1 &
container=$!
trap finish EXIT
for _ in $(seq 300); do
    manager=$(pgrep --parent "$container" || true)
    [ -z "$manager" ] || ! nsenter --target "$manager" --all systemctl is-active --quiet godwit 2>/dev/null || break
    kill -0 "$container" 2>/dev/null || { cat "$output" >&2; fail "systemd did not boot"; }
    sleep 0.1
done
inside() { nsenter --target "$manager" --all "$@"; }
inside systemctl is-active --quiet godwit || { inside journalctl -u godwit --no-pager >&2; fail "godwit.service did not start"; }

# As godwit.socket says.
inside systemctl stop godwit
inside systemctl enable --quiet --now godwit.socket
inside systemctl start godwit
nsenter --target "$manager" --net python3 -B "$here/test-systemd.py" \
    nsenter --target "$manager" --all systemctl restart godwit ||
    { inside journalctl -u godwit --no-pager | tail -n 30 >&2; fail "a restart was noticed"; }
