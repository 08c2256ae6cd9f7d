// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/contentdisposition.h"
#include "server/http/exchange.h"
#include "server/http/openbeneath.h"
#include "server/http/response.h"

namespace godwit::http {

/// The files of one folder over GET and HEAD: streamed in constant memory, with `ETag`, `If-None-Match`, `Range` (one),
/// `If-Range` and `Content-Disposition`. No path ever leaves the folder. Safe from all reactors.
///
///     static Response file(StaticFiles &files, Exchange &exchange, Path<QString> path)
///     {
///         return files.respond(exchange, *path);
///     }
///     router.get("/files/{path...}", bind(file, files));
class StaticFiles
{
public:
    /// Throws Error::NotFound if there is no such folder.
    explicit StaticFiles(const QString &folder, Disposition disposition = Disposition::Inline);

    /// Throws Error::NotFound. @p path is decoded and relative.
    Response respond(const Exchange &exchange, const QString &path) const;

private:
    const RootFolder m_root;
    const Disposition m_disposition;
};

} // namespace godwit::http
