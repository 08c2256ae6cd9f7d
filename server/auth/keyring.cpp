// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/keyring.h"

#include "server/auth/secretfile.h"
#include "server/auth/secrets.h"
#include "shared/core/jsonreader.h"

#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace godwit::auth {

static constexpr qsizetype secretSize = 32; // of HMAC-SHA256: as long as its hash (RFC 7518, 3.2)

static QByteArray readSecret(JsonReader &reader, QLatin1StringView name)
{
    const QByteArray secret = fromBase64Url(reader.string(name).toLatin1());
    if (secret.size() != secretSize)
        reader.fail(name, u"must be 32 bytes in base64url"_s);
    return secret;
}

static Result<SigningKey> readKey(const QJsonObject &json)
{
    JsonReader reader(json);
    SigningKey key{ .id = reader.string("kid"_L1).toLatin1(), .secret = readSecret(reader, "secret"_L1) };
    const auto createdAt = fromRfc3339(reader.string("created_at"_L1));
    if (!createdAt)
        reader.fail("created_at"_L1, u"must be a time"_s);
    key.createdAt = createdAt.value_or(Timestamp());
    return reader.finish(std::move(key));
}

Keyring::Keyring(Options options, const Clock &clock) : m_options(std::move(options)), m_clock(clock)
{
    const auto content = m_options.file.isEmpty() ? std::nullopt : readSecretFile(m_options.file);
    if (content) {
        try {
            read(*content);
        } catch (const Error &error) {
            throw Error::internal(u"%1 is damaged (%2); without it all logins end and new keys are made"_s.arg(
                m_options.file, error.message()));
        }
        rotateIfDue();
    } else {
        m_refreshKey = randomBytes(secretSize);
        rotate();
    }
}

void Keyring::read(const QByteArray &content)
{
    JsonReader reader(orThrow(parseJsonObject(content)));
    m_refreshKey = readSecret(reader, "refresh_key"_L1);
    const QJsonArray keys = reader.array("keys"_L1);
    if (keys.isEmpty())
        reader.fail("keys"_L1, u"must not be empty"_s);
    orThrow(reader.finish(true));
    for (const auto &key : keys)
        m_keys.append(orThrow(readKey(key.toObject())));
}

static SigningKey makeKey(Timestamp now)
{
    return { .id = randomBytes(8).toHex(), .secret = randomBytes(secretSize), .createdAt = now };
}

void Keyring::rotateIfDue()
{
    const std::scoped_lock lock(m_mutex);
    const Timestamp now = m_clock.timestamp();
    QList<SigningKey> keys = neededKeys(now);
    if (now - keys.last().createdAt >= m_options.lifetime)
        keys.append(makeKey(now));
    else if (keys.size() == m_keys.size())
        return;
    keep(std::move(keys));
}

void Keyring::rotate()
{
    const std::scoped_lock lock(m_mutex);
    const Timestamp now = m_clock.timestamp();
    QList<SigningKey> keys = neededKeys(now);
    keys.append(makeKey(now));
    keep(std::move(keys));
}

/// With the lock.
QList<SigningKey> Keyring::neededKeys(Timestamp now) const
{
    QList<SigningKey> keys = m_keys;
    // A key signs until the next one is made: what that is older than no token outlives.
    while (keys.size() > 1 && now - keys[1].createdAt > longestToken)
        keys.removeFirst();
    return keys;
}

/// With the lock. In the file first: a token of a key that it lacks would be refused after the next start.
void Keyring::keep(QList<SigningKey> keys)
{
    if (!m_options.file.isEmpty())
        save(keys);
    m_keys = std::move(keys);
}

void Keyring::save(const QList<SigningKey> &list) const
{
    QJsonArray keys;
    for (const SigningKey &key : list)
        keys.append(QJsonObject{ { u"kid"_s, QString::fromLatin1(key.id) },
                                 { u"secret"_s, QString::fromLatin1(toBase64Url(key.secret)) },
                                 { u"created_at"_s, toRfc3339(key.createdAt) } });
    const QJsonObject json{ { u"refresh_key"_s, QString::fromLatin1(toBase64Url(m_refreshKey)) }, { u"keys"_s, keys } };
    writeSecretFile(m_options.file, QJsonDocument(json).toJson());
}

SigningKey Keyring::newest() const
{
    const std::scoped_lock lock(m_mutex);
    return m_keys.last();
}

std::optional<SigningKey> Keyring::find(QByteArrayView id) const
{
    const std::scoped_lock lock(m_mutex);
    for (const SigningKey &key : m_keys) {
        if (key.id == id)
            return key;
    }
    return {};
}

qsizetype Keyring::size() const
{
    const std::scoped_lock lock(m_mutex);
    return m_keys.size();
}

} // namespace godwit::auth
