// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QKeySequence>
#include <QList>
#include <QString>

namespace godwit::widgets {

struct Shortcut
{
    QString keys; ///< as shown: "Ctrl+1 ... Ctrl+4"
    QString what;
};

/// All keys of a program on one sheet; Esc closes it.
class ShortcutsDialog : public QDialog
{
    Q_OBJECT

public:
    explicit ShortcutsDialog(const QList<Shortcut> &shortcuts, QWidget *parent = nullptr);
};

} // namespace godwit::widgets
