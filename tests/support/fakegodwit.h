// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/chat.h"
#include "shared/protocol/metrics.h"
#include "shared/protocol/search.h"
#include "shared/protocol/task.h"
#include "tests/support/fakeserver.h"

namespace godwit::test {

/// A FakeServer that behaves as godwitd does, in memory, and only when the test says so.
class FakeGodwit : public FakeServer
{
    Q_OBJECT

public:
    explicit FakeGodwit(QObject *parent = nullptr);

    /// To every reader of GET /api/metrics/stream.
    void sendSample(const protocol::MetricsSample &sample);
    /// A plausible one for @p second of a day that looks like work; always the same for the same second.
    static protocol::MetricsSample sampleAt(Timestamp time, int second);

    /// As if @p user had posted. @return its offset.
    qint64 post(const QString &room, const QString &user, const QString &text);
    /// The same with everything chosen by the test, a time of day for one. Id and offset are the next.
    qint64 say(protocol::ChatMessage message);
    void edit(const QString &room, qint64 offset, const QString &text);
    void remove(const QString &room, qint64 offset);
    /// How far @p user has read.
    void setRead(const QString &room, const QString &user, qint64 offset) { m_read.insert(room + u'/' + user, offset); }
    /// To all in the room, and nowhere kept: `typing`, `presence`, `read`.
    void tell(const QString &room, const QString &type, QJsonObject event);
    const QList<protocol::ChatMessage> &messages() const { return m_messages; }
    /// While off, commands of chat are taken and nothing is done; join and recover are answered.
    void setAnswering(bool answering) { m_isAnswering = answering; }
    /// While off, what is posted is stored, and neither acknowledged nor told.
    void setAcking(bool acking) { m_isAcking = acking; }
    /// Posts are refused by this; empty: they are not.
    void setRefusal(const QJsonObject &refusal) { m_refusal = refusal; }
    /// Whether those who join from now on may delete what others have posted.
    void setModerating(bool moderating) { m_isModerating = moderating; }
    /// Offsets begin anew under another epoch, and nobody can recover.
    void startOver();
    /// What was told up to now is no longer kept: who recovers from before gets `gap`.
    void forgetEvents();
    /// Of one type, that clients have sent.
    QList<QJsonObject> commands(const QString &type) const;

    QList<protocol::Task> &tasks() { return m_tasks; }
    /// Changes the task and tells the readers of its events; the final states end their streams.
    void progress(const protocol::TaskProgress &progress);

    /// What GET /api/search answers, whatever was asked.
    void setHits(QList<protocol::SearchHit> hits) { m_hits = std::move(hits); }

private:
    void serveMetrics();
    void serveChat();
    void serveRooms();
    void openChat(QWebSocket &socket);
    void obey(QWebSocket &socket, const QString &user, const QJsonObject &command);
    void enter(QWebSocket &socket, const QString &user, const QJsonObject &command);
    void take(QWebSocket &socket, const QString &user, const QJsonObject &command);
    void change(QWebSocket &socket, const QString &user, const QJsonObject &command);
    qint64 publish(const QString &room, QJsonObject event);
    protocol::ChatMessage *messageAt(const QString &room, qint64 offset);
    QStringList usersIn(const QString &room) const;
    QJsonObject standing(const QString &room, const QString &user) const;
    void serveTasks();
    void serveSearch();
    protocol::Task *task(const FakeRequest &request);

    QList<FakeReply> m_metricsReaders;
    QMultiHash<QString, QPointer<QWebSocket>> m_rooms; // who is in them
    QList<protocol::ChatMessage> m_messages;
    QHash<QString, QList<QJsonObject>> m_events; // by room; at offset - 1
    QHash<QString, qint64> m_forgotten; // by room: the greatest offset that is not kept
    QHash<QString, qint64> m_read; // by room and user
    QHash<QString, qint64> m_posted; // offsets by user and client_id
    QList<QJsonObject> m_commands;
    QJsonObject m_refusal;
    int m_epoch = 1;
    bool m_isAnswering = true, m_isAcking = true, m_isModerating = false;
    QList<protocol::Task> m_tasks;
    QMultiHash<qint64, FakeReply> m_taskReaders;
    QList<protocol::SearchHit> m_hits;
};

} // namespace godwit::test
