// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/connection.h"
#include "shared/core/clock.h"
#include "shared/protocol/chat.h"
#include "shared/protocol/principal.h"

#include <QList>

#include <optional>

namespace godwit::chat {

/// What is asked to be posted; already valid (names.h).
struct NewMessage
{
    QString room;
    QString user;
    QString text;
    qint64 userId = 0; ///< in the table of users; 0: only known by name
    QString clientId{}; ///< its name at the sender: the same again is answered with the first. Empty: never
    QString file{}; ///< one under /files that goes with it; empty: none
};

/// Which messages a page of history has: before an offset, or behind one, or the newest.
struct Page
{
    qint64 before = 0; ///< 0: from the newest
    qint64 after = 0; ///< above 0: those with greater offsets, from there on
    int limit = 50;
    QString words{}; ///< as search::parseQuery() understands them; empty: all messages
};

/// The SQL of messages. Each function is a job's work, on a thread of the pool.
namespace store {

/// Gives the message its id; makes the room if it is the first. Its offset is the next of the room's topic.
/// Error::FailedValidation if there is no file of that name.
protocol::ChatMessage add(db::Connection &connection, const NewMessage &message, qint64 offset, Timestamp now);
std::optional<protocol::ChatMessage> message(db::Connection &connection, const QString &room, qint64 offset);
/// By the author's id, for a name may be given again; by the name where no id is known.
bool isBy(db::Connection &connection, const protocol::ChatMessage &message, const protocol::Principal &user);
/// So much text a page has at most, and a message more: it goes in one piece.
inline constexpr qsizetype pageBytes = 512 * 1024;

struct Messages
{
    QList<protocol::ChatMessage> list{}; ///< in order of their offsets
    bool isCut = false; ///< there may be more of the page: it was too much text
};
Messages messages(db::Connection &connection, const QString &room, const Page &page);

/// Gives @p message, which is there, another text. @p offset is that of the edit.
protocol::ChatMessage edit(db::Connection &connection, protocol::ChatMessage message, const QString &text,
                           qint64 offset, Timestamp now);
/// Leaves of it that it was there, and by whom.
protocol::ChatMessage remove(db::Connection &connection, protocol::ChatMessage message, qint64 offset, Timestamp now);

} // namespace store
} // namespace godwit::chat
