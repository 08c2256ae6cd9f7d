// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/connection.h"
#include "shared/core/clock.h"
#include "shared/protocol/principal.h"

#include <QJsonObject>
#include <QList>

#include <optional>

namespace godwit::files {

/// Whose a file or an upload is; userId 0: of a local program, or, without a name, nobody's.
struct Owner
{
    qint64 userId = 0;
    QString name{};

    static Owner of(const protocol::Principal &caller) { return { .userId = caller.userId, .name = caller.name }; }
    /// Operators may all.
    bool admits(const protocol::Principal &caller) const;
};

struct File
{
    qint64 id = 0;
    QString name{};
    qint64 size = 0;
    QString type{};
    QByteArray sha256{}; ///< in hexadecimal; empty: not known
    Owner owner;
    Timestamp createdAt{};

    QJsonObject toJson() const;
};

struct Upload
{
    QByteArray id{};
    QString name{};
    qint64 length = 0;
    qint64 received = 0; ///< bytes that are on disk
    QByteArray metadata{}; ///< as the client gave it
    Owner owner;
    Timestamp createdAt{}, expiresAt{};
    QString finishedAs{}; ///< the file that it has become; empty: none yet

    bool isFinished() const { return !finishedAs.isEmpty(); }
    QJsonObject toJson() const;
};

/// Jobs' work, on a thread of the pool.
namespace store {

/// Newest first; those before the id @p before (0: all).
QList<File> list(db::Connection &connection, qint64 before, int limit);
std::optional<File> find(db::Connection &connection, const QString &name);
/// Its id is given here. Error::Conflict if the name is taken.
File add(db::Connection &connection, File file);
void remove(db::Connection &connection, qint64 id);

/// Bytes of all files, and of uploads as they were announced.
qint64 bytesInUse(db::Connection &connection);
int unfinishedOf(db::Connection &connection, const Owner &owner);
/// Bytes that have been announced, and not received.
qint64 announcedOf(db::Connection &connection, const Owner &owner);
void addUpload(db::Connection &connection, const Upload &upload);
std::optional<Upload> findUpload(db::Connection &connection, const QByteArray &id);
QList<Upload> uploads(db::Connection &connection);
QList<QByteArray> expired(db::Connection &connection, Timestamp now);
void setReceived(db::Connection &connection, const QByteArray &id, qint64 received, Timestamp expiresAt);
void setFinished(db::Connection &connection, const QByteArray &id, const QString &name);
void removeUpload(db::Connection &connection, const QByteArray &id);

} // namespace store
} // namespace godwit::files
