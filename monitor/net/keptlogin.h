// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/net/keyring.h"
#include "shared/client/credentials.h"

#include <QLockFile>
#include <QObject>

#include <memory>

namespace godwit::net {

/// A login that outlives the program: its refresh token in the keyring, each time the newest.
///
/// One window at a time keeps a server's login: a refresh token that two of them use ends the login of both.
class KeptLogin : public QObject
{
    Q_OBJECT

public:
    struct Options
    {
        QString key; ///< in the keyring: the program and the server
        QString lockFile; ///< held while this window keeps the login; empty: no other window is expected
    };

    /// All must outlive it.
    KeptLogin(client::Credentials &credentials, Keyring &keyring, Options options, QObject *parent = nullptr);

    /// Takes up the login that is in the keyring; until that has answered, the credentials wait.
    void restore();
    /// Whether a login can be kept here: Unavailable (no keyring) or Conflict (another window keeps one) says why not.
    void check(QObject *context, Keyring::Done done);
    /// From the next login on.
    void setKeeping(bool isKeeping) { m_isWanted = isKeeping; }

Q_SIGNALS:
    /// What is in the keyring now: whether restore() would find something.
    void keptChanged(bool isKept);
    void failed(const QString &text);

private:
    bool lock();
    void onRefreshToken(const QByteArray &token);

    client::Credentials &m_credentials;
    Keyring &m_keyring;
    Options m_options;
    std::unique_ptr<QLockFile> m_lock;
    bool m_isWanted = false;
    bool m_isKept = false;
};

} // namespace godwit::net
