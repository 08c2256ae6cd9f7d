// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/search/querysyntax.h"
#include "server/search/snippet.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace godwit::search;

class tst_QuerySyntax : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void becomesAnExpression_data();
    void becomesAnExpression();
    void takesOnlySoManyWords();
    void snippetsAreEscaped_data();
    void snippetsAreEscaped();
    void controlCharactersAreNotStored();
};

void tst_QuerySyntax::becomesAnExpression_data()
{
    QTest::addColumn<QString>("typed");
    QTest::addColumn<QString>("expression");
    QTest::newRow("word") << u"godwit"_s << u"\"godwit\""_s;
    QTest::newRow("words") << u" bar  tailed "_s << u"\"bar\" AND \"tailed\""_s;
    QTest::newRow("phrase") << u"\"bar tailed\" bird"_s << u"\"bar tailed\" AND \"bird\""_s;
    QTest::newRow("open phrase") << u"\"bar tailed"_s << u"\"bar tailed\""_s;
    QTest::newRow("prefix") << u"god*"_s << u"\"god\" *"_s;
    QTest::newRow("lonely star") << u"*"_s << QString();
    QTest::newRow("star first") << u"*god"_s << u"\"god\""_s;
    QTest::newRow("without") << u"bird -duck"_s << u"(\"bird\") NOT (\"duck\")"_s;
    QTest::newRow("without two") << u"bird -duck -\"sea gull\""_s << u"(\"bird\") NOT (\"duck\" OR \"sea gull\")"_s;
    QTest::newRow("only without") << u"-duck"_s << QString();
    QTest::newRow("hyphen inside") << u"e-mail"_s << u"\"e\" AND \"mail\""_s;
    QTest::newRow("double minus") << u"bird --duck"_s << u"\"bird\" AND \"duck\""_s;
    QTest::newRow("operators are words") << u"a AND b OR NOT NEAR(c, 2)"_s
                                         << u"\"a\" AND \"AND\" AND \"b\" AND \"OR\" AND \"NOT\" AND \"NEAR\" AND "
                                            "\"c\" AND \"2\""_s;
    QTest::newRow("column filter") << u"title : x"_s << u"\"title\" AND \"x\""_s;
    QTest::newRow("quotes in words") << u"a\"b\"c"_s << u"\"a\" AND \"b\" AND \"c\""_s;
    QTest::newRow("empty phrase") << u"\"\" \"\"\""_s << QString();
    QTest::newRow("SQL") << u"'; DROP TABLE documents; --"_s << u"\"DROP\" AND \"TABLE\" AND \"documents\""_s;
    QTest::newRow("punctuation") << u"!?()[]{}^~:;,.<>|&%$#@"_s << QString();
    QTest::newRow("blank") << u" \t\n"_s << QString();
    QTest::newRow("umlaut") << u"Müller"_s << u"\"Müller\""_s;
    QTest::newRow("combining accent") << u"cafe\u0301 noir"_s << u"\"cafe\u0301\" AND \"noir\""_s;
    QTest::newRow("beyond the basic plane") << u"𐐀𐐁 x"_s << u"\"𐐀𐐁\" AND \"x\""_s;
    QTest::newRow("half a surrogate") << QString(QChar(0xd801)) + u" x"_s << u"\"x\""_s;
    QTest::newRow("emoji") << u"🐦 bird"_s << u"\"bird\""_s;
    QTest::newRow("NUL") << QString(u"a"_s + QChar(0) + u"b"_s) << u"\"a\" AND \"b\""_s;
    QTest::newRow("minus at the end") << u"bird -"_s << u"\"bird\""_s;
}

void tst_QuerySyntax::becomesAnExpression()
{
    QFETCH(QString, typed);
    QFETCH(QString, expression);
    QCOMPARE(toFtsExpression(typed), expression);
}

void tst_QuerySyntax::takesOnlySoManyWords()
{
    const QString expression = toFtsExpression(u"word "_s.repeated(10'000));
    QCOMPARE(expression.count(u"word"_s), 32);
    const QString phrase = toFtsExpression(QString(u"\""_s + u"word "_s.repeated(10'000)));
    QCOMPARE(phrase.count(u"word"_s), 32);
}

void tst_QuerySyntax::snippetsAreEscaped_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("html");
    QTest::newRow("plain") << u"abc"_s << u"abc"_s;
    QTest::newRow("match") << u"a \x02"
                              "b\x03 c"_s
                           << u"a <mark>b</mark> c"_s;
    QTest::newRow("script") << u"<script>alert(\"1\" & '2')</script>"_s
                            << u"&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;"_s;
    QTest::newRow("markup in a match") << u"\x02<b>\x03"_s << u"<mark>&lt;b&gt;</mark>"_s;
    QTest::newRow("mark in the text") << u"<mark>"_s << u"&lt;mark&gt;"_s;
    QTest::newRow("open match") << u"\x02"
                                   "a"_s
                                << u"<mark>a</mark>"_s;
    QTest::newRow("stray ends") << u"\x03"
                                   "a\x02\x02"
                                   "b\x03\x03"_s
                                << u"a<mark>b</mark>"_s;
}

void tst_QuerySyntax::snippetsAreEscaped()
{
    QFETCH(QString, text);
    QFETCH(QString, html);
    QCOMPARE(toMarkedHtml(text), html);
}

void tst_QuerySyntax::controlCharactersAreNotStored()
{
    const QString text = QString(u"a\tb\r\nc"_s) + QChar(2) + QChar(3) + QChar(0) + QChar(27);
    QCOMPARE(withoutControlCharacters(text), u"a\tb\r\nc"_s);
}

QTEST_GUILESS_MAIN(tst_QuerySyntax)
#include "tst_querysyntax.moc"
