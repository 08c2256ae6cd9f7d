// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/task.h"

#include <QAbstractTableModel>
#include <QList>
#include <QTimer>

#include <chrono>
#include <map>

namespace godwit::models {

/// The server's tasks, newest first. Progress that streams in faster than people can read it is gathered and shown
/// ten times a second; the end of a task is shown at once.
class TaskModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column {
        IdColumn,
        KindColumn,
        StatusColumn,
        ProgressColumn,
        MessageColumn,
        EtaColumn,
        CreatedColumn,
        ColumnCount
    };
    enum Role {
        TaskIdRole = Qt::UserRole, ///< qint64
        StatusRole, ///< protocol::TaskStatus
        ProgressRole, ///< double, percent
        SortRole, ///< what a proxy sorts a column by
    };

    static constexpr std::chrono::milliseconds coalescing{ 100 };

    explicit TaskModel(QObject *parent = nullptr);

    /// What the server lists now: adds, changes and removes rows, and leaves those that did not change alone.
    void setTasks(const QList<protocol::Task> &tasks);
    /// Adds one, or brings it up to date.
    void upsert(const protocol::Task &task);
    void remove(qint64 id);
    /// A streamed step. Of a task that is not in the list it is ignored, as is one that comes after the task's end.
    void apply(const protocol::TaskProgress &progress);

    const protocol::Task *task(qint64 id) const;
    QList<qint64> ids(protocol::TaskStatus status) const;
    int count(protocol::TaskStatus status) const { return static_cast<int>(ids(status).size()); }

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

Q_SIGNALS:
    /// A task has come, gone or changed its status; not for mere progress.
    void statusesChanged();

private:
    void flush();
    /// Both say whether a task came or changed its status.
    bool place(const protocol::Task &task);
    bool show(qsizetype row, const protocol::TaskProgress &progress);
    qsizetype rowOf(qint64 id) const; // -1: none
    static QString text(const protocol::Task &task, int column);
    static QVariant sortValue(const protocol::Task &task, int column);

    QList<protocol::Task> m_tasks; // by id, falling
    std::map<qint64, protocol::TaskProgress> m_waiting; // the newest of each task since the last flush
    QTimer m_flush;
};

QString displayName(protocol::TaskStatus status);
/// "45 s", "3 min", "2 h 5 min": for people, so never finer than they can use.
QString durationText(double seconds);

} // namespace godwit::models
