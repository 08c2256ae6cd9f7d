// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/models/chatmodel.h"

#include <QList>
#include <QLockFile>
#include <QString>

#include <memory>
#include <optional>

namespace godwit::chat {

/// What a user has written and the server has not confirmed, of all rooms of one server. With a file it outlives the
/// program: each change is on the disk before the call returns. What may have arrived is sent again all the same: the
/// server knows it by its localId. One thread.
class Outbox
{
public:
    static constexpr qsizetype limit = 500;

    struct Entry
    {
        QString room;
        QString user; ///< under whose name it was written
        models::PendingMessage message;
    };

    /// In memory only.
    Outbox() = default;
    /// A file that cannot be read is put aside as `<file>.damaged`, and problem() says so. One that another program
    /// holds is left alone: then this one is in memory only, and problem() says that.
    explicit Outbox(QString file);

    /// Nothing if the outbox is full.
    std::optional<models::PendingMessage> add(const QString &room, const QString &user, const QString &text);
    /// Takes over how far the message with the same id has come.
    void update(const models::PendingMessage &message);
    void remove(const QByteArray &localId);
    /// What was written as @p from since @p since, and never sent, is @p to's from now on.
    void adopt(const QString &from, const QString &to, Timestamp since);

    QList<models::PendingMessage> messages(const QString &room, const QString &user) const;
    std::optional<models::PendingMessage> message(const QByteArray &localId) const;
    /// Rooms in which @p user has something to send.
    QStringList rooms(const QString &user) const;
    qsizetype size() const { return m_entries.size(); }

    /// Why the outbox is not kept on the disk; empty if all is well.
    const QString &problem() const { return m_problem; }

private:
    void load();
    void save();

    QString m_file; // empty: in memory only
    std::unique_ptr<QLockFile> m_lock;
    QList<Entry> m_entries;
    QString m_problem;
};

} // namespace godwit::chat
