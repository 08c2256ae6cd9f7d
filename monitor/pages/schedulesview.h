// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/net/session.h"

#include <QTimer>
#include <QWidget>

class QLabel;
class QPushButton;
class QStackedLayout;
class QStandardItemModel;
class QTableView;

namespace godwit::widgets {
class EmptyState;
}

namespace godwit::pages {

/// The server's schedules: what is submitted when, and by whom; operators switch them on and off, and remove them.
/// Reads them while it is shown.
class SchedulesView : public QWidget
{
    Q_OBJECT

public:
    /// @p session must outlive it.
    explicit SchedulesView(net::Session &session, QWidget *parent = nullptr);

    QTableView *table() const { return m_table; }

Q_SIGNALS:
    void failed(const QString &text);

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void makeTable();
    QCoro::Task<> readList();
    QCoro::Task<> change(QString path, QJsonObject patch);
    QCoro::Task<> remove(QString path);
    void showList(const QJsonArray &items);
    void showActions();
    QString pathOf(int row) const;
    void told(const Result<client::Answer> &answer);

    net::Session &m_session;
    QTimer m_poll;
    QStandardItemModel *m_model = nullptr;
    QTableView *m_table = nullptr;
    QStackedLayout *m_stack = nullptr;
    widgets::EmptyState *m_empty = nullptr;
    QPushButton *m_switch = nullptr, *m_remove = nullptr;
};

/// "daily at 02:30", "every 15 minutes", "Mon at 06:00", "on day 1 at 04:00" for the common forms of a cron expression;
/// others as they are.
QString cronText(const QString &cron);

} // namespace godwit::pages
