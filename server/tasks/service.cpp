// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/tasks/service.h"

#include "server/tasks/queue.h"
#include "server/tasks/store.h"

namespace godwit::tasks {

using async::Context;
using db::Connection;
using protocol::Task;

/// Of tasks that have ended: how often they are looked through, and how many are forgotten by a write.
static constexpr auto sweepInterval = std::chrono::minutes(1);
static constexpr int sweptAtATime = 200;

Service::Service(db::Pool &pool, runtime::BlockingPool &threads, Options options)
    : m_pool(pool),
      m_options(options),
      m_queue(std::make_shared<Queue>(pool, threads))
{
    m_teller.setSingleShot(true);
    QObject::connect(&m_teller, &QTimer::timeout, &m_teller, [queue = m_queue.get()] { queue->lookAgain(); });
    m_queue->setTeller(&m_teller);
    QObject::connect(&m_sweeper, &QTimer::timeout, &m_sweeper, [this] { sweep(); });
}

Service::~Service()
{
    stop();
    waitForStopped(std::chrono::milliseconds::max());
    m_queue->setTeller(nullptr);
}

void Service::addKind(const QString &kind, Handler handler, KindOptions options)
{
    m_queue->addKind(kind, std::move(handler), std::move(options));
}

void Service::start()
{
    const auto waiting = m_pool.write({}, store::recover).future().result();
    for (const Task &task : waiting)
        m_queue->add(task);
    m_queue->resume();
    m_sweeper.start(sweepInterval);
    sweep();
}

/// One batch after the other, each a write of its own: others come in between.
static void forgetEnded(db::Pool &pool, Timestamp before, qint64 keep)
{
    pool.write(
        {},
        [before, keep](Connection &connection) { return store::removeEnded(connection, before, keep, sweptAtATime); },
        [&pool, before, keep](qint64 removed) {
            if (removed > 0)
                forgetEnded(pool, before, keep);
        });
}

void Service::sweep()
{
    forgetEnded(m_pool, Clock::system().timestamp() - m_options.keepFor, m_options.keep);
}

void Service::stop()
{
    m_queue->stop();
}

bool Service::waitForStopped(std::chrono::milliseconds timeout)
{
    return m_queue->waitForStopped(timeout);
}

void Service::pause()
{
    m_queue->setPaused(true);
}

void Service::resume()
{
    m_queue->setPaused(false);
}

Service::Figures Service::figures() const
{
    return m_queue->figures();
}

int Service::runningCount() const
{
    return m_queue->runningCount();
}

QFuture<Task> Service::submit(Context context, protocol::NewTask task, protocol::Principal caller)
{
    m_queue->check(task, caller);
    return m_pool
        .write(
            std::move(context),
            [task = std::move(task), caller = std::move(caller)](Connection &connection) {
                return store::create(connection, task, caller);
            },
            [queue = m_queue](const Task &created) { queue->add(created); })
        .future();
}

Service::Submission Service::submission() const
{
    return { .check = [queue = m_queue](const protocol::NewTask &task,
                                        const protocol::Principal &caller) { queue->check(task, caller); },
             .announce = [queue = m_queue](const Task &task) { queue->add(task); } };
}

QFuture<TaskList> Service::list(Context context, ListQuery query)
{
    return m_pool
        .read(std::move(context),
              [queue = m_queue, query](Connection &connection) {
                  TaskList page;
                  // One more than asked for: whether there is a next page.
                  auto tasks = store::list(connection, query.status, query.cursor, query.limit + 1);
                  if (tasks.size() > query.limit) {
                      tasks.removeLast();
                      page.next = tasks.last().id;
                  }
                  for (Task &task : tasks)
                      page.items.append(queue->withProgress(std::move(task)));
                  return page;
              })
        .future();
}

QFuture<Task> Service::get(Context context, qint64 id)
{
    return m_pool
        .read(std::move(context),
              [queue = m_queue, id](Connection &connection) { return queue->withProgress(store::get(connection, id)); })
        .future();
}

QFuture<QList<protocol::TaskLogLine>> Service::log(Context context, qint64 id, qint64 after)
{
    return m_pool
        .read(std::move(context),
              [queue = m_queue, id, after](Connection &connection) {
                  return queue->withUnsaved(id, after, store::log(connection, id, after));
              })
        .future();
}

QFuture<Task> Service::cancel(Context context, qint64 id, protocol::Principal caller)
{
    return m_pool
        .write(
            std::move(context),
            [id, caller = std::move(caller)](Connection &connection) { return store::cancel(connection, id, caller); },
            [queue = m_queue](const Task &task) { queue->cancelled(task); })
        .future();
}

QFuture<Task> Service::retry(Context context, qint64 id, protocol::Principal caller)
{
    return m_pool
        .write(
            std::move(context),
            [id, caller = std::move(caller)](Connection &connection) { return store::retry(connection, id, caller); },
            [queue = m_queue](const Task &task) { queue->add(task); })
        .future();
}

QFuture<qint64> Service::remove(Context context, qint64 id, protocol::Principal caller)
{
    return m_pool
        .write(std::move(context),
               [id, caller = std::move(caller)](Connection &connection) {
                   store::remove(connection, id, caller);
                   return id;
               })
        .future();
}

void Service::addListener(Listener listener)
{
    m_queue->addListener(std::move(listener));
}

std::optional<Service::Change> Service::progress(qint64 id) const
{
    return m_queue->progress(id);
}

qint64 Service::epoch() const
{
    return m_queue->epoch();
}

} // namespace godwit::tasks
