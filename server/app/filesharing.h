// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/files/uploads.h"
#include "server/http/router.h"
#include "server/http/staticfiles.h"
#include "server/metrics/inspectable.h"
#include "server/metrics/registry.h"

#include <QTimer>

namespace godwit::auth {
class AuditLog;
}

namespace godwit::app {

/// The files and the uploads that become some, put together. Lives in a thread with an event loop, for what expires.
class FileSharing
{
    Q_DISABLE_COPY_MOVE(FileSharing)

public:
    /// Blocks: brings folder and table together. @p dataFolder has the directory, where the options name none.
    FileSharing(db::Pool &pool, runtime::BlockingPool &threads, const QString &dataFolder, files::Options options);

    files::Service &service() { return m_files; }
    const QString &directory() const { return m_files.options().directory; }
    void addRoutes(http::Router &router, auth::AuditLog &audit);
    void addFigures(metrics::Registry &registry) const;
    /// Each upload under way, and the places for them.
    void addInspected(metrics::Registrations &inspected) const;

private:
    files::Service m_files;
    http::StaticFiles m_content;
    files::Uploads m_uploads;
    QTimer m_housekeeping;
};

} // namespace godwit::app
