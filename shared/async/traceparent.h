// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

#include <array>
#include <optional>

namespace godwit::async {

/// Where a request stands in a distributed trace: the value of the field `traceparent` (W3C Trace Context, level 1).
struct TraceParent
{
    std::array<quint64, 2> traceId{}; ///< not all zero
    quint64 spanId = 0; ///< `parent-id`: of the span that asks; not zero
    quint8 flags = 1; ///< 1: sampled

    bool isSampled() const { return (flags & 1) != 0; }

    /// Strict (3.2): lower case, no zero ids, version 00 exactly 55 characters; of a later version what 00 knows.
    static std::optional<TraceParent> parse(QByteArrayView text);
    QByteArray toHeader() const;
    QByteArray traceIdText() const; ///< 32 hexadecimal digits
    static QByteArray spanIdText(quint64 id); ///< 16
    static std::optional<std::array<quint64, 2>> parseTraceId(QByteArrayView text);

    /// A trace that begins here. Very likely unique; not a secret. No lock, no system call but the first of a thread.
    static TraceParent random();
    static quint64 randomSpanId();

    friend bool operator==(const TraceParent &, const TraceParent &) = default;
};

/// What of a `tracestate` may be passed on (3.3): all of it, or nothing if it breaks the rules or is longer than the
/// 512 characters that one has to pass.
QByteArray validTraceState(QByteArrayView text);

} // namespace godwit::async
