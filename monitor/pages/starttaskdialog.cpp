// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/pages/starttaskdialog.h"

#include "monitor/widgets/theme.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QPushButton>
#include <QStandardItemModel>

namespace godwit::pages {

using namespace Qt::StringLiterals;
using protocol::NewTask;
namespace space = widgets::space;

StartTaskDialog::StartTaskDialog(const WhyNot &whyNot, QWidget *parent)
    : QDialog(parent),
      m_forms(makeTaskForms(whyNot))
{
    constexpr int width = 480;
    setWindowTitle(tr("Start a task"));
    setFixedWidth(width);
    m_kind = new QComboBox;
    m_kind->setObjectName(u"kind"_s);
    m_kind->setAccessibleName(tr("Kind of task"));
    auto *fields = new QVBoxLayout; // no stack: that is as high as its highest page
    for (TaskForm *form : std::as_const(m_forms)) {
        m_kind->addItem(form->kind().title, form->kind().name);
        fields->addWidget(form);
        connect(form, &TaskForm::changed, this, &StartTaskDialog::showKind);
    }
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    m_start = buttons->addButton(tr("Start"), QDialogButtonBox::AcceptRole);
    m_start->setProperty("role", u"primary"_s);
    m_start->setDefault(true);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::xl, space::l, space::xl, space::l);
    layout->setSpacing(space::l);
    layout->addWidget(m_kind);
    layout->addLayout(fields, 1);
    layout->addWidget(buttons);

    for (int i = static_cast<int>(m_forms.size()) - 1; i >= 0; --i) {
        const QString why = whyNot(m_forms[i]->kind().leastRole);
        refuse(i, why);
        if (why.isEmpty())
            m_kind->setCurrentIndex(i);
    }
    connect(m_kind, &QComboBox::currentIndexChanged, this, &StartTaskDialog::showKind);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(buttons, &QDialogButtonBox::accepted, this, [this] {
        Q_EMIT chosen(task());
        accept();
    });
    showKind();
}

void StartTaskDialog::refuse(int kind, const QString &why)
{
    QStandardItem *const item = qobject_cast<QStandardItemModel *>(m_kind->model())->item(kind);
    item->setEnabled(why.isEmpty());
    item->setToolTip(why);
}

void StartTaskDialog::setKind(const QString &name)
{
    m_kind->setCurrentIndex(m_kind->findData(name));
}

NewTask StartTaskDialog::task() const
{
    const TaskForm *const form = m_forms.at(m_kind->currentIndex());
    NewTask task;
    task.kind = form->kind().name;
    task.params = form->params();
    return task;
}

void StartTaskDialog::showKind()
{
    for (int i = 0; i < m_forms.size(); ++i)
        m_forms[i]->setVisible(i == m_kind->currentIndex());
    m_start->setEnabled(m_forms.at(m_kind->currentIndex())->isComplete());
    layout()->activate();
    setFixedHeight(layout()->totalHeightForWidth(width()));
}

} // namespace godwit::pages
