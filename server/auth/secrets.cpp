// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/secrets.h"

#include "shared/core/error.h"

#include <QCryptographicHash>

#include <sodium.h>

using namespace Qt::StringLiterals;

namespace godwit::auth {

static constexpr auto urlForm = QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals;

/// libsodium wants it before anything else; cheap when it has been done.
static void initialise()
{
    if (sodium_init() < 0)
        throw Error::internal(u"libsodium cannot be initialised"_s);
}

QByteArray randomBytes(qsizetype count)
{
    initialise();
    QByteArray bytes(count, Qt::Uninitialized);
    randombytes_buf(bytes.data(), size_t(count));
    return bytes;
}

QByteArray toBase64Url(const QByteArray &bytes)
{
    return bytes.toBase64(urlForm);
}

QByteArray fromBase64Url(QByteArrayView text)
{
    const auto decoded
        = QByteArray::fromBase64Encoding(text.toByteArray(), urlForm | QByteArray::AbortOnBase64DecodingErrors);
    // What decodes to the same is not the same: padding, and bits behind the last byte.
    return decoded && toBase64Url(*decoded) == text ? *decoded : QByteArray();
}

QByteArray keyedHash(const QByteArray &key, QByteArrayView message)
{
    initialise();
    Q_ASSERT(key.size() == crypto_auth_hmacsha256_KEYBYTES);
    QByteArray hash(crypto_auth_hmacsha256_BYTES, Qt::Uninitialized);
    crypto_auth_hmacsha256(
        reinterpret_cast<unsigned char *>(hash.data()), reinterpret_cast<const unsigned char *>(message.data()),
        static_cast<unsigned long long>(message.size()), reinterpret_cast<const unsigned char *>(key.constData()));
    return hash;
}

QByteArray storedHash(QByteArrayView secret)
{
    return QCryptographicHash::hash(secret.toByteArray(), QCryptographicHash::Sha256).toHex();
}

bool isSameSecret(QByteArrayView a, QByteArrayView b)
{
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), size_t(a.size())) == 0;
}

} // namespace godwit::auth
