// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/models/taskmodel.h"
#include "monitor/net/session.h"
#include "monitor/pages/taskfeed.h"
#include "monitor/widgets/page.h"

#include <QSortFilterProxyModel>

class QComboBox;
class QLabel;
class QPushButton;
class QStackedLayout;
class QTableView;

namespace godwit::widgets {
class EmptyState;
}

namespace godwit::pages {

class SchedulesView;
class TaskDetails;

/// Which tasks are shown.
class TaskFilter : public QSortFilterProxyModel
{
    Q_OBJECT

public:
    enum class Show { All, Active, Completed, Failed, Cancelled };

    using QSortFilterProxyModel::QSortFilterProxyModel;

    void setShown(Show shown);

protected:
    bool filterAcceptsRow(int row, const QModelIndex &parent) const override;

private:
    Show m_shown = Show::All;
};

/// The server's tasks with their progress: start, cancel, retry, remove.
class TasksPage : public widgets::Page
{
    Q_OBJECT

public:
    /// @p session must outlive it.
    explicit TasksPage(net::Session &session, QWidget *parent = nullptr);

    models::TaskModel &model() { return m_model; }
    TaskFeed &feed() { return m_feed; }
    QTableView *table() const { return m_table; }

    void setPaused(bool paused) override;
    QWidget *firstFocus() override;

public Q_SLOTS:
    void askToStart();

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    void makeToolBar();
    void makeTable();
    void connectParts();
    QList<qint64> selected() const;
    /// Why we may do nothing to one of @p ids, which are others'; empty if we may.
    QString whyNotTo(const QList<qint64> &ids) const;
    bool areSchedulesShown() const;
    bool isLoginNeeded() const;
    void showState();
    void showActions();
    void showDetails();
    void showMenu(const QPoint &point);
    void forSelected(void (TaskFeed::*action)(qint64));

    net::Session &m_session;
    models::TaskModel m_model;
    TaskFilter m_filter;
    TaskFeed m_feed;
    QTableView *m_table = nullptr;
    QStackedLayout *m_stack = nullptr;
    widgets::EmptyState *m_empty = nullptr;
    QComboBox *m_show = nullptr;
    QPushButton *m_start = nullptr, *m_cancel = nullptr, *m_retry = nullptr, *m_remove = nullptr;
    QLabel *m_problem = nullptr;
    TaskDetails *m_details = nullptr;
    SchedulesView *m_schedules = nullptr;
    bool m_hadRows = false;
};

} // namespace godwit::pages
