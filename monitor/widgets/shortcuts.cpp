// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/widgets/shortcuts.h"

#include "monitor/widgets/theme.h"

#include <QDialogButtonBox>
#include <QGridLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace godwit::widgets {

using namespace Qt::StringLiterals;

ShortcutsDialog::ShortcutsDialog(const QList<Shortcut> &shortcuts, QWidget *parent) : QDialog(parent)
{
    setWindowTitle(tr("Keyboard shortcuts"));
    auto *title = new QLabel(windowTitle());
    title->setFont(textFont(Type::Title));

    auto *rows = new QGridLayout;
    rows->setHorizontalSpacing(space::xl);
    rows->setVerticalSpacing(space::s);
    rows->setColumnStretch(0, 1);
    for (const Shortcut &shortcut : shortcuts) {
        auto *keys = new QLabel(shortcut.keys);
        keys->setProperty("role", u"key"_s);
        const int row = rows->rowCount();
        rows->addWidget(new QLabel(shortcut.what), row, 0);
        rows->addWidget(keys, row, 1, Qt::AlignRight);
    }
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::xl, space::l, space::xl, space::l);
    layout->setSpacing(space::l);
    layout->addWidget(title);
    layout->addLayout(rows);
    layout->addWidget(buttons);
    setMinimumWidth(440);
}

} // namespace godwit::widgets
