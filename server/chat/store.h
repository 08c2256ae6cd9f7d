// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/connection.h"
#include "shared/core/clock.h"
#include "shared/protocol/chat.h"

#include <QList>

namespace godwit::chat {

/// What is asked to be posted; already valid (names.h).
struct NewMessage
{
    QString room;
    QString user;
    QString text;
};

/// A room that has messages.
struct Room
{
    QString name;
    qint64 lastOffset = 0; ///< and so the number of its messages
    Timestamp lastMessageAt{};
};

/// Where a page of history ends: messages with smaller offsets, at most that many.
struct Page
{
    qint64 before = 0; ///< 0: from the newest
    int limit = 50;
};

/// The SQL of chat. Each function is a job's work, on a thread of the pool.
namespace store {

/// Gives the message its id and the room's next offset; makes the room if it is the first.
protocol::ChatMessage append(db::Connection &connection, const NewMessage &message, Timestamp now);
/// In order of their offsets.
QList<protocol::ChatMessage> messages(db::Connection &connection, const QString &room, Page page);
/// In order of their names; at most @p limit of those behind @p after.
QList<Room> rooms(db::Connection &connection, const QString &after, int limit);

} // namespace store
} // namespace godwit::chat
