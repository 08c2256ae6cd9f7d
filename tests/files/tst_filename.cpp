// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/files/filename.h"
#include "server/files/tus.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace godwit;
using namespace godwit::files;

class tst_FileName : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void good_data();
    void good();
    void bad_data();
    void bad();
    void numbers();
    void inMetadata_data();
    void inMetadata();
};

void tst_FileName::good_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("name");
    for (const QString &text : QStringList{ u"a"_s, u"a b.txt"_s, u"Größe €.pdf"_s, u"日本語"_s, u"😀.png"_s, u"-rf"_s,
                                            u"CONFIG"_s, u"com"_s, u"com10.txt"_s, u"a..b"_s, u"100%"_s })
        QTest::newRow(qPrintable(text)) << text << text;
    QTest::newRow("decomposed") << u"Gro\u0308\u00dfe"_s << u"Gr\u00f6\u00dfe"_s;
    QTest::newRow("the longest") << QString(247, u'x') << QString(247, u'x');
}

void tst_FileName::good()
{
    QFETCH(QString, text);
    QTEST(orThrow(fileName(text)), "name");
}

void tst_FileName::bad_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("why");
    const auto row = [](const QString &text, const QString &why) {
        QTest::newRow(qPrintable(QString::fromLatin1(text.toUtf8().toPercentEncoding())))
            << text << u"the file's name "_s + why;
    };
    row(u""_s, u"must not be empty"_s);
    for (const QString &text : QStringList{ u"."_s, u".."_s, u".hidden"_s, u"end."_s })
        row(text, u"must not begin or end with a dot"_s);
    for (const QString &text : QStringList{ u"a/b"_s, u"/"_s, u"../x"_s, u"a\\b"_s })
        row(text, u"must not have a slash or a backslash"_s);
    for (const QString &text : QStringList{ u"a\nb"_s, u"\x7f"_s, u"a\u202egnp.exe"_s, u"a\u200b"_s, u"\ufeffa"_s,
                                            u"a\u2028"_s, QString(QChar(0xd800)), u"a\ue000"_s })
        row(text, u"has characters that cannot be seen"_s);
    row(u"a\0b"_s, u"has characters that cannot be seen"_s);
    for (const QString &text : QStringList{ u" a"_s, u"a "_s, u"a\u3000"_s })
        row(text, u"must not begin or end with white space"_s);
    for (const QString &text :
         QStringList{ u"CON"_s, u"nul"_s, u"Aux.txt"_s, u"com1"_s, u"LPT9.tar.gz"_s, u"con .txt"_s })
        row(text, u"is one that Windows keeps for a device"_s);
    for (const QString &text : { QString(248, u'x'), QString(124, u'ä'), QString(100'000, u'x') })
        QTest::newRow(qPrintable(QString::number(text.size())))
            << text << u"the file's name must not be longer than 247 bytes of UTF-8"_s;
}

void tst_FileName::bad()
{
    QFETCH(QString, text);
    const auto name = fileName(text);
    QVERIFY(!name);
    QCOMPARE(name.error().code(), Error::Code::InvalidArgument);
    QTEST(name.error().message(), "why");
}

void tst_FileName::numbers()
{
    QCOMPARE(numbered(u"report.pdf"_s, 2), u"report (2).pdf"_s);
    QCOMPARE(numbered(u"report"_s, 10), u"report (10)"_s);
    QCOMPARE(numbered(u"a.tar.gz"_s, 3), u"a.tar (3).gz"_s);
}

void tst_FileName::inMetadata_data()
{
    QTest::addColumn<QByteArray>("metadata");
    QTest::addColumn<QString>("name");
    QTest::newRow("alone") << "filename YS50eHQ="_ba << u"a.txt"_s;
    QTest::newRow("among others") << "filetype dGV4dC9wbGFpbg==,filename YS50eHQ=,is_confidential"_ba << u"a.txt"_s;
    QTest::newRow("as others call it") << "name YS50eHQ="_ba << u"a.txt"_s;
    QTest::newRow("both") << "name Yg==,filename YS50eHQ="_ba << u"a.txt"_s;
    for (const char *const bad :
         { "", "filetype YQ==", "filename", "filename a,filename b", "filename !", "filename /w==" })
        QTest::newRow(*bad ? bad : "empty") << QByteArray(bad) << QString();
}

void tst_FileName::inMetadata()
{
    QFETCH(QByteArray, metadata);
    QFETCH(QString, name);
    if (name.isEmpty() && metadata != "filename")
        QVERIFY_THROWS_EXCEPTION(Error, detail::nameIn(metadata));
    else
        QCOMPARE(detail::nameIn(metadata), name);
}

QTEST_APPLESS_MAIN(tst_FileName)
#include "tst_filename.moc"
