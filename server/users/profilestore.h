// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/connection.h"
#include "shared/core/clock.h"

#include <QJsonObject>
#include <QList>

namespace godwit::users {

/// Something that a user did, or that was done to the account.
struct Activity
{
    qint64 id = 0;
    QString kind{};
    QString detail{};
    Timestamp at{};

    QJsonObject toJson() const;
};

/// From a user to another.
struct Friend
{
    qint64 id = 0; ///< the other's
    QString name{};
    Timestamp since{};

    QJsonObject toJson() const;
};

namespace activity {
inline constexpr char16_t accountCreated[] = u"account_created";
inline constexpr char16_t accountUpdated[] = u"account_updated";
inline constexpr char16_t passwordChanged[] = u"password_changed";
inline constexpr char16_t preferencesChanged[] = u"preferences_changed";
inline constexpr char16_t connectionAdded[] = u"connection_added";
inline constexpr char16_t connectionRemoved[] = u"connection_removed";
inline constexpr char16_t login[] = u"login";
inline constexpr char16_t documentCreated[] = u"document_created";
inline constexpr char16_t taskCreated[] = u"task_created";
} // namespace activity

/// The SQL of what belongs to users. Each function is a job's work, on a thread of the pool, and throws
/// Error::NotFound where there is no such user.
namespace store {

QJsonObject preferences(db::Connection &connection, qint64 userId); ///< empty if there are none
void setPreferences(db::Connection &connection, qint64 userId, const QJsonObject &preferences, Timestamp now);

inline constexpr int keptActivity = 1'000; ///< of a user
/// In the transaction of what it tells of. Of a user that is known to be there.
void addActivity(db::Connection &connection, qint64 userId, QStringView kind, const QString &detail, Timestamp now);
/// The same for who may be none of the table: the local token, whoever nobody has asked for a name, or a user who has
/// gone meanwhile. Nothing then. @p what was made, with its @p id.
void addCreation(db::Connection &connection, qint64 userId, QStringView kind, const QString &what, qint64 id,
                 Timestamp now);
/// Newest first; those before the one with id @p before, if it is not 0.
QList<Activity> activity(db::Connection &connection, qint64 userId, qint64 before, int limit);

inline constexpr int mostConnections = 5'000; ///< of a user
/// In order of the others' ids, behind @p after.
QList<Friend> connections(db::Connection &connection, qint64 userId, qint64 after, int limit);
/// Error::NotFound where they are not connected.
Friend connectionTo(db::Connection &connection, qint64 userId, qint64 friendId);
/// Does nothing where they are connected. Error::Conflict beyond mostConnections.
Friend connectTo(db::Connection &connection, qint64 userId, qint64 friendId, Timestamp now);
/// Error::NotFound where they are not connected.
void disconnectFrom(db::Connection &connection, qint64 userId, qint64 friendId, Timestamp now);

} // namespace store
} // namespace godwit::users
