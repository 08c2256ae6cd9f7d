// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/importcommand.h"

#include "server/app/datafolder.h"
#include "server/app/remoteimport.h"
#include "server/app/stoppable.h"
#include "server/app/terminal.h"
#include "server/db/migrations.h"
#include "server/db/pool.h"
#include "server/search/importer.h"
#include "server/search/service.h"

#include <QDir>

using namespace Qt::StringLiterals;

namespace godwit::app {

namespace {

int importHere(const QStringList &paths, const config::Loaded &loaded)
{
    orThrow(DataFolder::make(loaded.config.server.data));
    DataFolder::hideDatabase(loaded.config.server.data);
    db::Pool pool(loaded.config.database);
    db::migrate(pool);
    search::Service search(pool);
    ProgressLine line;
    const search::ImportReport report = runStoppable([&](std::stop_token stop) {
        return search::importPaths(search, paths, std::move(stop), [&line](const search::ImportProgress &progress) {
            line.show(progress.percent(),
                      u"%1 documents, %2"_s.arg(progress.documents).arg(progress.current.section(u'/', -1)));
        });
    });
    line.clear();
    showReport(report.toJson());
    return report.isCancelled ? 1 : 0;
}

} // namespace

int import(const Arguments &arguments, const config::Loaded &loaded)
{
    QStringList paths;
    for (const QString &path : arguments.paths)
        paths.append(QDir::current().absoluteFilePath(path)); // a daemon has another folder than we
    if (!arguments.server.isEmpty())
        return importThrough(QUrl(arguments.server), paths, loaded.config.server.data);
    return importHere(paths, loaded);
}

} // namespace godwit::app
