// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

/// Random bytes, keyed hashes and comparisons that take the same time whatever differs: libsodium's.
namespace godwit::auth {

QByteArray randomBytes(qsizetype count);
QByteArray toBase64Url(const QByteArray &bytes); ///< without padding
/// Nothing but exactly what toBase64Url() writes; empty otherwise.
QByteArray fromBase64Url(QByteArrayView text);

/// HMAC-SHA256 (RFC 2104). The key has 32 bytes.
QByteArray keyedHash(const QByteArray &key, QByteArrayView message);
/// SHA-256 in hexadecimal: how secrets are stored that are random themselves.
QByteArray storedHash(QByteArrayView secret);
bool isSameSecret(QByteArrayView a, QByteArrayView b);

} // namespace godwit::auth
