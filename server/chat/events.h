// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/chat.h"

#include <QByteArray>

/// What a room's topic of the event log holds, and what clients of godwit.chat.v1 get: the same bytes, encoded once.
namespace godwit::chat::events {

QByteArray posted(const protocol::ChatMessage &message);
/// What clients without a subprotocol get of posted(): `{user, message, timestamp, room, id, offset}`. Empty for other
/// events.
QByteArray plainPart(const QByteArray &event);

/// Of @p message, as it is now; by whom and when is that of the event.
QByteArray edited(const protocol::ChatMessage &message, qint64 offset, const QString &by, Timestamp at);
QByteArray deleted(const protocol::ChatMessage &message, qint64 offset, const QString &by, Timestamp at);

// Those below are of the moment, and have no offset.
QByteArray presence(const QString &room, const QString &user, bool isOnline, int count);
QByteArray typing(const QString &room, const QString &user);
QByteArray read(const QString &room, const QString &user, qint64 offset);

} // namespace godwit::chat::events
