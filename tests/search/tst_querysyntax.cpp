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
    void knowsKindsAndTerms();
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
    QTest::newRow("in the title") << u"title:godwit"_s << u"title : \"godwit\""_s;
    QTest::newRow("in the body") << u"BODY:\"bar tailed\" x"_s << u"body : \"bar tailed\" AND \"x\""_s;
    QTest::newRow("prefix in the title") << u"title:god*"_s << u"title : \"god\" *"_s;
    QTest::newRow("not in the title") << u"bird -title:duck"_s << u"(\"bird\") NOT (title : \"duck\")"_s;
    QTest::newRow("prefix of a phrase") << u"\"bar tai\"*"_s << u"\"bar tai\" *"_s;
    QTest::newRow("four beginnings") << u"ab* cd* -ef* gh* ij* -kl*"_s
                                     << u"(\"ab\" * AND \"cd\" * AND \"gh\" * AND \"ij\") NOT (\"ef\" * OR \"kl\")"_s;
    QTest::newRow("one of a letter") << u"a* 𐐀* bc*"_s << u"\"a\" * AND \"𐐀\" AND \"bc\" *"_s;
    QTest::newRow("no such field") << u"colour:red"_s << u"\"colour\" AND \"red\""_s;
    QTest::newRow("address") << u"http://kind.example"_s << u"\"http\" AND \"kind\" AND \"example\""_s;
    QTest::newRow("field alone") << u"title: body:"_s << u"\"title\" AND \"body\""_s;
    QTest::newRow("field and punctuation") << u"title:-x"_s << u"\"title\" AND \"x\""_s;
    QTest::newRow("field within a word") << u"subtitle:x"_s << u"\"subtitle\" AND \"x\""_s;
    QTest::newRow("kind alone") << u"kind:task"_s << QString();
    QTest::newRow("kind and words") << u"kind:task sleep -kind:user"_s << u"\"sleep\""_s;
    QTest::newRow("minus at the end") << u"bird -"_s << u"\"bird\""_s;
}

void tst_QuerySyntax::becomesAnExpression()
{
    QFETCH(QString, typed);
    QFETCH(QString, expression);
    QCOMPARE(parseQuery(typed).expression, expression);
}

void tst_QuerySyntax::knowsKindsAndTerms()
{
    const ParsedQuery query
        = parseQuery(u"kind:Message  godwt -owl \"bar tailed\" fly* kind:user -kind:task -kind:\"\" x");
    QCOMPARE(query.kinds, QStringList({ u"message"_s, u"user"_s }));
    QCOMPARE(query.unwantedKinds, QStringList{ u"task"_s });
    QCOMPARE(query.wantedPhrases, 4);
    QCOMPARE(query.terms.size(), 4);
    QCOMPARE(query.terms[0].words, QStringList{ u"godwt"_s });
    QCOMPARE(query.terms[0].begin, 14);
    QCOMPARE(query.terms[0].length, 5);
    QCOMPARE(query.terms[1].words, QStringList({ u"bar"_s, u"tailed"_s }));
    QCOMPARE(query.terms[1].length, 0);
    QVERIFY(query.terms[2].isPrefix);
    QVERIFY(!query.terms[3].isPrefix);
}

void tst_QuerySyntax::takesOnlySoManyWords()
{
    const QString expression = parseQuery(u"word "_s.repeated(10'000)).expression;
    QCOMPARE(expression.count(u"word"_s), 32);
    const QString phrase = parseQuery(QString(u"\""_s + u"word "_s.repeated(10'000))).expression;
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
