// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/logposition.h"

namespace godwit::protocol {

std::optional<LogPosition> LogPosition::fromText(QByteArrayView text)
{
    const qsizetype colon = text.lastIndexOf(':');
    if (colon <= 0)
        return {};
    bool isNumber = false;
    const qint64 offset = text.sliced(colon + 1).toByteArray().toLongLong(&isNumber);
    LogPosition position{ .epoch = text.first(colon).toByteArray(), .offset = offset };
    if (!isNumber || offset < 0 || position.toText() != text) // no sign, no space, no leading zero
        return {};
    return position;
}

} // namespace godwit::protocol
