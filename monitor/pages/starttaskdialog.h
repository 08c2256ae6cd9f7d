// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/task.h"

#include <QDialog>

class QComboBox;
class QDoubleSpinBox;
class QPlainTextEdit;
class QPushButton;
class QStackedWidget;

namespace godwit::pages {

/// Asks what the server shall do: import files into search, or wait.
class StartTaskDialog : public QDialog
{
    Q_OBJECT

public:
    enum class Kind { Import, Sleep };

    explicit StartTaskDialog(QWidget *parent = nullptr);

    void setKind(Kind kind);
    /// Says @p why nothing can be imported; empty: it can.
    void setImportRefused(const QString &why);
    /// What is entered now.
    protocol::NewTask task() const;

Q_SIGNALS:
    void chosen(const godwit::protocol::NewTask &task);

private:
    QWidget *makeImport();
    QWidget *makeSleep();
    void addPaths(const QStringList &paths);
    QStringList paths() const;
    void check();

    QComboBox *m_kind = nullptr;
    QStackedWidget *m_fields = nullptr;
    QPlainTextEdit *m_paths = nullptr;
    QDoubleSpinBox *m_seconds = nullptr;
    QPushButton *m_start = nullptr;
};

} // namespace godwit::pages
