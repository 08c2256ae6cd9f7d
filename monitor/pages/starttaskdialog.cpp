// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/pages/starttaskdialog.h"

#include "monitor/widgets/theme.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QJsonArray>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QStackedWidget>
#include <QStandardItemModel>

namespace godwit::pages {

using namespace Qt::StringLiterals;
using protocol::NewTask;
namespace space = widgets::space;

static QLabel *caption(const QString &text)
{
    auto *label = new QLabel(text);
    label->setProperty("role", u"muted"_s);
    label->setFont(widgets::textFont(widgets::Type::Caption));
    label->setWordWrap(true);
    return label;
}

StartTaskDialog::StartTaskDialog(QWidget *parent) : QDialog(parent)
{
    setWindowTitle(tr("Start a task"));
    setMinimumWidth(480);
    m_kind = new QComboBox;
    m_kind->setObjectName(u"kind"_s);
    m_kind->addItem(tr("Import documents into search"));
    m_kind->addItem(tr("Wait (to try things out)"));
    m_fields = new QStackedWidget;
    m_fields->addWidget(makeImport());
    m_fields->addWidget(makeSleep());
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    m_start = buttons->addButton(tr("Start"), QDialogButtonBox::AcceptRole);
    m_start->setProperty("role", u"primary"_s);
    m_start->setDefault(true);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::xl, space::l, space::xl, space::l);
    layout->setSpacing(space::m);
    layout->addWidget(m_kind);
    layout->addWidget(m_fields, 1);
    layout->addWidget(buttons);

    connect(m_kind, &QComboBox::currentIndexChanged, m_fields, &QStackedWidget::setCurrentIndex);
    connect(m_kind, &QComboBox::currentIndexChanged, this, &StartTaskDialog::check);
    connect(m_paths, &QPlainTextEdit::textChanged, this, &StartTaskDialog::check);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(buttons, &QDialogButtonBox::accepted, this, [this] {
        Q_EMIT chosen(task());
        accept();
    });
    check();
}

QWidget *StartTaskDialog::makeImport()
{
    m_paths = new QPlainTextEdit;
    m_paths->setObjectName(u"paths"_s);
    m_paths->setPlaceholderText(tr("/srv/handbook\n/srv/notes/readme.md"));
    m_paths->setTabChangesFocus(true);
    m_paths->setMinimumHeight(96);
    auto *folder = new QPushButton(tr("Add folder…"));
    auto *files = new QPushButton(tr("Add files…"));
    connect(folder, &QPushButton::clicked, this, [this] {
        const QString path = QFileDialog::getExistingDirectory(this, tr("Folder to import"));
        if (!path.isEmpty())
            addPaths({ path });
    });
    connect(files, &QPushButton::clicked, this, [this] {
        addPaths(QFileDialog::getOpenFileNames(this, tr("Files to import"), {},
                                               tr("Documents (*.txt *.md *.html *.htm *.csv);;All files (*)")));
    });
    auto *choose = new QHBoxLayout;
    choose->setSpacing(space::s);
    choose->addWidget(folder);
    choose->addWidget(files);
    choose->addStretch();

    auto *page = new QWidget;
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins({});
    layout->setSpacing(space::s);
    layout->addWidget(new QLabel(tr("Folders and files, one a line")));
    layout->addWidget(m_paths, 1);
    layout->addLayout(choose);
    layout->addWidget(
        caption(tr("The server reads them, so these are paths on its machine. Text, Markdown, HTML and CSV "
                   "are taken in, folders with all that is below them.")));
    return page;
}

QWidget *StartTaskDialog::makeSleep()
{
    m_seconds = new QDoubleSpinBox;
    m_seconds->setObjectName(u"seconds"_s);
    m_seconds->setRange(0.1, 3600);
    m_seconds->setDecimals(1);
    m_seconds->setValue(10);
    m_seconds->setSuffix(tr(" s"));

    auto *page = new QWidget;
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins({});
    layout->setSpacing(space::s);
    layout->addWidget(new QLabel(tr("How long")));
    layout->addWidget(m_seconds);
    layout->addWidget(caption(tr("Does nothing but count: to see progress, and to try cancelling and restarts.")));
    layout->addStretch();
    return page;
}

void StartTaskDialog::setKind(Kind kind)
{
    m_kind->setCurrentIndex(static_cast<int>(kind));
}

void StartTaskDialog::setImportRefused(const QString &why)
{
    auto *items = qobject_cast<QStandardItemModel *>(m_kind->model());
    QStandardItem *const import = items->item(static_cast<int>(Kind::Import));
    import->setEnabled(why.isEmpty());
    import->setToolTip(why);
    m_kind->setToolTip(why);
    if (!why.isEmpty())
        setKind(Kind::Sleep);
}

void StartTaskDialog::addPaths(const QStringList &paths)
{
    for (const QString &path : paths)
        m_paths->appendPlainText(path);
}

QStringList StartTaskDialog::paths() const
{
    QStringList result;
    const QStringList lines = m_paths->toPlainText().split(u'\n');
    for (const QString &line : lines) {
        if (!line.trimmed().isEmpty())
            result.append(line.trimmed());
    }
    return result;
}

NewTask StartTaskDialog::task() const
{
    NewTask task;
    if (m_kind->currentIndex() == static_cast<int>(Kind::Import)) {
        task.kind = u"import"_s;
        task.params = { { u"paths"_s, QJsonArray::fromStringList(paths()) } };
    } else {
        task.kind = u"sleep"_s;
        task.params = { { u"seconds"_s, m_seconds->value() } };
    }
    return task;
}

void StartTaskDialog::check()
{
    m_start->setEnabled(m_kind->currentIndex() == static_cast<int>(Kind::Sleep) || !paths().isEmpty());
}

} // namespace godwit::pages
