// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/pool.h"
#include "server/files/folder.h"
#include "server/files/options.h"
#include "server/files/store.h"
#include "server/runtime/blockingpool.h"
#include "shared/async/bulkhead.h"

#include <QCoroTask>

#include <atomic>

namespace godwit::files {

/// The files that are there, in the folder and in the table that says whose they are and lets them be found.
/// Any thread.
class Service
{
public:
    /// Makes the folder if it is missing. What is given outlives the service.
    Service(db::Pool &pool, runtime::BlockingPool &threads, Options options, const Clock &clock = Clock::system());

    /// Before anything else, and blocks: what the last process left between disk and table is finished, and what was
    /// put into the folder or taken from it by hand is noted.
    void start();

    /// Newest first; those before the id @p before (0: all).
    async::OneShot<QList<File>> list(async::Context context, qint64 before, int limit);
    /// By its owner or an operator. Error::NotFound, Error::PermissionDenied.
    QCoro::Task<File> remove(async::Context context, protocol::Principal caller, QString name);

    const Options &options() const { return m_options; }

    // For Uploads and Deposit.
    db::Pool &pool() { return m_pool; }
    /// Jobs take it along: they may outlive the service.
    const std::shared_ptr<Folder> &folder() const { return m_folder; }
    const Clock &clock() const { return m_clock; }
    /// Bytes of deposits that are not finished.
    qint64 deposited() const { return m_deposited.load(std::memory_order_relaxed); }
    void addDeposited(qint64 bytes) { m_deposited.fetch_add(bytes, std::memory_order_relaxed); }
    /// On a thread that may wait for the disk; a few of them at a time, so that a slow disk leaves others for the rest.
    /// What has begun is not stopped.
    template<class Work>
    QCoro::Task<std::invoke_result_t<Work>> onDisk(Work work)
    {
        auto acquiring = m_disk.acquire({});
        const auto permit = co_await std::move(acquiring);
        auto running = m_threads.run({}, std::move(work));
        co_return co_await std::move(running);
    }

private:
    void takeUpUploads(const QList<Folder::Found> &found);
    void compare(const QList<Folder::Found> &found);

    db::Pool &m_pool;
    runtime::BlockingPool &m_threads;
    const Options m_options;
    const Clock &m_clock;
    const std::shared_ptr<Folder> m_folder; // shared with jobs
    async::Bulkhead m_disk;
    std::atomic<qint64> m_deposited{ 0 };
};

/// The file that @p upload becomes, under a name that is free: its own, or its own with a number. Blocks.
File publish(Folder &folder, const Upload &upload, const QByteArray &sha256, Timestamp now);

} // namespace godwit::files
