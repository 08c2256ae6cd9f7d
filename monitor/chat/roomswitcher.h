// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/models/roommodel.h"

#include <QDialog>
#include <QLineEdit>
#include <QListWidget>

namespace godwit::chat {

/// Switches to a room or joins one by a few letters of its name: arrows choose, Enter goes, Esc leaves.
class RoomSwitcher : public QDialog
{
    Q_OBJECT

public:
    explicit RoomSwitcher(const models::RoomModel &rooms, QWidget *parent = nullptr);

Q_SIGNALS:
    void chosen(const QString &room);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void filter(const QString &text);
    void choose();

    const QList<models::Room> m_rooms; // as they were when it was opened
    QLineEdit *m_name = nullptr;
    QListWidget *m_list = nullptr;
};

} // namespace godwit::chat
