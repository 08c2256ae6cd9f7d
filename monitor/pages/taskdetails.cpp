// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/pages/taskdetails.h"

#include "monitor/models/taskmodel.h"
#include "monitor/widgets/theme.h"
#include "shared/protocol/jsonfields.h"
#include "shared/protocol/routes.h"

#include <QBoxLayout>
#include <QDateTime>
#include <QJsonArray>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPointer>
#include <QUrlQuery>

namespace godwit::pages {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using protocol::Task;
namespace space = widgets::space;

static constexpr auto logPause = 1s;

TaskDetails::TaskDetails(net::Session &session, QWidget *parent) : QFrame(parent), m_session(session)
{
    constexpr int mostLines = 1'000; // as many as the server keeps
    constexpr int mostHeight = 240; // the tasks are still what the page is for
    setProperty("role", u"card"_s);
    setMaximumHeight(mostHeight);
    m_title = new QLabel;
    m_title->setFont(widgets::textFont(widgets::Type::Heading));
    m_about = new QLabel;
    m_params = new QLabel;
    for (QLabel *label : { m_about, m_params }) {
        label->setProperty("role", u"muted"_s);
        label->setTextFormat(Qt::PlainText);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    }
    m_params->setWordWrap(true);
    m_params->setObjectName(u"params"_s);
    m_log = new QPlainTextEdit;
    m_log->setObjectName(u"log"_s);
    m_log->setAccessibleName(tr("Log of the task"));
    m_log->setReadOnly(true);
    m_log->setTabChangesFocus(true);
    m_log->setMaximumBlockCount(mostLines);
    auto *head = new QHBoxLayout;
    head->setSpacing(space::m);
    head->addWidget(m_title);
    head->addStretch();
    head->addWidget(m_about);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::m, space::s, space::m, space::m);
    layout->setSpacing(space::xs);
    layout->addLayout(head);
    layout->addWidget(m_params);
    layout->addSpacing(space::xs);
    layout->addWidget(m_log, 1);
    m_pause.setSingleShot(true);
    m_pause.setInterval(logPause);
    connect(&m_pause, &QTimer::timeout, this, &TaskDetails::askForLog);
    hide();
}

TaskDetails::~TaskDetails()
{
    m_stop.request_stop();
}

void TaskDetails::setTask(const Task *task)
{
    const bool isOther = !task || !m_task || m_task->id != task->id;
    m_task = task ? std::optional(*task) : std::nullopt;
    setVisible(m_task.has_value());
    if (isOther) {
        m_stop.request_stop();
        m_stop = std::stop_source();
        m_isReading = false;
        m_lastLine = 0;
        m_log->clear();
        m_log->setPlaceholderText(tr("Reading the log…"));
        m_pause.stop();
    }
    if (!m_task)
        return;
    showTask();
    if (isOther)
        askForLog();
    else if (!m_pause.isActive())
        m_pause.start();
}

void TaskDetails::showTask()
{
    m_title->setText(tr("Task %1: %2").arg(m_task->id).arg(m_task->kind));
    QStringList about;
    if (!m_task->createdBy.isEmpty())
        about.append(m_task->scheduleId ? tr("by a schedule of %1").arg(m_task->createdBy)
                                        : tr("by %1").arg(m_task->createdBy));
    if (m_task->attempts > 1)
        about.append(tr("%1 attempts").arg(m_task->attempts));
    if (m_task->startedAt && m_task->finishedAt) {
        const std::chrono::duration<double> took = *m_task->finishedAt - *m_task->startedAt;
        about.append(took < 1s ? tr("took %1 ms").arg(qRound(took.count() * 1000))
                               : tr("took %1").arg(models::durationText(took.count())));
    }
    m_about->setText(about.join(u" · "_s));
    QStringList lines;
    if (!m_task->params.isEmpty())
        lines.append(tr("With %1").arg(membersText(m_task->params)));
    if (!m_task->result.isEmpty())
        lines.append(tr("Result: %1").arg(membersText(m_task->result)));
    m_params->setText(lines.join(u'\n'));
    m_params->setVisible(!lines.isEmpty());
}

void TaskDetails::askForLog()
{
    if (m_task && !m_isReading)
        readLog(m_task->id, m_lastLine, m_stop.get_token());
}

QCoro::Task<> TaskDetails::readLog(qint64 id, qint64 after, std::stop_token stop)
{
    const QPointer<TaskDetails> self(this);
    m_isReading = true;
    const QString path = u"%1/%2/log"_s.arg(QString::fromLatin1(protocol::routes::tasks)).arg(id);
    auto asking = m_session.api().get(path, { { u"after"_s, QString::number(after) } }, stop);
    const auto answer = co_await std::move(asking);
    if (!self || stop.stop_requested())
        co_return;
    m_isReading = false;
    if (answer)
        append(answer->object()["items"_L1].toArray());
    m_log->setPlaceholderText(answer ? tr("It has logged nothing.")
                                     : tr("The log could not be read: %1").arg(answer.error().message()));
    m_log->viewport()->update(); // Qt 6.4 does not show another one by itself
}

void TaskDetails::append(const QJsonArray &lines)
{
    for (const auto &value : lines) {
        JsonReader reader(value.toObject());
        const qint64 line = reader.integer("line"_L1);
        const qint64 at = protocol::readTime(reader, "at"_L1).time_since_epoch().count();
        const QString text = reader.string("text"_L1);
        if (!reader.finish(true) || line <= m_lastLine)
            continue;
        m_lastLine = line;
        m_log->appendPlainText(QDateTime::fromMSecsSinceEpoch(at).toString(u"HH:mm:ss  "_s) + text);
    }
}

static QString valueText(const QJsonValue &value)
{
    constexpr qsizetype longest = 120;
    QString text;
    if (value.isObject()) {
        text = u"{…}"_s;
    } else if (value.isArray() && value[0].isObject()) {
        text = QString::number(value.toArray().size()); // how many; what they are is the API's matter
    } else if (value.isArray()) {
        text = value.toVariant().toStringList().join(u' ');
    } else {
        text = value.toVariant().toString();
    }
    return text.size() > longest ? text.first(longest - 1) + u'…' : text;
}

QString membersText(const QJsonObject &object)
{
    QStringList members;
    for (auto it = object.begin(); it != object.end(); ++it) {
        if (!it.value().toObject().isEmpty() || !it.value().isObject())
            members.append(it.key() + u' ' + valueText(it.value()));
    }
    return members.join(u", "_s);
}

} // namespace godwit::pages
