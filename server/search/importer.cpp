// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/search/importer.h"

#include "server/search/filereader.h"

#include <QDirIterator>
#include <QElapsedTimer>
#include <QRandomGenerator>

using namespace Qt::StringLiterals;

namespace godwit::search {

/// How many documents one write removes: as short as the writes that add.
static constexpr int removedAtOnce = 500;

namespace {

class Importer
{
public:
    Importer(Service &service, std::stop_token stop, const std::function<void(const ImportProgress &)> &tell,
             const ImportOptions &options)
        : m_service(service),
          m_context{ .stop = std::move(stop) },
          m_tell(tell),
          m_options(options)
    {
        m_sinceTold.start();
    }

    ImportReport run(const QStringList &roots)
    {
        for (const QString &root : roots)
            forEachFile(root, [this](const QFileInfo &file) { m_progress.totalBytes += file.size(); });
        try {
            for (const QString &root : roots)
                forEachFile(root, [this](const QFileInfo &file) { importFile(file); });
            flush();
            waitForWrite();
            for (const QString &root : roots)
                removeUnseen(root);
        } catch (const Error &error) {
            waitQuietly();
            if (!m_context.stop.stop_requested())
                throw;
            m_report.isCancelled = true;
        }
        tell();
        return m_report;
    }

private:
    template<class Visit>
    void forEachFile(const QString &root, Visit visit)
    {
        const QFileInfo info(root);
        if (!info.isDir()) {
            visit(info);
            return;
        }
        // Neither hidden files nor links; so there are no loops.
        QDirIterator files(root, QDir::Files | QDir::NoSymLinks, QDirIterator::Subdirectories);
        while (files.hasNext()) {
            m_context.throwIfStopped();
            files.next();
            visit(files.fileInfo());
        }
    }

    void importFile(const QFileInfo &info)
    {
        m_context.throwIfStopped();
        const qint64 before = m_progress.doneBytes;
        m_progress.current = info.filePath();
        const auto skipReason = readFile(info, m_options.fileBytes, [&](store::Imported document, qint64 position) {
            m_progress.doneBytes = before + position;
            add(std::move(document));
        });
        if (skipReason)
            ++m_report.skipped[*skipReason];
        else
            ++m_report.files;
        m_progress.doneBytes = before + info.size();
        tellSometimes();
    }

    void add(store::Imported document)
    {
        m_context.throwIfStopped();
        m_batchBytes += document.body.size();
        m_batch.append(std::move(document));
        if (m_batch.size() >= m_options.batchDocuments || m_batchBytes >= m_options.batchBytes)
            flush();
        tellSometimes();
    }

    /// One write is under way while the next batch is read.
    void flush()
    {
        waitForWrite();
        if (m_batch.isEmpty())
            return;
        m_write = m_service.putImported(m_context, std::exchange(m_batch, {}), m_stamp);
        m_batchBytes = 0;
    }

    void waitForWrite()
    {
        if (!m_write)
            return;
        const qint64 written = std::exchange(m_write, {})->result();
        m_progress.documents += written;
        m_report.documents += written;
    }

    /// After an error: so that the report says what is stored.
    void waitQuietly()
    {
        try {
            waitForWrite();
        } catch (const Error &) {
            // The first one is what the caller hears of.
            m_write.reset();
        }
    }

    void removeUnseen(const QString &root)
    {
        qint64 removed = 0;
        do {
            removed = m_service.removeUnseen(m_context, root, m_stamp, removedAtOnce).result();
            m_report.removed += removed;
        } while (removed >= removedAtOnce);
    }

    void tellSometimes()
    {
        if (m_sinceTold.elapsed() < 100)
            return;
        m_sinceTold.restart();
        tell();
    }

    void tell()
    {
        if (m_tell)
            m_tell(m_progress);
    }

    Service &m_service;
    const async::Context m_context;
    const std::function<void(const ImportProgress &)> &m_tell;
    const ImportOptions m_options;
    // No number that another import had: what does not carry it was not seen by this one.
    const qint64 m_stamp = qint64(QRandomGenerator::global()->generate64() >> 1);
    ImportProgress m_progress;
    ImportReport m_report;
    QElapsedTimer m_sinceTold;
    QList<store::Imported> m_batch;
    qsizetype m_batchBytes = 0;
    std::optional<QFuture<qint64>> m_write;
};

} // namespace

QJsonObject ImportReport::toJson() const
{
    QJsonObject reasons;
    for (auto it = skipped.begin(); it != skipped.end(); ++it)
        reasons.insert(it.key(), it.value());
    return { { u"files"_s, files },
             { u"documents"_s, documents },
             { u"removed"_s, removed },
             { u"skipped"_s, reasons },
             { u"cancelled"_s, isCancelled } };
}

ImportReport importPaths(Service &service, const QStringList &paths, std::stop_token stop,
                         const std::function<void(const ImportProgress &)> &progress, const ImportOptions &options)
{
    QStringList roots;
    for (const QString &path : paths) {
        // A path that is itself a link is meant; canonical, so that the same file has the same name the next time.
        const QString root = QFileInfo(path).canonicalFilePath();
        if (root.isEmpty())
            throw Error(Error::Code::InvalidArgument, u"there is no file or folder "_s + path);
        if (!roots.contains(root))
            roots.append(root);
    }
    return Importer(service, std::move(stop), progress, options).run(roots);
}

} // namespace godwit::search
