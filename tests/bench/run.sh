#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
#
# run.sh BUILD_DIR inside: what recording each request costs (ids, figures by route, traces), see inside.py.
# run.sh BUILD_DIR [SERVER...]: peerserver beside its peers, each alone on one core, the load on another; prints a
# Markdown table. All load goes to 127.0.0.1. About two minutes for each server and round.
#   ROUNDS=1 DURATION=3 METRICS="hello browser idle json ws ws_rate room sse sse_rate csv file"
#   CHROOT=DIR   a Debian 13 root with the peers axum and drogon under PEERS (/usr/local/lib/godwit-bench): measured too
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
[ $# -ge 1 ] || { echo "usage: run.sh BUILD_DIR [SERVER...]" >&2; exit 2; }
for tool in wrk taskset python3; do
    command -v $tool >/dev/null || { echo "run.sh: $tool is missing" >&2; exit 1; }
done
[ "$(nproc)" -ge 2 ] || { echo "run.sh: one core for the server and one for the load are needed" >&2; exit 1; }
ulimit -n "$(ulimit -Hn)"
[ "${2:-}" != inside ] || exec python3 "$here/inside.py" "$1"
exec python3 "$here/bench.py" "$@"
