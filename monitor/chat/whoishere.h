// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/core/clock.h"

#include <QMap>
#include <QObject>
#include <QStringList>
#include <QTimer>

namespace godwit::chat {

/// Who is in a room, and who of them writes just now.
class WhoIsHere : public QObject
{
    Q_OBJECT

public:
    /// Nobody tells that they have stopped writing: so long after the last word of it they have.
    static constexpr std::chrono::milliseconds typingLasts{ 5'000 };

    /// @p user is ourselves, who are not told of.
    explicit WhoIsHere(const QString &user, QObject *parent = nullptr);

    /// How many users are here; 0: not known.
    int count() const { return m_count; }
    /// Some of them, in the order of their names; all if there are as many as count().
    const QStringList &users() const { return m_users; }
    /// In the order of their names.
    QStringList typing() const { return m_typing.keys(); }

    void set(QStringList users, int count);
    void came(const QString &user, int count);
    void left(const QString &user, int count);
    void types(const QString &user);
    void stopsTyping(const QString &user);
    /// Without a connection nothing is known.
    void forget();

Q_SIGNALS:
    void changed();
    void typingChanged();

private:
    void sweep();

    const QString m_user;
    QStringList m_users;
    int m_count = 0;
    QMap<QString, TimePoint> m_typing; // until when
    QTimer m_sweep;
};

/// "ada is typing…", "ada and bob are typing…", "Several people are typing…"; empty for nobody.
QString typingText(const QStringList &users);
/// One name a line, and how many more there are.
QString presenceText(const WhoIsHere &here);

} // namespace godwit::chat
