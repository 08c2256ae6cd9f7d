#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Checks what packages are made of, each with the tool that is meant for it, as far as it is installed.
# Usage: check-files.sh [FOLDER of the configured files, build/*/packaging [FOLDER of the programs]]
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
configured=${1:-}
programs=${2:-}
failed=0

# check TOOL ARGUMENT...: skipped, and said so, where the tool is missing.
check() {
    if ! command -v "$1" >/dev/null; then
        echo "skipped: no $1"
    elif "$@"; then
        echo "good: $*"
    else
        echo "wrong: $*" >&2
        failed=1
    fi
}

check desktop-file-validate "$here"/desktop/*.desktop
check shellcheck "$here"/*.sh "$here"/debian/postinst "$here"/debian/prerm "$here"/debian/postrm
check shellcheck --shell=sh "$here"/rpm/post "$here"/rpm/preun "$here"/rpm/postun
for file in "$configured"/*.metainfo.xml; do
    [ -e "$file" ] && check appstreamcli validate --no-net "$file"
done
for file in "$configured"/*.1; do
    [ -e "$file" ] && check man --warnings --encoding=UTF-8 --local-file --ascii "$file" >/dev/null
done
# Each option that a program tells of has its place in the program's page.
for file in "$configured"/*.1; do
    program=$programs/$(basename "$file" .1)
    if [ ! -x "$program" ]; then continue; fi
    for option in $("$program" --help 2>/dev/null | grep -oE '^ +(-[a-z], )?--[a-z-]+' | grep -oE -- '--[a-z-]+'); do
        if ! sed 's/\\-/-/g' "$file" | grep -qE -- "$option([^a-z-]|\$)"; then
            echo "wrong: $file has no $option" >&2
            failed=1
        fi
    done
done
if [ -e "$configured/godwit.service" ] && command -v systemd-analyze >/dev/null; then
    # The programs of a unit must exist for it to be verified, and they are not installed yet.
    unit=$(mktemp -d)
    trap 'rm -rf "$unit"' EXIT
    sed 's|^ExecStart=[^ ]*|ExecStart=/bin/true|' "$configured/godwit.service" >"$unit/godwit.service"
    cp "$here/systemd/godwit.socket" "$unit"
    check systemd-analyze verify --man=no "$unit/godwit.service" "$unit/godwit.socket"
fi
exit $failed
