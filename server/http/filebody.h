// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/body.h"
#include "server/http/byteranges.h"
#include "shared/async/oneshot.h"

#include <QCoroTask>
#include <QFile>

#include <memory>
#include <vector>

namespace godwit::runtime {
class BlockingPool;
}

namespace godwit::http {

/// A file, or parts of it, read as fast as the client takes it. Its size is told beforehand; a file that has become
/// shorter meanwhile cuts the connection. What the kernel has in memory is read on the reactor, which waits for no disk
/// then; for what it has not, a thread of the pool waits.
class FileBody final : public Body, public std::enable_shared_from_this<FileBody>
{
public:
    struct Part
    {
        QByteArray before; ///< what stands in front of it: the head of a part of multipart/byteranges
        ByteRange range; ///< within the file
    };

    /// @p file is open. @p after stands behind the last part. Without a @p pool all is read on the reactor.
    FileBody(std::unique_ptr<QFile> file, std::vector<Part> parts, QByteArray after, runtime::BlockingPool *pool);

    State read(QByteArray &out, qsizetype budget) override;
    qint64 size() const override { return m_size; }

private:
    State readFile(QByteArray &out, qint64 most);
    void takeFetched(QByteArray &out, qint64 most);
    void fetch();
    static QCoro::Task<> waitFor(std::weak_ptr<FileBody> self, async::OneShot<QByteArray> reading);

    const std::shared_ptr<QFile> m_file; // shared with a thread that reads it
    const std::vector<Part> m_parts;
    const QByteArray m_after;
    runtime::BlockingPool *const m_pool;
    qint64 m_size = 0;
    size_t m_index = 0; // of the part in work
    qint64 m_done = 0; // of it
    QByteArray m_fetched; // by the pool, from m_fetchedAt on not taken yet
    qsizetype m_fetchedAt = 0;
    bool m_isInFront = true; // of the part: what stands before it is due
    bool m_isFetching = false, m_hasFailed = false;
};

} // namespace godwit::http
