// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/net/keptlogin.h"

#include <QDir>
#include <QFileInfo>

namespace godwit::net {

using namespace Qt::StringLiterals;

KeptLogin::KeptLogin(client::Credentials &credentials, Keyring &keyring, Options options, QObject *parent)
    : QObject(parent),
      m_credentials(credentials),
      m_keyring(keyring),
      m_options(std::move(options))
{
    connect(&m_credentials, &client::Credentials::refreshTokenChanged, this, &KeptLogin::onRefreshToken);
}

bool KeptLogin::lock()
{
    if (m_options.lockFile.isEmpty())
        return true;
    if (!m_lock) {
        QDir().mkpath(QFileInfo(m_options.lockFile).absolutePath());
        m_lock = std::make_unique<QLockFile>(m_options.lockFile);
        m_lock->setStaleLockTime(0); // a window may be open for days
    }
    return m_lock->isLocked() || m_lock->tryLock(0);
}

void KeptLogin::restore()
{
    if (!lock())
        return; // the window that has it renews it; this one is asked for a login of its own, if one is needed
    m_credentials.expectLogin();
    m_keyring.read(m_options.key, this, [this](const Result<QByteArray> &found) {
        m_isKept = m_isWanted = found && !found->isEmpty();
        if (!found && found.error().code() != Error::Code::NotFound)
            Q_EMIT failed(tr("The keyring did not give out your login: %1").arg(found.error().message()));
        m_credentials.resume(found.value_or(QByteArray()));
    });
}

void KeptLogin::check(QObject *context, Keyring::Done done)
{
    if (!lock())
        return done(failure(Error::Code::Conflict, tr("Another window keeps its login to this server")));
    m_keyring.read(m_options.key, context, [done = std::move(done)](const Result<QByteArray> &found) {
        const bool isThere = found || found.error().code() == Error::Code::NotFound;
        done(isThere ? Result<void>() : Failure(found.error()));
    });
}

void KeptLogin::onRefreshToken(const QByteArray &token)
{
    if (!token.isEmpty() && m_isWanted) {
        m_keyring.write(m_options.key, token, this, [this](const Result<void> &written) {
            m_isKept = written.has_value();
            Q_EMIT keptChanged(m_isKept);
            if (!written)
                Q_EMIT failed(tr("Your login could not be kept: %1").arg(written.error().message()));
        });
    } else if (m_isKept) {
        m_isKept = false;
        m_keyring.remove(m_options.key, this, [](const Result<void> &) { }); // it is worth nothing any more
        Q_EMIT keptChanged(false);
    }
}

} // namespace godwit::net
