#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
#
# clazy.sh FILE: clazy's levels 0 and 1 and old-style connects over one source; fails on any finding.
#   no-fully-qualified-moc-types  our slots and signals name types as their headers do
#   no-strict-iterators, no-qstring-ref   Qt 5's: Qt 6 erases by const_iterator and has no QStringRef
#   no-qproperty-without-notify, no-overridden-signal   nothing of ours is used from QML
set -euo pipefail
output=$(clazy-standalone --checks=level0,level1,old-style-connect,no-fully-qualified-moc-types,no-qproperty-without-notify,no-strict-iterators,no-qstring-ref \
    --header-filter='.*/(server|monitor|shared)/.*' --extra-arg=-Wno-unknown-warning-option -p build/tidy-units "$1" 2>&1) || {
    printf '%s\n' "$output"
    exit 1
}
findings=$(grep -F '[-Wclazy' <<<"$output" || true)
[ -z "$findings" ] || {
    printf '%s\n' "$findings"
    exit 1
}
