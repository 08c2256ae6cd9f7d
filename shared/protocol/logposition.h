// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

#include <optional>

namespace godwit::protocol {

/// How far a reader of a topic of the event log has got. On the wire: `epoch:offset`.
struct LogPosition
{
    QByteArray epoch{}; ///< of the topic's history; another one means that offsets cannot be compared
    qint64 offset = 0; ///< of the last event that was seen; 0: of none

    QByteArray toText() const { return QByteArray(epoch).append(':').append(QByteArray::number(offset)); }
    /// Nothing if @p text is not as toText() makes it.
    static std::optional<LogPosition> fromText(QByteArrayView text);

    bool operator==(const LogPosition &) const = default;
};

} // namespace godwit::protocol
