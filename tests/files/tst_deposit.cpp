// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/files/deposit.h"
#include "server/files/uploaderror.h"
#include "tests/files/fileservicefixture.h"

#include <QDir>

#include <sys/resource.h>

#include <csignal>

using namespace Qt::StringLiterals;
using namespace godwit;
using namespace godwit::files;

namespace {

Deposit::Wanted wanted(const QString &name, Deposit::IfTaken ifTaken = Deposit::IfTaken::Number)
{
    return { .key = "k", .name = name, .owner = Owner::of(anna), .ifTaken = ifTaken };
}

} // namespace

class tst_Deposit : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void appearsWholeWithAllThatIsKnownOfIt();
    void whatIsNotFinishedLeavesNothing();
    void whatAKilledProcessLeftGoesAtTheNextStart();
    void whatEndedBeforeItsFileAppeared();
    void whatEndedBeforeItWasNoted();
    void isFoundByItsKeyAsLongAsItIsThere();
    void aNameThatIsTaken();
    void aNameThatIsTakenMeanwhile();
    void theQuotaAndTheLargestSize();
    void aFullDisk();
    void countsWhileItGrows();
    void isNoUpload();
};

void tst_Deposit::appearsWholeWithAllThatIsKnownOfIt()
{
    Fixture test;
    Deposit deposit(*test.service, wanted(u"a.csv"_s));
    deposit.append("hello");
    deposit.append("world");
    QCOMPARE(deposit.size(), 10);
    QCOMPARE(test.list().size(), 0);
    QVERIFY(!QFile::exists(test.path(u"a.csv"_s)));
    const File file = deposit.finish("note");
    QCOMPARE(file.name, u"a.csv"_s);
    QCOMPARE(test.contentOf(u"a.csv"_s), "helloworld"_ba);
    QCOMPARE(test.list().size(), 1);
    QCOMPARE(test.list()[0].sha256, "936a185caaa266bb9cbe981e9e05cb78cd732b0b3280eb944412bb6f8f8f07af"_ba);
    QCOMPARE(test.list()[0].type, u"text/csv; charset=utf-8"_s);
    QCOMPARE(test.list()[0].owner.name, u"anna"_s);
    QCOMPARE(QDir(test.path(u".uploads"_s)).entryList(QDir::Files).size(), 0);
}

void tst_Deposit::whatIsNotFinishedLeavesNothing()
{
    Fixture test;
    {
        Deposit deposit(*test.service, wanted(u"a"_s));
        deposit.append("hello");
    }
    QCOMPARE(QDir(test.path(u".uploads"_s)).entryList(QDir::Files).size(), 0);
    QCOMPARE(test.list().size(), 0);
    QCOMPARE(test.service->deposited(), 0);
}

void tst_Deposit::whatAKilledProcessLeftGoesAtTheNextStart()
{
    Fixture test;
    test.put(u".uploads/deposit-k"_s, "hel");
    test.restart();
    QCOMPARE(QDir(test.path(u".uploads"_s)).entryList(QDir::Files).size(), 0);
    QCOMPARE(test.list().size(), 0);
    test.put(u".uploads/deposit-k"_s, "longer than the next");
    Deposit deposit(*test.service, wanted(u"a"_s));
    deposit.append("short");
    deposit.finish({});
    QCOMPARE(test.contentOf(u"a"_s), "short"_ba);
}

/// As a process leaves it that is killed just before its file gets its name.
void tst_Deposit::whatEndedBeforeItsFileAppeared()
{
    Fixture test;
    Deposit(*test.service, wanted(u"a"_s)).finish("note");
    QVERIFY(QFile::rename(test.path(u"a"_s), test.path(u".uploads/deposit-k"_s)));
    test.execute(u"DELETE FROM files", {});
    test.execute(u"UPDATE uploads SET finished_as = ''", {});
    test.restart();
    QCOMPARE(test.list().size(), 1);
    QCOMPARE(test.list()[0].owner.name, u"anna"_s);
    QCOMPARE(Deposit::find(*test.service, "k")->name, u"a"_s);
    QCOMPARE(Deposit::find(*test.service, "k")->note, "note"_ba);
}

void tst_Deposit::whatEndedBeforeItWasNoted()
{
    Fixture test;
    test.put(u"a"_s, "taken"); // so it has a number
    Deposit(*test.service, wanted(u"a"_s)).finish("note");
    test.execute(u"DELETE FROM files", {});
    test.execute(u"UPDATE uploads SET finished_as = ''", {});
    test.restart();
    QCOMPARE(test.list().size(), 2);
    QCOMPARE(Deposit::find(*test.service, "k")->name, u"a (2)"_s);
}

void tst_Deposit::isFoundByItsKeyAsLongAsItIsThere()
{
    Fixture test;
    QVERIFY(!Deposit::find(*test.service, "k"));
    {
        Deposit deposit(*test.service, wanted(u"a"_s));
        deposit.append("hello");
        QVERIFY(!Deposit::find(*test.service, "k"));
        deposit.finish("7 rows");
    }
    test.restart();
    const auto done = Deposit::find(*test.service, "k");
    QCOMPARE(done->name, u"a"_s);
    QCOMPARE(done->size, 5);
    QCOMPARE(done->note, "7 rows"_ba);
    awaited(test.service->remove({}, anna, u"a"_s));
    QVERIFY(!Deposit::find(*test.service, "k"));
    Deposit(*test.service, wanted(u"a"_s)).finish({}); // once more
    QVERIFY(Deposit::find(*test.service, "k"));
}

void tst_Deposit::aNameThatIsTaken()
{
    Fixture test;
    test.send(test.begin(u"a.csv"_s, 1).id, 0, "1");
    const auto refused = errorOf([&] { Deposit(*test.service, wanted(u"a.csv"_s, Deposit::IfTaken::Refuse)); });
    QCOMPARE(refused->code(), Error::Code::Conflict);
    QVERIFY(refused->message().contains(u"there is a file \"a.csv\" already"_s));
    QCOMPARE(Deposit(*test.service, wanted(u"a.csv"_s)).finish({}).name, u"a (2).csv"_s);
    QCOMPARE(errorOf([&] { Deposit(*test.service, wanted(u"../a"_s)); })->code(), Error::Code::InvalidArgument);
}

void tst_Deposit::aNameThatIsTakenMeanwhile()
{
    Fixture test;
    {
        Deposit deposit(*test.service, wanted(u"a"_s, Deposit::IfTaken::Refuse));
        test.put(u"a"_s, "other");
        QCOMPARE(errorOf([&] { deposit.finish({}); })->code(), Error::Code::Conflict);
    }
    QCOMPARE(QDir(test.path(u".uploads"_s)).entryList(QDir::Files).size(), 0);
    QCOMPARE(test.contentOf(u"a"_s), "other"_ba);
    test.restart();
    QCOMPARE(test.list().size(), 1);
    QVERIFY(!Deposit::find(*test.service, "k"));
}

void tst_Deposit::theQuotaAndTheLargestSize()
{
    Fixture test({ .maxSize = 100, .quota = 150 });
    test.send(test.begin(u"a"_s, 60).id, 0, QByteArray(60, 'x'));
    {
        Deposit deposit(*test.service, wanted(u"b"_s));
        deposit.append(QByteArray(91, 'x'));
        QVERIFY_THROWS_EXCEPTION(UploadError, deposit.finish({}));
        QCOMPARE(errorOf([&] { deposit.append(QByteArray(10, 'x')); })->code(), Error::Code::PayloadTooLarge);
    }
    Deposit deposit(*test.service, wanted(u"b"_s));
    deposit.append(QByteArray(90, 'x'));
    deposit.finish({});
    QCOMPARE(test.list().size(), 2);
}

/// As a file that may not grow is.
void tst_Deposit::aFullDisk()
{
    Fixture test;
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    QVERIFY(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    const rlimit small{ .rlim_cur = 4 * 1024 * 1024, .rlim_max = before.rlim_max };
    QVERIFY(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    const auto error = errorOf([&test] {
        Deposit deposit(*test.service, wanted(u"a"_s));
        for (int i = 0; i < 8; ++i)
            deposit.append(QByteArray(1024 * 1024, 'x'));
    });
    QVERIFY(::setrlimit(RLIMIT_FSIZE, &before) == 0);
    QCOMPARE(error->message(), u"there is no room for it on the server's disk"_s);
    QCOMPARE(QDir(test.path(u".uploads"_s)).entryList(QDir::Files).size(), 0);
    QCOMPARE(test.service->deposited(), 0);
}

void tst_Deposit::countsWhileItGrows()
{
    constexpr qint64 large = 20 * 1024 * 1024;
    Fixture test({ .quota = large + 100, .announcedPerUser = large });
    Deposit deposit(*test.service, wanted(u"a"_s));
    deposit.append(QByteArray(large, 'x'));
    QCOMPARE(test.service->deposited(), large);
    QVERIFY_THROWS_EXCEPTION(UploadError, test.begin(u"b"_s, 101, bert));
    test.begin(u"b"_s, 50, bert);
}

void tst_Deposit::isNoUpload()
{
    Fixture test;
    Deposit(*test.service, wanted(u"a"_s)).finish({});
    QCOMPARE(errorOf([&] { awaited(test.uploads->find({}, anna, "deposit-k")); })->code(), Error::Code::NotFound);
}

QTEST_GUILESS_MAIN(tst_Deposit)
#include "tst_deposit.moc"
