// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/chat/outbox.h"

#include "shared/core/ids.h"
#include "shared/core/jsonreader.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QJsonDocument>
#include <QSaveFile>

namespace godwit::chat {

using namespace Qt::StringLiterals;
using models::PendingMessage;
using models::SendState;

namespace {

QString outboxText(const char *text)
{
    return QCoreApplication::translate("godwit::chat::Outbox", text);
}

QJsonObject toJson(const Outbox::Entry &entry)
{
    return { { u"room"_s, entry.room },
             { u"user"_s, entry.user },
             { u"local_id"_s, QString::fromLatin1(entry.message.localId) },
             { u"text"_s, entry.message.text },
             { u"queued_at"_s, toRfc3339(entry.message.queuedAt) },
             { u"was_sent"_s, entry.message.wasSent },
             { u"is_refused"_s, entry.message.state == SendState::Refused },
             { u"problem"_s, entry.message.problem } };
}

Result<Outbox::Entry> fromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    Outbox::Entry entry{ .room = reader.string("room"_L1), .user = reader.string("user"_L1), .message = {} };
    entry.message.localId = reader.string("local_id"_L1).toLatin1();
    entry.message.text = reader.string("text"_L1);
    entry.message.queuedAt = fromRfc3339(reader.string("queued_at"_L1)).value_or(Timestamp());
    entry.message.wasSent = reader.boolean("was_sent"_L1, false);
    entry.message.state = reader.boolean("is_refused"_L1, false) ? SendState::Refused : SendState::Waiting;
    entry.message.problem = reader.string("problem"_L1, QString());
    return reader.finish(std::move(entry));
}

} // namespace

Outbox::Outbox(QString file) : m_file(std::move(file))
{
    QDir().mkpath(QFileInfo(m_file).absolutePath());
    m_lock = std::make_unique<QLockFile>(m_file + ".lock"_L1);
    m_lock->setStaleLockTime(0); // a window may be open for days: only a program that has ended has given it up
    if (m_lock->tryLock(0) || m_lock->error() != QLockFile::LockFailedError) {
        load();
        return;
    }
    m_file.clear();
    m_problem = outboxText("Unsent messages are kept by another window of this program, and not by this one");
}

void Outbox::load()
{
    QFile file(m_file);
    if (!file.exists())
        return;
    const auto damaged = [&] {
        m_entries.clear();
        QFile::remove(m_file + ".damaged"_L1);
        QFile::rename(m_file, m_file + ".damaged"_L1);
        m_problem = outboxText("Unsent messages could not be read; the file was put aside as %1.damaged").arg(m_file);
    };
    if (!file.open(QIODevice::ReadOnly))
        return damaged();
    const QJsonDocument document = QJsonDocument::fromJson(file.readAll());
    if (!document.isArray())
        return damaged();
    const QJsonArray array = document.array();
    for (const auto &value : array) {
        Result<Entry> entry = fromJson(value.toObject());
        if (!entry)
            return damaged();
        m_entries.append(std::move(*entry));
    }
}

void Outbox::save()
{
    if (m_file.isEmpty())
        return;
    QJsonArray array;
    for (const Entry &entry : std::as_const(m_entries))
        array.append(toJson(entry));
    QSaveFile file(m_file);
    const bool isSaved = file.open(QIODevice::WriteOnly) && file.setPermissions(QFile::ReadOwner | QFile::WriteOwner)
        && file.write(QJsonDocument(array).toJson(QJsonDocument::Compact)) >= 0 && file.commit();
    m_problem = isSaved ? QString() : outboxText("Unsent messages cannot be kept: %1").arg(file.errorString());
}

std::optional<PendingMessage> Outbox::add(const QString &room, const QString &user, const QString &text)
{
    if (m_entries.size() >= limit)
        return {};
    PendingMessage message{ .localId = makeSecretId(), .text = text, .queuedAt = Clock::system().timestamp() };
    m_entries.append({ .room = room, .user = user, .message = message });
    save();
    return message;
}

void Outbox::update(const PendingMessage &message)
{
    for (Entry &entry : m_entries) {
        if (entry.message.localId != message.localId)
            continue;
        const QJsonObject before = toJson(entry);
        entry.message = message;
        if (toJson(entry) != before)
            save();
        return;
    }
}

void Outbox::remove(const QByteArray &localId)
{
    if (m_entries.removeIf([&](const Entry &entry) { return entry.message.localId == localId; }) > 0)
        save();
}

void Outbox::adopt(const QString &from, const QString &to, Timestamp since)
{
    bool isChanged = false;
    for (Entry &entry : m_entries) {
        const PendingMessage &message = entry.message;
        if (entry.user != from || message.wasSent || message.state == SendState::Refused || message.queuedAt < since)
            continue;
        entry.user = to;
        isChanged = true;
    }
    if (isChanged)
        save();
}

QList<PendingMessage> Outbox::messages(const QString &room, const QString &user) const
{
    QList<PendingMessage> result;
    for (const Entry &entry : m_entries) {
        if (entry.room == room && entry.user == user)
            result.append(entry.message);
    }
    return result;
}

std::optional<PendingMessage> Outbox::message(const QByteArray &localId) const
{
    for (const Entry &entry : m_entries) {
        if (entry.message.localId == localId)
            return entry.message;
    }
    return {};
}

QStringList Outbox::rooms(const QString &user) const
{
    QStringList result;
    for (const Entry &entry : m_entries) {
        if (entry.user == user && !result.contains(entry.room))
            result.append(entry.room);
    }
    return result;
}

} // namespace godwit::chat
