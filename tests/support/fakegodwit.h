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

    /// As if @p user had posted.
    void post(const QString &room, const QString &user, const QString &text);
    /// The same with everything chosen by the test: an offset that leaves a gap, a time of day.
    void say(const protocol::ChatMessage &message);
    const QList<protocol::ChatMessage> &messages() const { return m_messages; }
    /// While off, messages are taken and never echoed.
    void setEchoing(bool echoing) { m_isEchoing = echoing; }

    QList<protocol::Task> &tasks() { return m_tasks; }
    /// Changes the task and tells the readers of its events; the final states end their streams.
    void progress(const protocol::TaskProgress &progress);

    /// What GET /api/search answers, whatever was asked.
    void setHits(QList<protocol::SearchHit> hits) { m_hits = std::move(hits); }

private:
    void serveMetrics();
    void serveChat();
    void serveHistory();
    void serveTasks();
    void serveSearch();
    protocol::Task *task(const FakeRequest &request);

    QList<FakeReply> m_metricsReaders;
    QMultiHash<QString, QPointer<QWebSocket>> m_rooms;
    QList<protocol::ChatMessage> m_messages;
    bool m_isEchoing = true;
    QList<protocol::Task> m_tasks;
    QMultiHash<qint64, FakeReply> m_taskReaders;
    QList<protocol::SearchHit> m_hits;
};

} // namespace godwit::test
