// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/security.h"

#include "server/auth/localtoken.h"
#include "server/auth/secretfile.h"
#include "server/metrics/inspecttoolkit.h"
#include "server/metrics/registry.h"

#include <QDir>
#include <QFile>
#include <QLoggingCategory>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::app {

Q_LOGGING_CATEGORY(securityLog, "godwit.auth")

namespace {

QString passwordFile(const QString &folder)
{
    return QDir(folder).filePath(u"admin-password"_s);
}

} // namespace

void forgetFirstPassword(users::Accounts &accounts, const QString &folder)
{
    accounts.addListener([file = passwordFile(folder)](const users::Accounts::Event &event) {
        using Kind = users::Accounts::Event::Kind;
        const bool isOver = event.kind == Kind::PasswordChanged || event.kind == Kind::Removed;
        if (isOver && event.account.name == "admin"_L1)
            QFile::remove(file);
    });
}

auth::Keyring::Options keyringOptions(const QString &folder, const auth::Options &options)
{
    return { .file = QDir(folder).filePath(u"auth-keys"_s), .lifetime = options.keyLifetime };
}

Security::Security(db::Pool &pool, runtime::BlockingPool &threads, const QString &folder, const auth::Options &options)
    : m_hasher(threads),
      m_accounts(pool, m_hasher),
      m_keyring(keyringOptions(folder, options)),
      m_audit(pool),
      m_service({ .pool = pool, .accounts = m_accounts, .keyring = m_keyring, .live = m_live, .audit = m_audit },
                options),
      m_authenticator({ .mode = options.mode,
                        .ticketLifetime = options.ticketLifetime,
                        .localToken = auth::writeLocalToken(folder) },
                      m_keyring, m_live)
{
    forgetFirstPassword(m_accounts, folder);
    m_service.load();
    if (options.mode == auth::Mode::Token)
        makeFirstAdmin(folder);
    QObject::connect(&m_housekeeping, &QTimer::timeout, &m_housekeeping, [this] {
        try {
            m_service.keepHouse();
        } catch (const Error &error) {
            qCCritical(securityLog, "%s", error.what());
        }
    });
    m_housekeeping.start(1h);
}

void Security::makeFirstAdmin(const QString &folder)
{
    const QString password = users::makePassword();
    if (!m_accounts.createFirstAdmin(password))
        return;
    const QString file = passwordFile(folder);
    auth::writeSecretFile(file, password.toLatin1() + '\n');
    // Once: whoever reads this log could read the file.
    qCWarning(securityLog, "made the user \"admin\" with the password %s (kept in %s; change it: godwitd user passwd)",
              qUtf8Printable(password), qUtf8Printable(file));
}

void Security::addFigures(metrics::Registry &registry) const
{
    registry.addCounter("godwit_auth_token_hits_total", "Access tokens that were known already.",
                        [this] { return double(m_authenticator.figures().cacheHits); });
    registry.addCounter("godwit_auth_tokens_verified_total", "Access tokens whose signature was checked.",
                        [this] { return double(m_authenticator.figures().verified); });
    registry.addCounter("godwit_auth_refused_total", "Tokens and tickets that were not good.",
                        [this] { return double(m_authenticator.figures().refused); });
    registry.addGauge("godwit_auth_password_queue", "Passwords that wait to be hashed.",
                      [this] { return double(m_hasher.figures().waiting); });
}

void Security::addInspected(metrics::Registrations &inspected) const
{
    inspected.add(metrics::inspectable(m_hasher.bulkhead()));
    inspected.add(metrics::inspectable(m_service.loginsByName()));
}

} // namespace godwit::app
