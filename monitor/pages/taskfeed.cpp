// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/pages/taskfeed.h"

#include "shared/core/jsonreader.h"
#include "shared/protocol/routes.h"

#include <QPointer>

namespace godwit::pages {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using protocol::NewTask;
using protocol::Task;
using protocol::TaskProgress;
using protocol::TaskStatus;

static constexpr auto pollInterval = 2s;

static QString tasksPath()
{
    return QString::fromLatin1(protocol::routes::tasks);
}

TaskFeed::TaskFeed(net::Session &session, models::TaskModel &model, QObject *parent)
    : QObject(parent),
      m_session(session),
      m_model(model)
{
    m_poll.setInterval(pollInterval);
    connect(&m_poll, &QTimer::timeout, this, &TaskFeed::refresh);
    connect(&m_model, &models::TaskModel::statusesChanged, this, &TaskFeed::follow);
}

TaskFeed::~TaskFeed()
{
    m_model.disconnect(this);
}

void TaskFeed::setActive(bool active)
{
    if (active == m_poll.isActive())
        return;
    if (active) {
        m_poll.start();
        refresh();
    } else {
        m_poll.stop();
    }
    follow();
}

QCoro::Task<> TaskFeed::readList()
{
    if (m_isReading)
        co_return;
    const QPointer<TaskFeed> self = this;
    m_isReading = true;
    const int changes = m_changes;
    const Result<client::Answer> answer = co_await m_session.api().get(tasksPath());
    if (!self)
        co_return;
    m_isReading = false;
    if (changes != m_changes) { // asked before, answered after what the user did
        refresh();
        co_return;
    }
    m_problem = answer ? QString() : answer.error().message();
    if (answer) {
        QList<Task> tasks;
        const QJsonArray items = answer->object().value("items"_L1).toArray();
        for (const auto &item : items) {
            if (Result<Task> task = Task::fromJson(item.toObject()))
                tasks.append(std::move(*task));
            else
                m_problem = task.error().message();
        }
        m_hasList = true;
        m_model.setTasks(tasks);
        follow();
    }
    Q_EMIT listRead();
}

QCoro::Task<> TaskFeed::create(NewTask task)
{
    const QPointer<TaskFeed> self = this;
    ++m_changes;
    const Result<client::Answer> answer = co_await m_session.api().post(tasksPath(), task.toJson());
    if (!self)
        co_return;
    const Result<Task> made = answer.and_then([](const client::Answer &a) { return Task::fromJson(a.object()); });
    if (!made) {
        Q_EMIT failed(tr("The task was not started: %1").arg(made.error().message()));
        co_return;
    }
    m_model.upsert(*made);
    Q_EMIT started(made->id);
    Q_EMIT listRead();
}

QCoro::Task<> TaskFeed::act(qint64 id, QStringView action)
{
    const QPointer<TaskFeed> self = this;
    ++m_changes;
    const QString path = u"%1/%2/%3"_s.arg(tasksPath()).arg(id).arg(action);
    const Result<client::Answer> answer = co_await m_session.api().post(path);
    if (!self)
        co_return;
    if (!answer) {
        Q_EMIT failed(tr("Task %1: %2").arg(id).arg(answer.error().message()));
        co_return;
    }
    if (const Result<Task> task = Task::fromJson(answer->object()))
        m_model.upsert(*task);
    refresh();
}

QCoro::Task<> TaskFeed::erase(qint64 id)
{
    const QPointer<TaskFeed> self = this;
    ++m_changes;
    const Result<client::Answer> answer = co_await m_session.api().remove(u"%1/%2"_s.arg(tasksPath()).arg(id));
    if (!self)
        co_return;
    if (answer || answer.error().code() == Error::Code::NotFound)
        m_model.remove(id);
    else
        Q_EMIT failed(tr("Task %1 was not removed: %2").arg(id).arg(answer.error().message()));
    Q_EMIT listRead();
}

/// Opens and drops streams so that the newest unfinished tasks have one.
void TaskFeed::follow()
{
    QList<qint64> wanted;
    if (m_poll.isActive())
        wanted = m_model.ids(TaskStatus::Running) + m_model.ids(TaskStatus::Queued);
    wanted.resize(std::min<qsizetype>(wanted.size(), streamLimit));
    std::erase_if(m_streams, [&](const auto &stream) { return !wanted.contains(stream.first); });
    for (const qint64 id : std::as_const(wanted)) {
        if (!m_streams.contains(id))
            open(id);
    }
}

void TaskFeed::open(qint64 id)
{
    auto stream = m_session.eventSource(u"%1/%2/events"_s.arg(tasksPath()).arg(id));
    connect(stream.get(), &client::EventSource::received, this, [this](const protocol::SseEvent &event) {
        const auto progress = parseJsonObject(event.data).and_then(TaskProgress::fromJson);
        if (progress)
            m_model.apply(*progress);
    });
    connect(stream.get(), &client::EventSource::stateChanged, this, [this, id](const client::ConnectionState &state) {
        if (state.phase != client::ConnectionState::Phase::Ended)
            return;
        m_streams.erase(id);
        refresh(); // the list has what the stream does not: the result and the times
    });
    stream->start();
    m_streams.emplace(id, stream.release());
}

} // namespace godwit::pages
