// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/db/migrations.h"
#include "server/files/uploaderror.h"
#include "server/files/uploads.h"
#include "tests/db/testpool.h"
#include "tests/support/waiting.h"

#include <QDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::files;
using protocol::Principal;
using protocol::Role;

namespace {

const Principal anna{ .userId = 2, .name = u"anna"_s, .role = Role::Member };
const Principal bert{ .userId = 3, .name = u"bert"_s, .role = Role::Member };
const Principal boss{ .userId = 4, .name = u"boss"_s, .role = Role::Operator };

class Fixture
{
public:
    explicit Fixture(Options options = {})
    {
        db::migrate(database.pool);
        options.directory = database.dir.filePath(u"files"_s);
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
    QString path(const QString &name) const { return database.dir.filePath(u"files/"_s + name); }
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
    Upload begin(const QString &name, qint64 length, const Principal &caller = anna)
    {
        return awaited(uploads->begin({}, caller, { .name = name, .length = length }));
    }
    Upload send(const QByteArray &id, qint64 offset, const QByteArray &content, const Principal &caller = anna)
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

} // namespace

class tst_FileService : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void theFolderIsTheTruth();
    void whatEndedBeforeItsFileAppeared();
    void whatEndedBeforeItWasNoted();
    void whatWasNotNotedIsCutOff();
    void whatIsLostIsSaid();
    void onlyOwnersAndOperatorsRemove();
    void theHashOfWhatCameInPieces();
    void uploadsExpire();
    void aUserHasOnlySoMany();
    void theQuotaCountsWhatIsAnnounced();
};

void tst_FileService::theFolderIsTheTruth()
{
    Fixture test;
    test.send(test.begin(u"kept.txt"_s, 4).id, 0, "kept");
    test.send(test.begin(u"gone.txt"_s, 4).id, 0, "gone");
    test.put(u"by hand.csv"_s, "1,2");
    test.put(u".hidden"_s, "");
    QVERIFY(QFile::link(u"/etc/passwd"_s, test.path(u"link"_s)));
    QVERIFY(QFile::remove(test.path(u"gone.txt"_s)));
    QTest::ignoreMessage(QtInfoMsg, QRegularExpression(u"2 files were put into the folder"_s));
    test.restart();
    const QList<File> files = test.list();
    QCOMPARE(files.size(), 2);
    QCOMPARE(files[0].name, u"by hand.csv"_s);
    QCOMPARE(files[0].type, u"text/csv; charset=utf-8"_s);
    QCOMPARE(files[0].owner.name, QString());
    QCOMPARE(files[1].name, u"kept.txt"_s);
    QCOMPARE(files[1].owner.name, u"anna"_s);

    test.put(u"kept.txt"_s, "changed");
    test.restart();
    QCOMPARE(test.list()[0].size, 7);
    QCOMPARE(test.list()[0].owner.name, u"anna"_s);
    QCOMPARE(test.list()[0].sha256, QByteArray());
}

/// All bytes are noted, and the file has not been moved.
void tst_FileService::whatEndedBeforeItsFileAppeared()
{
    Fixture test;
    const Upload upload = test.begin(u"a"_s, 5);
    test.put(u".uploads/"_s + QString::fromLatin1(upload.id), "hello");
    test.execute(u"UPDATE uploads SET received = 5 WHERE id = ?", { QString::fromLatin1(upload.id) });
    test.restart();
    QCOMPARE(test.contentOf(u"a"_s), "hello"_ba);
    QCOMPARE(test.list().size(), 1);
    QCOMPARE(test.list()[0].owner.name, u"anna"_s);
    QCOMPARE(awaited(test.uploads->find({}, anna, upload.id)).finishedAs, u"a"_s);
}

/// The file has been moved, and that is not noted.
void tst_FileService::whatEndedBeforeItWasNoted()
{
    Fixture test;
    const Upload upload = test.begin(u"a"_s, 5), lost = test.begin(u"b"_s, 5);
    test.put(u"a"_s, "hello");
    test.execute(u"UPDATE uploads SET received = 5", {});
    test.restart();
    QCOMPARE(test.list().size(), 1);
    QCOMPARE(test.list()[0].owner.name, u"anna"_s);
    QCOMPARE(awaited(test.uploads->find({}, anna, upload.id)).finishedAs, u"a"_s);
    QCOMPARE(errorOf([&] { awaited(test.uploads->find({}, anna, lost.id)); })->code(), Error::Code::NotFound);
}

void tst_FileService::whatWasNotNotedIsCutOff()
{
    Fixture test;
    const Upload upload = test.begin(u"a"_s, 10);
    test.send(upload.id, 0, "hello");
    const QString part = u".uploads/"_s + QString::fromLatin1(upload.id);
    test.put(part, "helloGARBA");
    test.restart();
    QCOMPARE(awaited(test.uploads->find({}, anna, upload.id)).received, 5);
    QCOMPARE(test.send(upload.id, 5, "world").finishedAs, u"a"_s);
    QCOMPARE(test.contentOf(u"a"_s), "helloworld"_ba);
    QCOMPARE(test.list()[0].sha256, QByteArray()); // this process has not seen it whole
}

void tst_FileService::whatIsLostIsSaid()
{
    Fixture test;
    const Upload upload = test.begin(u"a"_s, 10);
    test.send(upload.id, 0, "hello");
    test.put(u".uploads/"_s + QString::fromLatin1(upload.id), "hel");
    QCOMPARE(errorOf([&] { test.send(upload.id, 5, "world"); })->code(), Error::Code::NotFound);
    test.put(u".uploads/stranger"_s, "");
    test.restart();
    QVERIFY(!QFile::exists(test.path(u".uploads/stranger"_s)));
}

void tst_FileService::onlyOwnersAndOperatorsRemove()
{
    Fixture test;
    test.send(test.begin(u"a"_s, 1).id, 0, "a");
    test.send(test.begin(u"b"_s, 1).id, 0, "b");
    const auto remove = [&test](const Principal &caller, const QString &name) {
        const auto error = errorOf([&] { awaited(test.service->remove({}, caller, name)); });
        return error ? int(error->code()) : -1;
    };
    QCOMPARE(remove(bert, u"a"_s), int(Error::Code::PermissionDenied));
    QCOMPARE(remove(anna, u"a"_s), -1);
    QCOMPARE(remove(anna, u"a"_s), int(Error::Code::NotFound));
    QCOMPARE(remove(boss, u"b"_s), -1);
    QCOMPARE(test.list().size(), 0);
    QCOMPARE(QDir(test.path({})).entryList(QDir::Files).size(), 0);
}

void tst_FileService::theHashOfWhatCameInPieces()
{
    Fixture test;
    const Upload upload = test.begin(u"a"_s, 3);
    test.send(upload.id, 0, "a");
    test.send(upload.id, 1, "bc");
    QCOMPARE(test.list()[0].sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"_ba);
}

void tst_FileService::uploadsExpire()
{
    Fixture test;
    const Upload old = test.begin(u"old"_s, 10);
    test.send(old.id, 0, "hello");
    test.clock.advance(23h);
    const Upload fresh = test.begin(u"fresh"_s, 10);
    test.clock.advance(2h);
    QCoro::waitFor(test.uploads->removeExpired());
    QCOMPARE(QDir(test.path(u".uploads"_s)).entryList(QDir::Files).size(), 0); // nothing of the other has come
    QCOMPARE(errorOf([&] { test.send(old.id, 5, "world"); })->code(), Error::Code::NotFound);
    QCOMPARE(test.send(fresh.id, 0, "hello").received, 5);
}

void tst_FileService::aUserHasOnlySoMany()
{
    Fixture test({ .uploadsPerUser = 2 });
    test.begin(u"a"_s, 1);
    const Upload second = test.begin(u"b"_s, 1);
    QCOMPARE(errorOf([&] { test.begin(u"c"_s, 1); })->code(), Error::Code::ResourceExhausted);
    test.begin(u"c"_s, 1, bert);
    test.send(second.id, 0, "b");
    test.begin(u"d"_s, 1); // as that one has ended
}

void tst_FileService::theQuotaCountsWhatIsAnnounced()
{
    Fixture test({ .maxSize = 0, .quota = 100 });
    test.begin(u"a"_s, 60);
    const auto refused = [&test](qint64 length) {
        try {
            test.begin(u"b"_s, length);
        } catch (const UploadError &error) {
            return error.reason() == UploadError::Reason::NoSpace;
        }
        return false;
    };
    QVERIFY(refused(41));
    QVERIFY(refused(std::numeric_limits<qint64>::max()));
    QVERIFY(!refused(40));
}

QTEST_GUILESS_MAIN(tst_FileService)
#include "tst_fileservice.moc"
