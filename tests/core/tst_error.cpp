// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/core/result.h"

#include <QPromise>
#include <QtTest>

using namespace godwit;
using namespace std::chrono_literals;
using namespace Qt::StringLiterals;

class tst_Error : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void survivesAQFuture();
    void keepsWhatOnlyTheLogMaySee();
    void namesWhoDecided();
    void orThrowPassesOrThrows();
};

void tst_Error::survivesAQFuture()
{
    QPromise<int> promise;
    promise.start();
    promise.setException(Error(Error::Code::NotFound, u"gone"_s).withDecider({ .name = u"x"_s }));
    promise.finish();
    try {
        promise.future().waitForFinished();
        QFAIL("must throw");
    } catch (const Error &error) { // and not QUnhandledException
        QCOMPARE(error.code(), Error::Code::NotFound);
        QCOMPARE(error.message(), u"gone"_s);
        QCOMPARE(error.decider()->name, u"x"_s);
    }
}

void tst_Error::keepsWhatOnlyTheLogMaySee()
{
    const auto error = Error::internal(u"SELECT 1: disk I/O error"_s);
    QCOMPARE(error.code(), Error::Code::Internal);
    QVERIFY(!error.message().contains(u"SELECT"_s));
    QCOMPARE(error.internalMessage(), u"SELECT 1: disk I/O error"_s);
    QCOMPARE(error.what(), "SELECT 1: disk I/O error");
    QCOMPARE(Error(Error::Code::Conflict, u"twice"_s).what(), "twice");
}

void tst_Error::namesWhoDecided()
{
    const Error plain(Error::Code::Unavailable, u"busy"_s);
    QCOMPARE(plain.decider(), nullptr);
    const auto error = Error(plain).withDecider(
        { .kind = Decider::Kind::Bulkhead, .name = u"import"_s, .limit = 2, .used = 2, .retryAfter = 1500ms });
    QVERIFY(error.decider());
    QCOMPARE(error.decider()->kind, Decider::Kind::Bulkhead);
    QCOMPARE(error.decider()->retryAfter, 1500ms);
    QCOMPARE(plain.decider(), nullptr);
}

void tst_Error::orThrowPassesOrThrows()
{
    QCOMPARE(orThrow(Result<int>(7)), 7);
    orThrow(Result<void>());
    QVERIFY_THROWS_EXCEPTION(Error, orThrow(Result<int>(failure(Error::Code::NotFound, u"gone"_s))));
    QVERIFY_THROWS_EXCEPTION(Error, orThrow(Result<void>(failure(Error::Code::NotFound, u"gone"_s))));
}

QTEST_GUILESS_MAIN(tst_Error)
#include "tst_error.moc"
