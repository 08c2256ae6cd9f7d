// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/query.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace godwit;
using namespace godwit::http;

class tst_Query : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void decodes_data();
    void decodes();
    void findsParameters();
    void numbers_data();
    void numbers();
    void keepsTheFirstFailure();
};

void tst_Query::decodes_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("plusIsSpace");
    QTest::addColumn<QString>("expected"); // or what was wrong, after `!`
    QTest::newRow("plain") << "abc"_ba << true << u"abc"_s;
    QTest::newRow("empty") << ""_ba << true << u""_s;
    QTest::newRow("escape") << "a%20b"_ba << true << u"a b"_s;
    QTest::newRow("either case") << "%c3%A4%C3%a4"_ba << true << u"ää"_s;
    QTest::newRow("plus in a query") << "a+b"_ba << true << u"a b"_s;
    QTest::newRow("plus in a path") << "a+b"_ba << false << u"a+b"_s;
    QTest::newRow("escaped plus") << "a%2Bb"_ba << true << u"a+b"_s;
    QTest::newRow("once only") << "%2541"_ba << true << u"%41"_s;
    QTest::newRow("four bytes") << "%F0%9F%98%80"_ba << true << u"😀"_s;
    QTest::newRow("last escape") << "%41"_ba << true << u"A"_s;
    QTest::newRow("cut") << "abc%4"_ba << true << u"!has a broken percent-escape"_s;
    QTest::newRow("bare percent") << "100%"_ba << true << u"!has a broken percent-escape"_s;
    QTest::newRow("no hex") << "%4G"_ba << true << u"!has a broken percent-escape"_s;
    QTest::newRow("sign") << "%+1"_ba << true << u"!has a broken percent-escape"_s;
    QTest::newRow("NUL") << "a%00b"_ba << true << u"!has a NUL"_s;
    QTest::newRow("Latin-1") << "%E4"_ba << true << u"!is not UTF-8"_s;
    QTest::newRow("overlong") << "%C0%AF"_ba << true << u"!is not UTF-8"_s;
    QTest::newRow("surrogate") << "%ED%A0%80"_ba << true << u"!is not UTF-8"_s;
    QTest::newRow("cut character") << "%E2%82"_ba << true << u"!is not UTF-8"_s;
}

void tst_Query::decodes()
{
    QFETCH(QByteArray, text);
    QFETCH(bool, plusIsSpace);
    QFETCH(QString, expected);
    const auto result = percentDecode(text, plusIsSpace);
    QCOMPARE(result ? *result : u'!' + result.error().message(), expected);
    if (!result)
        QCOMPARE(result.error().code(), Error::Code::InvalidArgument);
}

void tst_Query::findsParameters()
{
    QueryReader reader("q=a+b%26c&empty=&flag&q=second&%6Bey=1&=nameless&x=1=2");
    QCOMPARE(reader.string("q"_L1), u"a b&c"_s);
    QVERIFY(reader.optionalString("empty"_L1));
    QCOMPARE(reader.string("empty"_L1, u"fallback"_s), u""_s);
    QVERIFY(reader.has("flag"_L1));
    QCOMPARE(reader.string("flag"_L1, u"fallback"_s), u""_s);
    QCOMPARE(reader.string("key"_L1), u"1"_s);
    QCOMPARE(reader.string("x"_L1), u"1=2"_s);
    QVERIFY(!reader.has("second"_L1));
    QVERIFY(!reader.optionalString("missing"_L1));
    QCOMPARE(reader.string("missing"_L1, u"fallback"_s), u"fallback"_s);
    QVERIFY(reader.finish(0).has_value());
    QVERIFY(!QueryReader("").has("q"_L1));
}

void tst_Query::numbers_data()
{
    QTest::addColumn<QByteArray>("query");
    QTest::addColumn<QString>("expected");
    const auto row = [](const QByteArray &query, const QString &expected) {
        QTest::newRow(query.constData()) << query << expected;
    };
    row("", u"10 0.5"_s);
    row("n=100&d=3600", u"100 3600"_s);
    row("n=1&d=0.05", u"1 0.05"_s);
    row("n=0", u"\"n\" must be from 1 to 100"_s);
    row("n=101", u"\"n\" must be from 1 to 100"_s);
    row("n=", u"\"n\" must be a whole number"_s);
    row("n=1.5", u"\"n\" must be a whole number"_s);
    row("n=99999999999999999999", u"\"n\" must be a whole number"_s);
    row("n=%GG", u"\"n\" has a broken percent-escape"_s);
    row("d=nan", u"\"d\" must be a number"_s);
    row("d=inf", u"\"d\" must be a number"_s);
    row("d=soon", u"\"d\" must be a number"_s);
    row("d=0.049", u"\"d\" must be from 0.05 to 3600"_s);
}

void tst_Query::numbers()
{
    QFETCH(QByteArray, query);
    QFETCH(QString, expected);
    QueryReader reader(query);
    const qint64 n = reader.integer("n"_L1, 10, 1, 100);
    const double d = reader.number("d"_L1, 0.5, 0.05, 3600);
    const auto result = reader.finish(u"%1 %2"_s.arg(n).arg(d));
    QCOMPARE(result ? *result : result.error().message(), expected);
    if (!result)
        QCOMPARE(result.error().code(), Error::Code::InvalidArgument);
}

void tst_Query::keepsTheFirstFailure()
{
    QueryReader reader("a=x&b=y");
    reader.integer("a"_L1, 0);
    reader.integer("b"_L1, 0);
    reader.fail("c"_L1, u"is wrong"_s);
    QCOMPARE(reader.finish(0).error().message(), u"\"a\" must be a whole number"_s);
}

QTEST_APPLESS_MAIN(tst_Query)
#include "tst_query.moc"
