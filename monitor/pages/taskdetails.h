// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/net/session.h"
#include "shared/protocol/task.h"

#include <QFrame>
#include <QTimer>

#include <optional>
#include <stop_token>

class QLabel;
class QPlainTextEdit;

namespace godwit::pages {

/// One task: who wanted what, what came of it, and what it says while it runs (GET /api/tasks/{id}/log).
class TaskDetails : public QFrame
{
    Q_OBJECT

public:
    /// @p session must outlive it.
    explicit TaskDetails(net::Session &session, QWidget *parent = nullptr);
    ~TaskDetails() override;

    /// Null for none. To be called again when the task has changed: then more of its log is read.
    void setTask(const protocol::Task *task);

private:
    void showTask();
    void askForLog();
    QCoro::Task<> readLog(qint64 id, qint64 after, std::stop_token stop);
    void append(const QJsonArray &lines);

    net::Session &m_session;
    std::optional<protocol::Task> m_task;
    qint64 m_lastLine = 0; // of the log, that is shown
    bool m_isReading = false;
    std::stop_source m_stop;
    QTimer m_pause; // before more is read: a task may change ten times a second
    QLabel *m_title = nullptr, *m_about = nullptr, *m_params = nullptr;
    QPlainTextEdit *m_log = nullptr;
};

/// "path a.bin, keep 7": of what a task takes, or has found; an object that is empty says nothing.
QString membersText(const QJsonObject &object);

} // namespace godwit::pages
