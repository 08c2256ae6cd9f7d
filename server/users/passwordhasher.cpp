// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/users/passwordhasher.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <thread>

using namespace Qt::StringLiterals;

namespace godwit::users {

namespace {

/// UTF-8 of the password in form C (RFC 8265, 4.2.2), wiped at its end. What Qt copied on the way is not.
class Secret
{
public:
    explicit Secret(const QString &password) : m_bytes(password.normalized(QString::NormalizationForm_C).toUtf8()) { }
    Q_DISABLE_COPY_MOVE(Secret)
    ~Secret() { sodium_memzero(m_bytes.data(), size_t(m_bytes.size())); }
    const char *data() const { return m_bytes.constData(); }
    quint64 size() const { return quint64(m_bytes.size()); }

private:
    QByteArray m_bytes;
};

int concurrencyOf(const PasswordHasher::Options &options)
{
    return options.concurrency > 0 ? options.concurrency : std::max(1, int(std::thread::hardware_concurrency() / 2));
}

QByteArray hashWith(const QString &password, const PasswordHasher::Options &options)
{
    const Secret secret(password);
    std::array<char, crypto_pwhash_STRBYTES> text{};
    if (crypto_pwhash_str(text.data(), secret.data(), secret.size(), options.passes, size_t(options.memoryBytes)) != 0)
        throw Error(Error::Code::Unavailable, u"there is no memory for a password hash"_s);
    return QByteArray(text.data());
}

bool verifyNow(const QString &password, const QByteArray &hash)
{
    const Secret secret(password);
    return crypto_pwhash_str_verify(hash.constData(), secret.data(), secret.size()) == 0;
}

PasswordHasher::Options checked(PasswordHasher::Options options)
{
    if (sodium_init() < 0)
        throw Error::internal(u"libsodium cannot be initialised"_s);
    options.concurrency = concurrencyOf(options);
    return options;
}

} // namespace

PasswordHasher::PasswordHasher(runtime::BlockingPool &threads, Options options)
    : m_threads(threads),
      m_options(checked(options)),
      m_bulkhead({ .name = u"passwords"_s, .concurrency = m_options.concurrency, .queue = m_options.queue }),
      // Any salt and hash do, as nothing fits: made up, so that a start does not wait for a hash.
      m_dummy("$argon2id$v=19$m=" + QByteArray::number(m_options.memoryBytes / 1024)
              + ",t=" + QByteArray::number(m_options.passes)
              + ",p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
{
}

QCoro::Task<QByteArray> PasswordHasher::hash(async::Context context, QString password)
{
    const auto permit = co_await m_bulkhead.acquire(context);
    auto hashed = m_threads.run(context, [password, options = m_options] { return hashWith(password, options); });
    co_return co_await std::move(hashed);
}

QByteArray PasswordHasher::hashNow(const QString &password) const
{
    return hashWith(password, m_options);
}

QCoro::Task<bool> PasswordHasher::verify(async::Context context, QString password, QByteArray hash)
{
    const auto permit = co_await m_bulkhead.acquire(context);
    const bool isKnown = !hash.isEmpty();
    auto verified
        = m_threads.run(context, [password, given = isKnown ? hash : m_dummy] { return verifyNow(password, given); });
    co_return co_await std::move(verified) && isKnown;
}

Result<void> checkPassword(const QString &password)
{
    if (password.size() < minPasswordLength)
        return failure(Error::Code::FailedValidation,
                       u"a password must have at least %1 characters"_s.arg(minPasswordLength));
    if (password.size() > maxPasswordLength)
        return failure(Error::Code::FailedValidation,
                       u"a password must not have more than %1 characters"_s.arg(maxPasswordLength));
    const bool hasControls
        = std::any_of(password.begin(), password.end(), [](QChar c) { return c.category() == QChar::Other_Control; });
    if (hasControls || !password.isValidUtf16())
        return failure(Error::Code::FailedValidation, u"a password must not have control characters"_s);
    return {};
}

QString makePassword()
{
    static constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    if (sodium_init() < 0)
        throw Error::internal(u"libsodium cannot be initialised"_s);
    QString password;
    for (int i = 0; i < 24; ++i)
        password += QLatin1Char(alphabet[randombytes_uniform(sizeof alphabet - 1)]);
    return password;
}

} // namespace godwit::users
