// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/pages/taskform.h"
#include "shared/protocol/task.h"

#include <QDialog>

class QComboBox;
class QPushButton;

namespace godwit::pages {

/// Asks what the server shall do: a kind of task, and what that one takes.
class StartTaskDialog : public QDialog
{
    Q_OBJECT

public:
    /// @p whyNot says of each kind that our role may not start why.
    explicit StartTaskDialog(const WhyNot &whyNot, QWidget *parent = nullptr);

    /// @param name the server's.
    void setKind(const QString &name);
    /// What is entered now.
    protocol::NewTask task() const;

Q_SIGNALS:
    void chosen(const godwit::protocol::NewTask &task);

private:
    void refuse(int kind, const QString &why);
    void showKind();

    QList<TaskForm *> m_forms;
    QComboBox *m_kind = nullptr;
    QPushButton *m_start = nullptr;
};

} // namespace godwit::pages
