// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/outbound/signature.h"

#include <QMessageAuthenticationCode>

namespace godwit::outbound {

QByteArray signature(const QByteArray &secret, const QByteArray &body, Timestamp now)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    const QByteArray time = QByteArray::number(qint64(seconds));
    const QByteArray code
        = QMessageAuthenticationCode::hash(time + '.' + body, secret, QCryptographicHash::Sha256).toHex();
    return QByteArrayLiteral("t=") + time + QByteArrayLiteral(",v1=") + code;
}

} // namespace godwit::outbound
