// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/exports/rowformat.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace godwit;
using namespace godwit::exports;

using Kind = Dataset::Column::Kind;

static constexpr Dataset::Column columns[] = { { "id"_L1, Kind::Integer },
                                               { "share"_L1, Kind::Real },
                                               { "text"_L1, Kind::Text },
                                               { "at"_L1, Kind::Time },
                                               { "data"_L1, Kind::Json } };

class tst_RowFormat : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void cells_data();
    void cells();
    void strings_data();
    void strings();
    void rows_data();
    void rows();
};

void tst_RowFormat::cells_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("cell");
    const auto row
        = [](const char *name, const QByteArray &text, const QByteArray &cell) { QTest::newRow(name) << text << cell; };
    row("plain", "a b", "a b");
    row("empty", "", "");
    row("comma", "a,b", "\"a,b\"");
    row("quote", "a\"b", "\"a\"\"b\"");
    row("line end", "a\nb", "\"a\nb\"");
    row("UTF-8", "ä;€", "ä;€");
    row("formula", "=1+1", "'=1+1");
    row("formula with quotes", "=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"");
    row("plus", "+1", "'+1");
    row("minus", "-1", "'-1");
    row("at", "@SUM(1)", "'@SUM(1)");
    row("tab", "\t=1", "'\t=1");
    row("carriage return", "\r=1", "\"'\r=1\"");
    row("line feed", "\n=1", "\"'\n=1\"");
    row("line feed and a word", "\na", "\"'\na\"");
    row("space", " =1", "' =1");
    row("spaces and a tab", "  \t+1", "'  \t+1");
    row("space and a word", " a=1", " a=1");
    row("nothing but spaces", "  ", "  ");
    row("fullwidth equals", "\uFF1D1", "'\uFF1D1");
    row("fullwidth plus", "\uFF0B1", "'\uFF0B1");
    row("fullwidth minus", "\uFF0D1", "'\uFF0D1");
    row("fullwidth at", " \uFF20A1", "' \uFF20A1");
    row("another fullwidth character", "\uFF21", "\uFF21");
    row("half a fullwidth character", "\xEF\xBC", "\xEF\xBC");
    row("not in front", "1=1", "1=1");
}

void tst_RowFormat::cells()
{
    QFETCH(QByteArray, text);
    QByteArray out;
    appendCsvCell(out, text);
    QTEST(out, "cell");
}

void tst_RowFormat::strings_data()
{
    QTest::addColumn<QString>("text");
    for (const QString &text :
         QStringList{ u""_s, u"plain"_s, u"a\"b\\c/"_s, u"\n\r\t\b\f"_s, u"\x01\x1f\x7f"_s, u"ä€😀"_s, u"</script>"_s })
        QTest::newRow(qPrintable(text.toHtmlEscaped())) << text;
}

/// Whatever it is, a reader gets it back.
void tst_RowFormat::strings()
{
    QFETCH(QString, text);
    QByteArray out = "[";
    appendJsonString(out, text.toUtf8());
    out += ']';
    QCOMPARE(QJsonDocument::fromJson(out).array().at(0).toString(), text);
}

void tst_RowFormat::rows_data()
{
    QTest::addColumn<int>("format");
    QTest::addColumn<int>("rows");
    QTest::addColumn<QByteArray>("expected");
    const QByteArray head = "id,share,text,at,data\r\n";
    const QByteArray csv = "-7,0.1,\"'-x,\",1970-01-01T00:00:01.500Z,\"{\"\"a\"\":1}\"\r\n";
    const QByteArray json = R"({"id":-7,"share":0.1,"text":"-x,","at":"1970-01-01T00:00:01.500Z","data":{"a":1}})";
    QTest::newRow("csv, empty") << int(Format::Csv) << 0 << head;
    QTest::newRow("csv") << int(Format::Csv) << 2 << QByteArray(head + csv + csv);
    QTest::newRow("json, empty") << int(Format::Json) << 0 << "[]\n"_ba;
    QTest::newRow("json, one") << int(Format::Json) << 1 << QByteArray("[\n" + json + "\n]\n");
    QTest::newRow("json") << int(Format::Json) << 2 << QByteArray("[\n" + json + ",\n" + json + "\n]\n");
    QTest::newRow("ndjson, empty") << int(Format::NdJson) << 0 << ""_ba;
    QTest::newRow("ndjson") << int(Format::NdJson) << 2 << QByteArray(json + '\n' + json + '\n');
}

void tst_RowFormat::rows()
{
    QFETCH(int, format);
    QFETCH(int, rows);
    const QVariantList values{ -7, 0.1, u"-x,"_s, 1500, uR"({"a":1})"_s };
    RowWriter writer(columns, Format(format));
    QByteArray out;
    writer.begin(out);
    for (int i = 0; i < rows; ++i)
        writer.row(out, [&values](int column) { return values[column]; });
    writer.end(out);
    QTEST(out, "expected");

    RowWriter nulls(columns, Format(format));
    QByteArray none;
    nulls.row(none, [](int) { return QVariant(); });
    QVERIFY2(none.contains(Format(format) == Format::Csv ? ",,,,\r\n" : R"({"id":null,"share":null)"),
             none.constData());
}

QTEST_APPLESS_MAIN(tst_RowFormat)
#include "tst_rowformat.moc"
