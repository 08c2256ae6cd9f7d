// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/migrations.h"
#include "server/tasks/kinds.h"

#include <QTemporaryDir>
#include <QTest>

#include <condition_variable>
#include <mutex>
#include <optional>

namespace godwit::tasks {

/// By name, for messages that can be read.
namespace Status {
inline const QString Queued = QStringLiteral("queued");
inline const QString Running = QStringLiteral("running");
inline const QString Completed = QStringLiteral("completed");
inline const QString Failed = QStringLiteral("failed");
inline const QString Cancelled = QStringLiteral("cancelled");
} // namespace Status

/// A service on a database that survives it, as the daemon's does a restart.
class TestTasks
{
public:
    enum State { Open, Closed };
    explicit TestTasks(State state = Open)
    {
        if (state == Open)
            open();
    }
    ~TestTasks() { close(); }

    void open()
    {
        pool.emplace(db::Options{ .file = dir.filePath(QStringLiteral("test.db")) });
        db::migrate(*pool);
        threads.emplace();
        service.emplace(*pool, *threads);
    }
    void close()
    {
        service.reset();
        threads.reset();
        pool.reset();
    }
    protocol::Task submit(const QString &kind, int priority = 0, const QJsonObject &params = {})
    {
        return service->submit({}, { .kind = kind, .params = params, .priority = priority }).result();
    }
    protocol::Task get(qint64 id) { return service->get({}, id).result(); }
    QString status(qint64 id) { return toString(get(id).status); }

    QTemporaryDir dir;
    std::optional<db::Pool> pool;
    std::optional<runtime::BlockingPool> threads;
    std::optional<Service> service;
};

/// The same with all kinds, and a client that may talk to 127.0.0.1.
class TestKinds
{
public:
    explicit TestKinds(outbound::Options options = { .allow = { QStringLiteral("127.0.0.1") },
                                                     .bodyBytes = 1'000'000,
                                                     .retryDelay = std::chrono::milliseconds(1) },
                       godwit::files::Options sharing = {})
        : client(std::move(options), {}),
          search(*tasks.pool),
          exports(*tasks.pool, {}),
          shared(*tasks.pool, *tasks.threads, in(std::move(sharing), files.path()))
    {
        addKinds(*tasks.service,
                 { .pool = *tasks.pool,
                   .search = search,
                   .outbound = client,
                   .exports = exports,
                   .files = shared,
                   .dataFolder = tasks.dir.path(),
                   .filesFolder = files.path() });
        tasks.service->start();
    }
    ~TestKinds() { tasks.close(); }
    static godwit::files::Options in(godwit::files::Options options, const QString &folder)
    {
        options.directory = folder;
        return options;
    }

    qint64 submit(const QString &kind, const QJsonObject &params) { return tasks.submit(kind, 0, params).id; }

    QTemporaryDir files;
    outbound::Client client;
    TestTasks tasks;
    search::Service search;
    exports::Service exports;
    godwit::files::Service shared; // what is in `files`
};

/// Holds handlers until it is opened or their job is stopped.
class Gate
{
public:
    /// @return false if the job was stopped.
    bool pass(Job &job)
    {
        std::unique_lock lock(m_mutex);
        ++m_arrived;
        return m_wake.wait(lock, job.stopToken(), [this] { return m_isOpen; });
    }
    void open()
    {
        const std::lock_guard lock(m_mutex);
        m_isOpen = true;
        m_wake.notify_all();
    }
    int arrived() const
    {
        const std::lock_guard lock(m_mutex);
        return m_arrived;
    }

private:
    mutable std::mutex m_mutex;
    std::condition_variable_any m_wake;
    bool m_isOpen = false;
    int m_arrived = 0;
};

/// Passes @p gate, and fails as a stopped handler does where it is stopped there.
inline Handler through(Gate &gate)
{
    return [&gate](Job &job) {
        if (!gate.pass(job))
            throw Error::cancelled();
        return QJsonObject{ { QStringLiteral("attempt"), job.attempt() } };
    };
}

template<class Work>
std::optional<Error::Code> errorFrom(Work work)
{
    try {
        work();
        return {};
    } catch (const Error &error) {
        return error.code();
    }
}

} // namespace godwit::tasks
