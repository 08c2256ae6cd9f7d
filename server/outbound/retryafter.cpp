// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/outbound/retryafter.h"

#include <QLocale>
#include <QTimeZone>

#include <algorithm>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::outbound {

std::chrono::milliseconds retryAfter(const QByteArray &value, Timestamp now)
{
    constexpr std::chrono::milliseconds longest = 24h;
    bool isNumber = false;
    const qint64 seconds = value.trimmed().toLongLong(&isNumber);
    if (isNumber)
        return std::chrono::seconds(std::clamp<qint64>(seconds, 0, 24 * 3600));
    // IMF-fixdate; the two obsolete forms of a date are not worth their code.
    QDateTime date
        = QLocale::c().toDateTime(QString::fromLatin1(value.trimmed()), u"ddd, dd MMM yyyy HH:mm:ss 'GMT'"_s);
    if (!date.isValid())
        return 0ms;
    date.setTimeZone(QTimeZone::utc());
    const Timestamp until{ std::chrono::milliseconds(date.toMSecsSinceEpoch()) };
    return std::clamp<std::chrono::milliseconds>(until - now, 0ms, longest);
}

} // namespace godwit::outbound
