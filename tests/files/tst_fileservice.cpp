// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/files/uploaderror.h"
#include "tests/files/fileservicefixture.h"

#include <QDir>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::files;
using protocol::Principal;

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
    void aUserAnnouncesOnlySoMuch();
    void aUserSendsOnlySoManyAtATime();
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
    // This process has not seen it whole, and so reads it again.
    QCOMPARE(test.list()[0].sha256, "936a185caaa266bb9cbe981e9e05cb78cd732b0b3280eb944412bb6f8f8f07af"_ba);
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
    Fixture test({ .maxSize = 0, .quota = 100, .announcedPerUser = 1000 });
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
    QVERIFY(refused(900));
    QVERIFY(!refused(40));
}

void tst_FileService::aUserAnnouncesOnlySoMuch()
{
    Fixture test({ .maxSize = 0, .quota = 100 }); // so half of it
    const auto refused = [&test](qint64 length, const Principal &caller) {
        const auto error = errorOf([&] { test.begin(u"b"_s, length, caller); });
        return error && error->code() == Error::Code::ResourceExhausted && error->decider()
            && error->decider()->name == u"announced bytes of a user";
    };
    QVERIFY_THROWS_EXCEPTION(UploadError, test.begin(u"b"_s, 51)); // which would not be less later
    QVERIFY_THROWS_EXCEPTION(UploadError, test.begin(u"b"_s, std::numeric_limits<qint64>::max()));
    const Upload upload = test.begin(u"a"_s, 50);
    QVERIFY(refused(1, anna));
    QVERIFY(!refused(20, bert));
    test.send(upload.id, 0, QByteArray(30, 'x')); // which is no promise any more
    QVERIFY(!refused(30, anna));
    QVERIFY(refused(1, anna));
}

void tst_FileService::aUserSendsOnlySoManyAtATime()
{
    Fixture test({ .sendingPerUser = 2 });
    std::vector<async::OneShot<QByteArray>::Finisher> senders; // that send nothing yet
    const auto begin = [&](const QString &name, const Principal &caller) {
        const Upload upload = test.begin(name, 1, caller);
        return test.uploads->receive({}, caller, upload.id, { .offset = 0, .next = [&senders] {
                                                                 auto [finisher, result] = async::oneShot<QByteArray>();
                                                                 senders.push_back(std::move(finisher));
                                                                 return std::move(result);
                                                             } });
    };
    auto first = begin(u"a"_s, anna), second = begin(u"b"_s, anna);
    QTRY_COMPARE(senders.size(), size_t(2));
    const auto refused = errorOf([&] { awaited(begin(u"c"_s, anna)); });
    QCOMPARE(refused->code(), Error::Code::ResourceExhausted);
    QCOMPARE(refused->decider()->name, u"uploads of a user at a time"_s);
    QCOMPARE(refused->decider()->limit, 2.0);
    auto other = begin(u"c"_s, bert);
    QTRY_COMPARE(senders.size(), size_t(3));
    for (auto &sender : senders)
        sender.set("x"_ba);
    QTRY_COMPARE(senders.size(), size_t(6)); // which say that they have ended
    for (size_t i = 3; i < 6; ++i)
        senders[i].set(QByteArray());
    awaited(std::move(first));
    awaited(std::move(second));
    awaited(std::move(other));
    test.send(test.begin(u"d"_s, 1).id, 0, "d"); // there is room again
}

QTEST_GUILESS_MAIN(tst_FileService)
#include "tst_fileservice.moc"
