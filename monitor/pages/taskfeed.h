// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/models/taskmodel.h"
#include "monitor/net/session.h"

#include <QObject>
#include <QTimer>

#include <map>
#include <memory>

namespace godwit::pages {

/// Keeps a TaskModel up to date with the server and does what users ask of tasks. The list is asked for every few
/// seconds; the newest unfinished tasks are followed by their event streams meanwhile.
class TaskFeed : public QObject
{
    Q_OBJECT

public:
    static constexpr int streamLimit = 6; ///< each is a connection that stays open

    /// @p session and @p model must outlive it.
    TaskFeed(net::Session &session, models::TaskModel &model, QObject *parent = nullptr);
    ~TaskFeed() override;

    /// While off, nothing is asked for and nothing is followed.
    void setActive(bool active);
    /// Asks for the list now.
    void refresh() { readList(); }

    void start(const protocol::NewTask &task) { create(task); }
    void cancel(qint64 id) { act(id, u"cancel"); }
    void retry(qint64 id) { act(id, u"retry"); }
    void remove(qint64 id) { erase(id); }

    /// Whether the server has ever answered, and why it did not the last time; empty if it did.
    bool hasList() const { return m_hasList; }
    const QString &problem() const { return m_problem; }
    int streamCount() const { return static_cast<int>(m_streams.size()); }

Q_SIGNALS:
    void listRead();
    void started(qint64 id);
    void failed(const QString &text);

private:
    QCoro::Task<> readList();
    QCoro::Task<> create(protocol::NewTask task);
    QCoro::Task<> act(qint64 id, QStringView action);
    QCoro::Task<> erase(qint64 id);
    void follow();
    void open(qint64 id);

    net::Session &m_session;
    models::TaskModel &m_model;
    std::map<qint64, std::unique_ptr<client::EventSource, QScopedPointerDeleteLater>> m_streams;
    QTimer m_poll;
    bool m_isReading = false;
    bool m_hasList = false;
    int m_changes = 0; // ours; an answer that is older than one is asked for again
    QString m_problem;
};

} // namespace godwit::pages
