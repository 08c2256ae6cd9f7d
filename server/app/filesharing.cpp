// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/filesharing.h"

#include "server/files/endpoints.h"
#include "server/files/tus.h"
#include "server/metrics/inspecttoolkit.h"

#include <QDir>
#include <QLoggingCategory>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::app {

Q_LOGGING_CATEGORY(filesLog, "godwit.files")

namespace {

files::Options withDirectory(files::Options options, const QString &dataFolder)
{
    if (options.directory.isEmpty())
        options.directory = QDir(dataFolder).filePath(u"files"_s);
    return options;
}

QCoro::Task<> removeExpired(files::Uploads &uploads)
{
    try {
        auto removing = uploads.removeExpired();
        co_await std::move(removing);
    } catch (const Error &error) {
        qCWarning(filesLog, "expired uploads were not removed: %s", error.what());
    }
}

} // namespace

FileSharing::FileSharing(db::Pool &pool, runtime::BlockingPool &threads, const QString &dataFolder,
                         files::Options options)
    : m_files(pool, threads, withDirectory(std::move(options), dataFolder)),
      m_content(m_files.options().directory, http::StaticFiles::Makers::Anybody, &threads),
      m_uploads(m_files)
{
    m_files.start();
    QObject::connect(&m_housekeeping, &QTimer::timeout, &m_housekeeping, [this] { removeExpired(m_uploads); });
    m_housekeeping.start(1min);
}

void FileSharing::addRoutes(http::Router &router, auth::AuditLog &audit)
{
    files::addFileRoutes(router, m_files, m_content, audit);
    files::addUploadRoutes(router, m_uploads);
}

void FileSharing::addFigures(metrics::Registry &registry) const
{
    registry.addGauge("godwit_uploads_receiving", "Uploads that are being received.",
                      [this] { return double(m_uploads.places().figures().running); });
}

void FileSharing::addInspected(metrics::Registrations &inspected) const
{
    const auto list = [this](qsizetype most) {
        metrics::InspectableGroup::Listed listed;
        const TimePoint now = std::chrono::steady_clock::now();
        const auto receipts = m_uploads.receipts();
        for (const auto &receipt : receipts) {
            if (listed.parts.size() == most)
                break;
            listed.parts.append({ .kind = {},
                                  .name = QString::fromLatin1(receipt.upload.id),
                                  .state = u"receiving"_s,
                                  .figures = { { u"file"_s, receipt.upload.name },
                                               { u"user"_s, receipt.upload.owner.name },
                                               { u"length"_s, receipt.upload.length },
                                               { u"received"_s, receipt.received },
                                               { u"age"_s, metrics::seconds(now - receipt.since) } } });
        }
        listed.omitted = qint64(receipts.size()) - listed.parts.size();
        return listed;
    };
    inspected.add(metrics::InspectableGroup{ .kind = u"upload"_s, .list = list });
    inspected.add(metrics::inspectable(m_uploads.places()));
}

} // namespace godwit::app
