// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/result.h"

#include <QByteArray>
#include <QString>

#include <functional>

class QObject;

namespace godwit::net {

/// Where a desktop keeps secrets. Each call is answered later, in the same thread, unless its context has died.
class Keyring
{
public:
    using Found = std::function<void(const Result<QByteArray> &)>; ///< NotFound: no such secret
    using Done = std::function<void(const Result<void> &)>; ///< Unavailable: no keyring here

    virtual ~Keyring() = default;
    virtual void read(const QString &key, QObject *context, Found found) = 0;
    virtual void write(const QString &key, const QByteArray &secret, QObject *context, Done done) = 0;
    virtual void remove(const QString &key, QObject *context, Done done) = 0;
};

/// The system's: Secret Service or KWallet on Linux. Never a file of ours: where there is none, there is none.
class SystemKeyring final : public Keyring
{
public:
    void read(const QString &key, QObject *context, Found found) override;
    void write(const QString &key, const QByteArray &secret, QObject *context, Done done) override;
    void remove(const QString &key, QObject *context, Done done) override;
};

} // namespace godwit::net
