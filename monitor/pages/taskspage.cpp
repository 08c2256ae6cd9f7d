// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/pages/taskspage.h"

#include "monitor/pages/schedulesview.h"
#include "monitor/pages/starttaskdialog.h"
#include "monitor/pages/taskdelegate.h"
#include "monitor/pages/taskdetails.h"
#include "monitor/widgets/emptystate.h"
#include "monitor/widgets/theme.h"

#include <QAction>
#include <QBoxLayout>
#include <QComboBox>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QStackedLayout>
#include <QTableView>

#include <algorithm>

namespace godwit::pages {

using namespace Qt::StringLiterals;
using models::TaskModel;
using protocol::TaskStatus;
namespace space = widgets::space;

void TaskFilter::setShown(Show shown)
{
    m_shown = shown;
    invalidateFilter();
}

bool TaskFilter::filterAcceptsRow(int row, const QModelIndex &parent) const
{
    const auto status = sourceModel()->index(row, 0, parent).data(TaskModel::StatusRole).value<TaskStatus>();
    switch (m_shown) {
    case Show::All:
        return true;
    case Show::Active:
        return !protocol::isFinal(status);
    case Show::Completed:
        return status == TaskStatus::Completed;
    case Show::Failed:
        return status == TaskStatus::Failed;
    case Show::Cancelled:
        return status == TaskStatus::Cancelled;
    }
    return true;
}

TasksPage::TasksPage(net::Session &session, QWidget *parent)
    : Page(tr("Tasks"), u"tasks"_s, parent),
      m_session(session),
      m_feed(session, m_model)
{
    setSubtitle(tr("The server's background work"));
    m_filter.setSourceModel(&m_model);
    m_filter.setSortRole(TaskModel::SortRole);
    m_filter.setDynamicSortFilter(true);
    makeToolBar();
    makeTable();

    m_problem = new QLabel;
    m_problem->setProperty("role", u"danger"_s);
    m_problem->setWordWrap(true);
    m_problem->hide();
    m_empty = new widgets::EmptyState;
    auto *card = new QFrame;
    card->setProperty("role", u"card"_s);
    m_stack = new QStackedLayout(card);
    m_stack->setContentsMargins(1, 1, 1, 1);
    m_stack->addWidget(m_table);
    m_stack->addWidget(m_empty);
    m_schedules = new SchedulesView(m_session);
    m_stack->addWidget(m_schedules);
    content()->addWidget(m_problem);
    m_details = new TaskDetails(m_session);
    content()->addWidget(card, 3);
    content()->addWidget(m_details, 2);
    connectParts();
    showState();
    showActions();
}

void TasksPage::makeToolBar()
{
    m_show = new QComboBox;
    m_show->setAccessibleName(tr("Which tasks are shown"));
    m_show->addItems({ tr("All tasks"), tr("Active"), tr("Completed"), tr("Failed"), tr("Cancelled") });
    m_show->insertSeparator(m_show->count());
    m_show->addItem(tr("Schedules"));
    m_cancel = new QPushButton(tr("Cancel"));
    m_retry = new QPushButton(tr("Retry"));
    m_remove = new QPushButton(tr("Remove"));
    m_start = new QPushButton(tr("Start task…"));
    m_start->setProperty("role", u"primary"_s);
    m_start->setShortcut(QKeySequence::New);
    toolBar()->addWidget(m_show);
    toolBar()->addSpacing(space::s);
    for (QPushButton *button : { m_cancel, m_retry, m_remove })
        toolBar()->addWidget(button);
    toolBar()->addSpacing(space::s);
    toolBar()->addWidget(m_start);
    for (QWidget *control : std::initializer_list<QWidget *>{ m_show, m_cancel, m_retry, m_remove, m_start })
        control->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed); // a cut label is none
}

void TasksPage::makeTable()
{
    constexpr int rowHeight = 40;
    m_table = new QTableView;
    m_table->setObjectName(u"tasks"_s);
    m_table->setAccessibleName(tr("Tasks"));
    m_table->setModel(&m_filter);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(TaskModel::IdColumn, Qt::DescendingOrder);
    m_table->setItemDelegateForColumn(TaskModel::ProgressColumn, new ProgressDelegate(m_table));
    m_table->setItemDelegateForColumn(TaskModel::StatusColumn, new StatusDelegate(m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setTabKeyNavigation(false);
    m_table->setShowGrid(false);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(rowHeight);
    QHeaderView *const header = m_table->horizontalHeader();
    header->setHighlightSections(false);
    header->setSectionResizeMode(TaskModel::MessageColumn, QHeaderView::Stretch);
    const std::initializer_list<std::pair<int, int>> widths = {
        { TaskModel::IdColumn, 64 },        { TaskModel::KindColumn, 84 }, { TaskModel::StatusColumn, 116 },
        { TaskModel::ProgressColumn, 180 }, { TaskModel::EtaColumn, 76 },  { TaskModel::CreatedColumn, 130 },
    };
    for (const auto &[column, width] : widths)
        header->resizeSection(column, width);
}

void TasksPage::connectParts()
{
    connect(m_start, &QPushButton::clicked, this, &TasksPage::askToStart);
    connect(m_cancel, &QPushButton::clicked, this, [this] { forSelected(&TaskFeed::cancel); });
    connect(m_retry, &QPushButton::clicked, this, [this] { forSelected(&TaskFeed::retry); });
    connect(m_remove, &QPushButton::clicked, this, [this] { forSelected(&TaskFeed::remove); });
    auto *removeKey = new QAction(m_table);
    removeKey->setShortcut(QKeySequence::Delete);
    removeKey->setShortcutContext(Qt::WidgetShortcut);
    connect(removeKey, &QAction::triggered, m_remove, &QPushButton::click);
    m_table->addAction(removeKey);
    connect(m_table, &QTableView::customContextMenuRequested, this, &TasksPage::showMenu);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &TasksPage::showActions);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &TasksPage::showDetails);
    connect(&m_model, &TaskModel::dataChanged, this, &TasksPage::showDetails);
    connect(m_show, &QComboBox::currentIndexChanged, this, [this](int index) {
        m_table->clearSelection(); // what is not seen is not acted on
        if (!areSchedulesShown())
            m_filter.setShown(static_cast<TaskFilter::Show>(index));
        showState();
    });
    connect(m_schedules, &SchedulesView::failed, this, &Page::failed);
    connect(m_empty, &widgets::EmptyState::actionTriggered, this, [this] {
        if (isLoginNeeded())
            Q_EMIT loginRequested();
        else if (m_feed.problem().isEmpty())
            askToStart();
        else
            m_feed.refresh();
    });
    connect(&m_model, &TaskModel::statusesChanged, this, [this] {
        showActions();
        showState();
    });
    connect(&m_session.credentials(), &client::Credentials::principalChanged, this, [this] {
        showActions();
        showState();
    });
    connect(&m_session.credentials(), &client::Credentials::loginNeeded, this, [this] {
        showActions();
        showState();
    });
    connect(&m_feed, &TaskFeed::listRead, this, &TasksPage::showState);
    connect(&m_feed, &TaskFeed::failed, this, &Page::failed);
    connect(&m_feed, &TaskFeed::started, this,
            [this](qint64 id) { Q_EMIT notified(tr("Task %1 was accepted").arg(id)); });
}

QList<qint64> TasksPage::selected() const
{
    QList<qint64> ids;
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    for (const QModelIndex &row : rows)
        ids.append(row.data(TaskModel::TaskIdRole).toLongLong());
    return ids;
}

void TasksPage::forSelected(void (TaskFeed::*action)(qint64))
{
    const QList<qint64> ids = selected();
    for (const qint64 id : ids)
        (m_feed.*action)(id);
}

/// As the server decides: a task is its maker's, or an operator's.
QString TasksPage::whyNotTo(const QList<qint64> &ids) const
{
    QString whyNot = m_session.whyNot(protocol::Role::Member);
    if (!whyNot.isEmpty() || m_session.may(protocol::Role::Operator))
        return whyNot;
    const qint64 ourId = m_session.credentials().principal()->userId;
    const bool areOurs = std::all_of(ids.cbegin(), ids.cend(), [this, ourId](qint64 id) {
        const protocol::Task *const task = m_model.task(id);
        return !task || (ourId != 0 && task->creatorId == ourId);
    });
    return areOurs ? QString() : m_session.whyNot(protocol::Role::Operator);
}

void TasksPage::showActions()
{
    const QList<qint64> ids = selected();
    const auto finals = std::count_if(ids.cbegin(), ids.cend(), [this](qint64 id) {
        const protocol::Task *const task = m_model.task(id);
        return task && protocol::isFinal(task->status);
    });
    const QString whyNotThese = whyNotTo(ids);
    const bool mayThese = whyNotThese.isEmpty() && !ids.isEmpty();
    m_cancel->setEnabled(mayThese && finals == 0);
    m_retry->setEnabled(mayThese && finals == ids.size());
    m_remove->setEnabled(mayThese && finals == ids.size());
    for (QPushButton *button : { m_cancel, m_retry, m_remove })
        button->setToolTip(whyNotThese);
    QString whyNot
        = isLoginNeeded() ? m_session.credentials().loginNeededFor() : m_session.whyNot(protocol::Role::Member);
    const bool may = whyNot.isEmpty();
    m_start->setEnabled(may);
    m_start->setToolTip(may ? tr("Start a task (%1)").arg(m_start->shortcut().toString(QKeySequence::NativeText))
                            : whyNot);
}

/// Of one task: of several nobody could say whose log it is.
void TasksPage::showDetails()
{
    const QList<qint64> ids = selected();
    const bool wasShown = m_details->isVisible();
    m_details->setTask(ids.size() == 1 ? m_model.task(ids.first()) : nullptr);
    if (!wasShown && m_details->isVisible()) { // it takes room, maybe that of the row
        layout()->activate();
        m_table->scrollTo(m_table->currentIndex());
    }
}

bool TasksPage::areSchedulesShown() const
{
    return m_show->currentIndex() == m_show->count() - 1;
}

bool TasksPage::isLoginNeeded() const
{
    return !m_session.credentials().loginNeededFor().isEmpty();
}

void TasksPage::showState()
{
    const QString problem = m_feed.problem();
    const bool hasRows = m_filter.rowCount() > 0;
    m_problem->setText(tr("The list may be out of date: %1").arg(problem));
    m_problem->setVisible(!problem.isEmpty() && m_model.rowCount() > 0);
    for (QPushButton *button : { m_cancel, m_retry, m_remove })
        button->setVisible(!areSchedulesShown());
    if (areSchedulesShown())
        return m_stack->setCurrentWidget(m_schedules);
    m_stack->setCurrentWidget(hasRows ? static_cast<QWidget *>(m_table) : m_empty);
    if (hasRows) {
        // Until the list came, firstFocus() was another.
        if (!std::exchange(m_hadRows, true) && isVisible() && isAncestorOf(window()->focusWidget()))
            m_table->setFocus(Qt::OtherFocusReason);
        return;
    }
    if (m_model.rowCount() > 0) {
        m_empty->setContent(u"tasks"_s, tr("No task matches the filter"),
                            tr("Choose “All tasks” above to see them all."));
        m_empty->setAction({});
    } else if (isLoginNeeded()) {
        m_empty->setContent(u"lock"_s, tr("%1 asks for a login").arg(m_session.server().authority()),
                            tr("Its tasks show here as soon as you are logged in."));
        m_empty->setAction(tr("Log in…"));
    } else if (!problem.isEmpty()) {
        m_empty->setContent(u"error"_s, tr("The tasks could not be read"), problem);
        m_empty->setAction(tr("Try again"));
    } else if (m_feed.hasList()) {
        QString whyNot = m_session.whyNot(protocol::Role::Member);
        m_empty->setContent(
            u"tasks"_s, tr("No tasks yet"),
            whyNot.isEmpty() ? tr("Click “Start task…” and choose a folder of documents: the server reads it into its "
                                  "search, and the progress shows here.")
                             : tr("What others start shows here.\nTo start one: %1.").arg(whyNot));
        m_empty->setAction(whyNot.isEmpty() ? tr("Start task…") : QString());
    } else {
        m_empty->setContent(u"tasks"_s, tr("Asking the server…"), {});
        m_empty->setAction({});
    }
}

void TasksPage::showMenu(const QPoint &point)
{
    QMenu menu;
    for (QPushButton *button : { m_cancel, m_retry, m_remove }) {
        QAction *const action = menu.addAction(button->text());
        action->setEnabled(button->isEnabled());
        connect(action, &QAction::triggered, button, &QPushButton::click);
    }
    menu.exec(m_table->viewport()->mapToGlobal(point));
}

void TasksPage::askToStart()
{
    auto *dialog = new StartTaskDialog([this](protocol::Role role) { return m_session.whyNot(role); }, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &StartTaskDialog::chosen, &m_feed, &TaskFeed::start);
    dialog->open();
}

void TasksPage::setPaused(bool paused)
{
    Page::setPaused(paused);
    m_feed.setActive(isVisible() && !paused);
}

QWidget *TasksPage::firstFocus()
{
    return m_filter.rowCount() > 0 ? static_cast<QWidget *>(m_table) : m_start;
}

void TasksPage::showEvent(QShowEvent *event)
{
    Page::showEvent(event);
    m_feed.setActive(!isPaused());
}

/// In a narrow window what a task is doing matters more than when it was asked for.
void TasksPage::resizeEvent(QResizeEvent *event)
{
    constexpr int roomForAll = 880;
    m_table->setColumnHidden(TaskModel::CreatedColumn, width() < roomForAll);
    Page::resizeEvent(event);
}

void TasksPage::hideEvent(QHideEvent *event)
{
    Page::hideEvent(event);
    m_feed.setActive(false);
}

} // namespace godwit::pages
