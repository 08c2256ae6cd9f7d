// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/net/keyring.h"

#include <QHash>
#include <QMetaObject>
#include <QObject>

namespace godwit::test {

/// A keyring in memory, which answers later as the real one does; or the lack of one.
class FakeKeyring final : public net::Keyring
{
public:
    QHash<QString, QByteArray> secrets;
    bool isThere = true;
    int reads = 0;

    void read(const QString &key, QObject *context, Found found) override
    {
        ++reads;
        later(context, [this, key, found] {
            if (!isThere)
                found(failure(Error::Code::Unavailable, QStringLiteral("no backend")));
            else if (!secrets.contains(key))
                found(failure(Error::Code::NotFound, QStringLiteral("no entry")));
            else
                found(secrets.value(key));
        });
    }
    void write(const QString &key, const QByteArray &secret, QObject *context, Done done) override
    {
        later(context, [this, key, secret, done] {
            if (!isThere)
                return done(failure(Error::Code::Unavailable, QStringLiteral("no backend")));
            secrets.insert(key, secret);
            done({});
        });
    }
    void remove(const QString &key, QObject *context, Done done) override
    {
        later(context, [this, key, done] {
            secrets.remove(key);
            done({});
        });
    }

private:
    template<class Answer>
    static void later(QObject *context, Answer answer)
    {
        QMetaObject::invokeMethod(context, answer, Qt::QueuedConnection);
    }
};

} // namespace godwit::test
