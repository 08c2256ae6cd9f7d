// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/search/importer.h"
#include "server/tasks/kinds.h"
#include "shared/core/jsonreader.h"

#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace godwit::tasks {

static Result<QStringList> importPathsOf(const QJsonObject &params)
{
    JsonReader reader(params);
    QStringList paths;
    const QJsonArray given = reader.array("paths"_L1);
    for (const auto &path : given) {
        if (!path.isString() || !QFileInfo(path.toString()).isAbsolute())
            reader.fail("paths"_L1, u"must be absolute paths on the server's machine"_s);
        else if (!QFileInfo::exists(path.toString()))
            reader.fail("paths"_L1, u"must exist: there is no "_s + path.toString());
        else
            paths.append(path.toString());
    }
    if (paths.isEmpty())
        reader.fail("paths"_L1, u"must name a file or a folder"_s);
    return reader.finish(std::move(paths));
}

static QJsonObject import(search::Service &service, Job &job)
{
    const auto report = search::importPaths(
        service, orThrow(importPathsOf(job.params())), job.stopToken(), [&job](const search::ImportProgress &progress) {
            job.setProgress(
                progress.percent(),
                u"%1 documents, %2"_s.arg(QString::number(progress.documents), QFileInfo(progress.current).fileName()));
        });
    job.setProgress(100, u"%1 documents from %2 files"_s.arg(report.documents).arg(report.files));
    return report.toJson();
}

/// `import` `{paths: ["/folder", ...]}`: reads files of this machine into the search; the result is ImportReport's.
Kind importKind(const Resources &resources)
{
    // One at a time: two would only wait for each other at the writer.
    return { .name = u"import"_s,
             .handler = [&search = resources.search](Job &job) { return import(search, job); },
             .options = { .check = [](const QJsonObject &params) { orThrow(importPathsOf(params)); },
                          .params = QStringList{ u"paths"_s } } };
}

} // namespace godwit::tasks
