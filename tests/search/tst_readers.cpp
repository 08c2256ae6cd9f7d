// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/search/csvreader.h"
#include "server/search/htmltext.h"
#include "server/search/textdecoder.h"

#include <QBuffer>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace godwit::search;

class tst_Readers : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void csvRows_data();
    void csvRows();
    void csvLongerThanABuffer();
    void csvOpenQuoteIsBounded();
    void htmlToText_data();
    void htmlToText();
    void encodings_data();
    void encodings();
};

using Rows = QList<QList<QByteArray>>;

static Rows readRows(QByteArray csv, qsizetype limit = 1'000'000)
{
    QBuffer buffer(&csv);
    buffer.open(QIODevice::ReadOnly);
    CsvReader reader(buffer, limit);
    Rows rows;
    QList<QByteArray> row;
    while (reader.next(row))
        rows.append(row);
    return rows;
}

void tst_Readers::csvRows_data()
{
    QTest::addColumn<QByteArray>("csv");
    QTest::addColumn<Rows>("rows");
    QTest::newRow("plain") << "a,b\n1,2\n"_ba << Rows{ { "a", "b" }, { "1", "2" } };
    QTest::newRow("CRLF, no end of line") << "a,b\r\n1,2"_ba << Rows{ { "a", "b" }, { "1", "2" } };
    QTest::newRow("quotes") << "\"a,\"\"b\"\"\",c\n"_ba << Rows{ { "a,\"b\"", "c" } };
    QTest::newRow("line break in quotes") << "\"a\nb\",c\n"_ba << Rows{ { "a\nb", "c" } };
    QTest::newRow("empty fields") << ",a,,\n"_ba << Rows{ { "", "a", "", "" } };
    QTest::newRow("empty quoted field") << "\"\",x\n"_ba << Rows{ { "", "x" } };
    QTest::newRow("empty lines") << "\n\na\r\n\r\nb\n\n"_ba << Rows{ { "a" }, { "b" } };
    QTest::newRow("semicolons") << "a;b\n1,5;2\n"_ba << Rows{ { "a", "b" }, { "1,5", "2" } };
    QTest::newRow("byte order mark") << "\xef\xbb\xbf"
                                        "a,b\n"_ba
                                     << Rows{ { "a", "b" } };
    QTest::newRow("quote inside a field") << "a\"b,c\n"_ba << Rows{ { "a\"b", "c" } };
    QTest::newRow("nothing") << QByteArray() << Rows();
}

void tst_Readers::csvRows()
{
    QFETCH(QByteArray, csv);
    QFETCH(Rows, rows);
    QCOMPARE(readRows(csv), rows);
}

void tst_Readers::csvLongerThanABuffer()
{
    QByteArray csv;
    for (int i = 0; i < 20'000; ++i)
        csv += QByteArray::number(i) + ",\"text \"\"" + QByteArray::number(i) + "\"\"\nmore\"\r\n";
    const Rows rows = readRows(csv);
    QCOMPARE(rows.size(), 20'000);
    for (int i = 0; i < rows.size(); ++i)
        QCOMPARE(rows[i], (QList<QByteArray>{ QByteArray::number(i), "text \"" + QByteArray::number(i) + "\"\nmore" }));
}

void tst_Readers::csvOpenQuoteIsBounded()
{
    for (const auto &row : readRows("\"" + QByteArray(100'000, 'x'), 1000)) {
        for (const auto &field : row)
            QVERIFY(field.size() <= 1000);
    }
}

void tst_Readers::htmlToText_data()
{
    QTest::addColumn<QString>("html");
    QTest::addColumn<QString>("title");
    QTest::addColumn<QString>("text");
    QTest::newRow("page") << u"<!DOCTYPE html><html><head><title>The &amp; title</title></head><body><p>One</p><p>Two"_s
                          << u"The & title"_s << u"One Two"_s;
    QTest::newRow("heading as title") << u"<h1>Big <em>bird</em></h1>text"_s << u"Big bird"_s << u"Big bird text"_s;
    QTest::newRow("scripts and styles") << u"a<script>if (1 < 2) alert('</p>')</script>b<STYLE>p { }</STYLE>c"_s
                                        << QString() << u"a b c"_s;
    QTest::newRow("comment") << u"a<!-- <b>no</b> -->b"_s << QString() << u"ab"_s;
    QTest::newRow("entities") << u"&lt;a&gt; &#65;&#x42; &auml; &unknown; &amp &#0; R&D"_s << QString()
                              << u"<a> AB ä &unknown; &amp &#0; R&D"_s;
    QTest::newRow("words stay whole") << u"wo<b>rd</b><br>next"_s << QString() << u"word next"_s;
    QTest::newRow("cells are words") << u"<td>a</td><td>b</td>"_s << QString() << u"a b"_s;
    QTest::newRow("greater-than in an attribute")
        << u"<a title=\"x > y\" href='>'>link</a>"_s << QString() << u"link"_s;
    QTest::newRow("less-than in text") << u"1 < 2 <"_s << QString() << u"1 < 2 <"_s;
    QTest::newRow("unfinished tag") << u"text <a href="_s << QString() << u"text"_s;
    QTest::newRow("unfinished script") << u"text <script> var"_s << QString() << u"text"_s;
    QTest::newRow("unfinished comment") << u"text <!-- var"_s << QString() << u"text"_s;
}

void tst_Readers::htmlToText()
{
    QFETCH(QString, html);
    QFETCH(QString, title);
    QFETCH(QString, text);
    const HtmlText read = readHtml(html);
    QCOMPARE(read.title, title);
    QCOMPARE(read.text, text);
}

void tst_Readers::encodings_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("binary");
    QTest::newRow("UTF-8") << "M\xc3\xbcller"_ba << u"Müller"_s << false;
    QTest::newRow("UTF-8 with mark") << "\xef\xbb\xbfM\xc3\xbcller"_ba << u"Müller"_s << false;
    QTest::newRow("Latin-1") << "M\xfcller"_ba << u"Müller"_s << false;
    QTest::newRow("UTF-16") << QByteArray("\xff\xfeM\0\xfc\0", 6) << u"Mü"_s << false;
    QTest::newRow("binary") << QByteArray("\x7f"
                                          "ELF\0\0",
                                          6)
                            << QString() << true;
}

void tst_Readers::encodings()
{
    QFETCH(QByteArray, bytes);
    QFETCH(QString, text);
    QFETCH(bool, binary);
    QCOMPARE(isBinary(bytes), binary);
    if (!binary)
        QCOMPARE(decodeText(bytes), text);
}

QTEST_GUILESS_MAIN(tst_Readers)
#include "tst_readers.moc"
