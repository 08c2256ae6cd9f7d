// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/chat/events.h"

#include "shared/core/jsontext.h"

#include <QJsonArray>
#include <QJsonDocument>

namespace godwit::chat::events {

/// Behind the members that everybody gets. Within a string of JSON no quote stands behind a comma: it would be escaped.
static constexpr QByteArrayView postedMark = ",\"type\":\"posted\"";

static QByteArray withMentions(QByteArray object, const QStringList &mentions)
{
    if (mentions.isEmpty())
        return object;
    object.chop(1);
    return object
        + ",\"mentions\":" + QJsonDocument(QJsonArray::fromStringList(mentions)).toJson(QJsonDocument::Compact) + '}';
}

QByteArray posted(const protocol::ChatMessage &message)
{
    JsonText json;
    json.add("user", message.user)
        .add("message", message.message)
        .add("timestamp", toRfc3339(message.timestamp))
        .add("room", message.room)
        .add("id", message.id)
        .add("offset", message.offset)
        .add("type", QByteArrayView("posted"));
    if (!message.file.isEmpty())
        json.add("file", message.file);
    return withMentions(std::move(json).finish(), message.mentions);
}

QByteArray plainPart(const QByteArray &event)
{
    const qsizetype end = event.indexOf(postedMark);
    return end > 0 ? QByteArray(event.first(end) + '}') : QByteArray();
}

static JsonText changed(QByteArrayView type, const protocol::ChatMessage &message, qint64 offset, const QString &by,
                        Timestamp at)
{
    JsonText json;
    json.add("type", type)
        .add("room", message.room)
        .add("offset", offset)
        .add("message_offset", message.offset)
        .add("user", by)
        .add("timestamp", toRfc3339(at));
    return json;
}

QByteArray edited(const protocol::ChatMessage &message, qint64 offset, const QString &by, Timestamp at)
{
    JsonText json = changed("edited", message, offset, by, at);
    json.add("message", message.message);
    return withMentions(std::move(json).finish(), message.mentions);
}

QByteArray deleted(const protocol::ChatMessage &message, qint64 offset, const QString &by, Timestamp at)
{
    return changed("deleted", message, offset, by, at).finish();
}

static JsonText ofMoment(QByteArrayView type, const QString &room, const QString &user)
{
    JsonText json;
    json.add("type", type).add("room", room).add("user", user);
    return json;
}

QByteArray presence(const QString &room, const QString &user, bool isOnline, int count)
{
    JsonText json = ofMoment("presence", room, user);
    json.add("state", isOnline ? QByteArrayView("online") : QByteArrayView("offline")).add("count", qint64(count));
    return std::move(json).finish();
}

QByteArray typing(const QString &room, const QString &user)
{
    return ofMoment("typing", room, user).finish();
}

QByteArray read(const QString &room, const QString &user, qint64 offset)
{
    JsonText json = ofMoment("read", room, user);
    json.add("offset", offset);
    return std::move(json).finish();
}

} // namespace godwit::chat::events
