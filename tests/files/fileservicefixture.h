// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/migrations.h"
#include "server/files/uploads.h"
#include "tests/db/testpool.h"
#include "tests/support/waiting.h"

#include <QTest>

namespace godwit::files {

inline const protocol::Principal anna{ .userId = 2, .name = QStringLiteral("anna"), .role = protocol::Role::Member };
inline const protocol::Principal bert{ .userId = 3, .name = QStringLiteral("bert"), .role = protocol::Role::Member };
inline const protocol::Principal boss{ .userId = 4, .name = QStringLiteral("boss"), .role = protocol::Role::Operator };

/// A service on a folder and a database of its own, and its uploads.
class Fixture
{
public:
    explicit Fixture(Options options = {})
    {
        db::migrate(database.pool);
        options.directory = database.dir.filePath(QStringLiteral("files"));
        m_options = options;
        restart();
    }
    /// As another process would find it.
    void restart()
    {
        uploads.reset();
        service.emplace(database.pool, threads, m_options, clock);
        service->start();
        uploads.emplace(*service);
    }
    QString path(const QString &name) const { return database.dir.filePath(QStringLiteral("files/") + name); }
    void put(const QString &name, const QByteArray &content) const
    {
        QFile file(path(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
    }
    QByteArray contentOf(const QString &name) const
    {
        QFile file(path(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("nothing");
    }
    QList<File> list() { return service->list({}, 0, 1000).future().result(); }
    Upload begin(const QString &name, qint64 length, const protocol::Principal &caller = anna)
    {
        return awaited(uploads->begin({}, caller, { .name = name, .length = length }));
    }
    Upload send(const QByteArray &id, qint64 offset, const QByteArray &content,
                const protocol::Principal &caller = anna)
    {
        // Sent at once; nothing behind it.
        auto pieces = std::make_shared<QByteArrayList>(QByteArrayList{ content });
        const auto next = [pieces] {
            auto [finisher, result] = async::oneShot<QByteArray>();
            finisher.set(pieces->isEmpty() ? QByteArray() : pieces->takeFirst());
            return std::move(result);
        };
        return awaited(uploads->receive({}, caller, id, { .offset = offset, .next = next }));
    }
    void execute(QStringView sql, const QVariantList &values)
    {
        auto writing = database.pool.write({}, [sql, values](db::Connection &c) { c.execute(sql, values); });
        std::move(writing).future().waitForFinished();
    }

    ManualClock clock;
    db::TestPool database;
    runtime::BlockingPool threads;
    std::optional<Service> service;
    std::optional<Uploads> uploads;

private:
    Options m_options;
};

template<class Work>
std::optional<Error> errorOf(Work work)
{
    try {
        work();
        return {};
    } catch (const Error &error) {
        return error;
    }
}

} // namespace godwit::files
