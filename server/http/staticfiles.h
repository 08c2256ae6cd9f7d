// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/exchange.h"
#include "server/http/openbeneath.h"
#include "server/http/response.h"

namespace godwit::runtime {
class BlockingPool;
}

namespace godwit::http {

/// The files of one folder over GET and HEAD: streamed in constant memory, with `ETag`, `Last-Modified`, conditions on
/// both, `Range` (one and several), `If-Range` by entity tag or date, and `Content-Disposition`. No path ever leaves
/// the folder. Safe from all reactors.
///
///     static Response file(StaticFiles &files, Exchange &exchange, Path<QString> path)
///     {
///         return files.respond(exchange, *path);
///     }
///     router.get("/files/{path...}", bind(file, files));
class StaticFiles
{
public:
    enum class Makers {
        Ours, ///< the folder is part of the program: every file is shown
        Anybody, ///< it was uploaded: what could run something in a browser is offered for saving, and sandboxed
    };

    /// @p pool waits for the disk; null: the reactor does. Throws Error::NotFound if there is no such folder.
    explicit StaticFiles(const QString &folder, Makers makers = Makers::Ours, runtime::BlockingPool *pool = nullptr);

    /// Throws Error::NotFound. @p path is decoded and relative.
    Response respond(const Exchange &exchange, const QString &path) const;

private:
    const RootFolder m_root;
    const Makers m_makers;
    runtime::BlockingPool *const m_pool;
};

} // namespace godwit::http
