// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/pages/schedulesview.h"

#include "monitor/pages/taskdetails.h"
#include "monitor/widgets/emptystate.h"
#include "monitor/widgets/theme.h"
#include "shared/protocol/routes.h"

#include <QBoxLayout>
#include <QCoreApplication>
#include <QDateTime>
#include <QHeaderView>
#include <QJsonArray>
#include <QLocale>
#include <QPointer>
#include <QPushButton>
#include <QRegularExpression>
#include <QStackedLayout>
#include <QStandardItemModel>
#include <QTableView>

namespace godwit::pages {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
namespace space = widgets::space;

namespace {

enum ScheduleColumn { NameColumn, WhenColumn, KindColumn, NextColumn, LastColumn, ByColumn };
enum ScheduleRole { IdRole = Qt::UserRole, EnabledRole };

constexpr auto schedulesInterval = 10s;

QString scheduleTime(const QJsonValue &value)
{
    const QDateTime at = QDateTime::fromString(value.toString(), Qt::ISODateWithMs).toLocalTime();
    return at.isValid() ? QLocale().toString(at, u"ddd d MMM, HH:mm"_s) : u"–"_s;
}

/// By whose clocks matters; not where it comes every so many minutes.
bool hasClock(const QString &cron)
{
    return !cron.startsWith("*/"_L1);
}

} // namespace

SchedulesView::SchedulesView(net::Session &session, QWidget *parent) : QWidget(parent), m_session(session)
{
    makeTable();
    m_empty = new widgets::EmptyState;
    m_switch = new QPushButton(tr("Switch off"));
    m_remove = new QPushButton(tr("Remove"));
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(space::m, space::s, space::m, space::s);
    bar->setSpacing(space::s);
    bar->addStretch();
    bar->addWidget(m_switch);
    bar->addWidget(m_remove);
    auto *list = new QWidget;
    auto *listLayout = new QVBoxLayout(list);
    listLayout->setContentsMargins({});
    listLayout->setSpacing(0);
    listLayout->addWidget(m_table, 1);
    listLayout->addLayout(bar);
    m_stack = new QStackedLayout(this);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(list);
    m_empty->setContent(u"tasks"_s, tr("Asking the server…"), {});

    m_poll.setInterval(schedulesInterval);
    connect(&m_poll, &QTimer::timeout, this, &SchedulesView::readList);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &SchedulesView::showActions);
    connect(&m_session.credentials(), &client::Credentials::principalChanged, this, &SchedulesView::showActions);
    connect(m_switch, &QPushButton::clicked, this, [this] {
        const int row = m_table->currentIndex().row();
        const bool isEnabled = m_model->index(row, NameColumn).data(EnabledRole).toBool();
        change(pathOf(row), { { u"enabled"_s, !isEnabled } });
    });
    connect(m_remove, &QPushButton::clicked, this, [this] { remove(pathOf(m_table->currentIndex().row())); });
    showActions();
}

void SchedulesView::makeTable()
{
    constexpr int rowHeight = 40;
    m_model = new QStandardItemModel(this);
    m_model->setHorizontalHeaderLabels(
        { tr("Name"), tr("When"), tr("Task"), tr("Next"), tr("Last"), tr("In whose name") });
    m_table = new QTableView;
    m_table->setObjectName(u"schedules"_s);
    m_table->setAccessibleName(tr("Schedules"));
    m_table->setModel(m_model);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setTabKeyNavigation(false);
    m_table->setShowGrid(false);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(rowHeight);
    QHeaderView *const header = m_table->horizontalHeader();
    header->setHighlightSections(false);
    header->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    header->setSectionResizeMode(NameColumn, QHeaderView::Stretch);
    const std::initializer_list<std::pair<int, int>> widths
        = { { WhenColumn, 210 }, { KindColumn, 84 }, { NextColumn, 150 }, { LastColumn, 150 }, { ByColumn, 130 } };
    for (const auto &[column, width] : widths)
        header->resizeSection(column, width);
}

void SchedulesView::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    m_poll.start();
    readList();
}

void SchedulesView::hideEvent(QHideEvent *event)
{
    QWidget::hideEvent(event);
    m_poll.stop();
}

QCoro::Task<> SchedulesView::readList()
{
    const QPointer<SchedulesView> self(this);
    auto asking = m_session.api().get(QString::fromLatin1(protocol::routes::schedules));
    const auto answer = co_await std::move(asking);
    if (!self)
        co_return;
    if (answer)
        showList(answer->object()["items"_L1].toArray());
    else if (m_model->rowCount() == 0)
        m_empty->setContent(u"error"_s, tr("The schedules could not be read"), answer.error().message());
}

void SchedulesView::showList(const QJsonArray &items)
{
    const QVariant chosen = m_table->currentIndex().siblingAtColumn(NameColumn).data(IdRole);
    m_model->removeRows(0, m_model->rowCount());
    for (const auto &value : items) {
        const QJsonObject schedule = value.toObject();
        const bool isEnabled = schedule["enabled"_L1].toBool();
        const QString zone = schedule["time_zone"_L1].toString(), cron = schedule["cron"_L1].toString();
        const QStringList texts{ schedule["name"_L1].toString(),
                                 hasClock(cron) ? u"%1 · %2"_s.arg(cronText(cron), zone) : cronText(cron),
                                 schedule["kind"_L1].toString(),
                                 isEnabled ? scheduleTime(schedule["next_at"_L1]) : tr("Off"),
                                 scheduleTime(schedule["last_at"_L1]),
                                 schedule["created_by"_L1]["name"_L1].toString() };
        QList<QStandardItem *> row;
        for (const QString &text : texts)
            row.append(new QStandardItem(text));
        row[NameColumn]->setData(schedule["id"_L1].toInteger(), IdRole);
        row[NameColumn]->setData(isEnabled, EnabledRole);
        row[WhenColumn]->setToolTip(tr("%1, by the clocks of %2").arg(cron, zone));
        row[KindColumn]->setToolTip(membersText(schedule["params"_L1].toObject()));
        if (!isEnabled) {
            for (QStandardItem *item : std::as_const(row))
                item->setForeground(widgets::Tokens::of(*this).mutedText);
        }
        m_model->appendRow(row);
        if (row[NameColumn]->data(IdRole) == chosen)
            m_table->selectRow(m_model->rowCount() - 1);
    }
    m_empty->setContent(u"tasks"_s, tr("No schedules yet"),
                        tr("POST /api/schedules takes a cron expression and a task: it is submitted again and again."));
    m_stack->setCurrentIndex(items.isEmpty() ? 0 : 1);
    showActions();
}

void SchedulesView::showActions()
{
    QString whyNot = m_session.whyNot(protocol::Role::Operator);
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    const bool isOff = !rows.isEmpty() && !rows.constFirst().data(EnabledRole).toBool();
    m_switch->setText(isOff ? tr("Switch on") : tr("Switch off"));
    for (QPushButton *button : { m_switch, m_remove }) {
        button->setEnabled(whyNot.isEmpty() && !rows.isEmpty());
        button->setToolTip(whyNot);
    }
}

QString SchedulesView::pathOf(int row) const
{
    return u"%1/%2"_s.arg(QString::fromLatin1(protocol::routes::schedules))
        .arg(m_model->index(row, NameColumn).data(IdRole).toLongLong());
}

QCoro::Task<> SchedulesView::change(QString path, QJsonObject patch)
{
    const QPointer<SchedulesView> self(this);
    auto asking = m_session.api().patch(std::move(path), std::move(patch));
    const auto answer = co_await std::move(asking);
    if (self)
        told(answer);
}

QCoro::Task<> SchedulesView::remove(QString path)
{
    const QPointer<SchedulesView> self(this);
    auto asking = m_session.api().remove(std::move(path));
    const auto answer = co_await std::move(asking);
    if (self)
        told(answer);
}

void SchedulesView::told(const Result<client::Answer> &answer)
{
    if (!answer)
        Q_EMIT failed(tr("The schedule was not changed: %1").arg(answer.error().message()));
    readList();
}

QString cronText(const QString &cron)
{
    const auto text
        = [](const char *words) { return QCoreApplication::translate("godwit::pages::SchedulesView", words); };
    static const QRegularExpression every(u"^\\*/(\\d+) \\* \\* \\* \\*$"_s);
    static const QRegularExpression at(u"^(\\d+) (\\d+) (\\d+|\\*) \\* ([a-zA-Z0-7]+(?:-[a-zA-Z0-7]+)?|\\*)$"_s);
    const QString plain = cron.simplified();
    if (const auto match = every.match(plain); match.hasMatch())
        return text("every %1 minutes").arg(match.captured(1));
    const auto match = at.match(plain);
    const QString day = match.captured(3), weekDay = match.captured(4);
    if (!match.hasMatch() || (day != u"*" && weekDay != u"*"))
        return cron;
    const QTime time(match.captured(2).toInt(), match.captured(1).toInt());
    const QString clock = time.toString(u"HH:mm"_s);
    if (!time.isValid())
        return cron;
    if (day != u"*")
        return text("on day %1 at %2").arg(day, clock);
    if (weekDay == u"*")
        return text("daily at %1").arg(clock);
    bool isNumber = false;
    const int number = weekDay.toInt(&isNumber);
    const QString name = isNumber ? QLocale().dayName(number == 0 ? 7 : number, QLocale::ShortFormat)
                                  : weekDay.first(1).toUpper() + weekDay.sliced(1).toLower();
    return text("%1 at %2").arg(name, clock);
}

} // namespace godwit::pages
