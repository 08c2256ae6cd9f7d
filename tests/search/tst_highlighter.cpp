// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/search/highlighter.h"
#include "server/search/snippet.h"
#include "server/search/suggestion.h"
#include "server/search/words.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace godwit::search;

class tst_Highlighter : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void marksWhatTheIndexFinds_data();
    void marksWhatTheIndexFinds();
    void showsTheBestPlace();
    void isCutToWords();
    void isBoundedForAnyText();
    void wordsAreFolded_data();
    void wordsAreFolded();
    void distances_data();
    void distances();
};

static QString visible(QString text)
{
    return text.replace(QChar(matchBegin), u'[').replace(QChar(matchEnd), u']');
}

void tst_Highlighter::marksWhatTheIndexFinds_data()
{
    QTest::addColumn<QString>("query");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("snippet");
    QTest::newRow("word") << u"godwit"_s << u"The Godwit, a bird."_s << u"The [Godwit], a bird."_s;
    QTest::newRow("no part of a word") << u"god"_s << u"godwit"_s << QString();
    QTest::newRow("each") << u"a b"_s << u"b c a"_s << u"[b] c [a]"_s;
    QTest::newRow("prefix") << u"god*"_s << u"godwit God dog"_s << u"[godwit] [God] dog"_s;
    QTest::newRow("phrase") << u"\"bar tailed\""_s << u"a bar, tailed Bar-tailed"_s
                            << u"a [bar, tailed] [Bar-tailed]"_s;
    QTest::newRow("half a phrase") << u"\"bar tailed\""_s << u"bar none"_s << QString();
    QTest::newRow("prefix of a phrase") << u"\"bar tai\"*"_s << u"bar tailed"_s << u"[bar tailed]"_s;
    QTest::newRow("accents in the text") << u"cafe"_s << u"au Café!"_s << u"au [Café]!"_s;
    QTest::newRow("accents in the query") << u"CAFÉ"_s << u"cafe"_s << u"[cafe]"_s;
    QTest::newRow("combining") << u"cafe"_s << u"cafe\u0301 noir"_s << u"[cafe\u0301] noir"_s;
    QTest::newRow("beyond the basic plane") << u"𐐀x"_s << u"a 𐐨x"_s << u"a [𐐨x]"_s;
    QTest::newRow("white space") << u"b"_s << u"  a \n\t b\r\n c "_s << u"a [b] c"_s;
    QTest::newRow("stray marks") << u"b"_s << QString(u"a"_s + QChar(2) + u" b "_s + QChar(3)) << u"a [b]"_s;
    QTest::newRow("only in titles") << u"title:b"_s << u"a b"_s << QString();
    QTest::newRow("empty") << u"b"_s << QString() << QString();
}

void tst_Highlighter::marksWhatTheIndexFinds()
{
    QFETCH(QString, query);
    QFETCH(QString, text);
    const Highlighter highlighter(parseQuery(query).terms, Field::Body);
    QTEST(visible(highlighter.snippet(text)), "snippet");
}

void tst_Highlighter::showsTheBestPlace()
{
    const QString filling = u"one two three four five six seven eight nine ten "_s.repeated(10);
    const QString text = filling + u"owl "_s + filling + u"an owl and a godwit together "_s + filling;
    const QString snippet = visible(Highlighter(parseQuery(u"godwit owl").terms, Field::Body).snippet(text));
    QVERIFY2(snippet.contains("an [owl] and a [godwit] together"_L1), qPrintable(snippet));
    QVERIFY(snippet.startsWith(u'…') && snippet.endsWith(u'…'));
}

void tst_Highlighter::isCutToWords()
{
    const Highlighter highlighter(parseQuery(u"w").terms, Field::Body);
    const QString text = u"w "_s.repeated(100);
    QCOMPARE(highlighter.snippet(text, 5).count(u'w'), 5);
    QCOMPARE(visible(highlighter.snippet(u"w a b c d"_s, 5)), u"[w] a b c d"_s);
    QCOMPARE(visible(highlighter.snippet(u"w a b c d e"_s, 5)), u"[w] a b c d…"_s);
    QCOMPARE(visible(highlighter.snippet(u"1 2 3 4 5 6 7 w"_s, 9)), u"…3 4 5 6 7 [w]"_s);
    QCOMPARE(Highlighter::beginning(u"a b c"_s, 2), u"a b…"_s);
    QCOMPARE(Highlighter::beginning(u"a b."_s, 2), u"a b…"_s);
    QCOMPARE(Highlighter::beginning(u"a b."_s, 3), u"a b."_s);
    QCOMPARE(visible(highlighter.marked(u"The w: and W"_s)), u"The [w]: and [W]"_s);
}

/// Neither a word as long as the text nor one match at the end of a long text costs much or shows much.
void tst_Highlighter::isBoundedForAnyText()
{
    const Highlighter highlighter(parseQuery(u"godwit").terms, Field::Body);
    const QString word = u"x"_s.repeated(1'000'000), signs = u"!"_s.repeated(1'000'000);
    for (const QString &text :
         { QString(word + u" godwit "_s + word), QString(signs + u"godwit"_s), QString(u"godwit"_s + signs) })
        QVERIFY(highlighter.snippet(text).size() < 1000);
    const QString late = u"some words "_s.repeated(90'000) + u"godwit"_s;
    QVERIFY(visible(highlighter.snippet(late)).endsWith("[godwit]"_L1));
    QVERIFY(Highlighter::beginning(word).size() < 1000);
}

void tst_Highlighter::wordsAreFolded_data()
{
    QTest::addColumn<QString>("word");
    QTest::addColumn<QString>("folded");
    QTest::newRow("ASCII") << u"GodWit9"_s << u"godwit9"_s;
    QTest::newRow("umlaut") << u"MÜLLER"_s << u"muller"_s;
    QTest::newRow("sharp s") << u"Straße"_s << u"straße"_s;
    QTest::newRow("Greek") << u"ΆΛΦΑ"_s << u"αλφα"_s;
    QTest::newRow("Cyrillic") << u"МИР"_s << u"мир"_s;
}

void tst_Highlighter::wordsAreFolded()
{
    QFETCH(QString, word);
    QTEST(folded(word), "folded");
}

void tst_Highlighter::distances_data()
{
    QTest::addColumn<QString>("a");
    QTest::addColumn<QString>("b");
    QTest::addColumn<int>("distance");
    QTest::newRow("same") << u"godwit"_s << u"godwit"_s << 0;
    QTest::newRow("other") << u"godwit"_s << u"gadwit"_s << 1;
    QTest::newRow("missing") << u"godwit"_s << u"godwt"_s << 1;
    QTest::newRow("more") << u"godwit"_s << u"godwitt"_s << 1;
    QTest::newRow("swapped") << u"godwit"_s << u"gowdit"_s << 1;
    QTest::newRow("swapped and other") << u"godwit"_s << u"gowdat"_s << 2;
    QTest::newRow("too far") << u"godwit"_s << u"curlew"_s << 3;
    QTest::newRow("lengths") << u"a"_s << u"abcdef"_s << 3;
    QTest::newRow("longer than any word") << u"a"_s.repeated(1000) << u"a"_s.repeated(1000) << 3;
}

void tst_Highlighter::distances()
{
    QFETCH(QString, a);
    QFETCH(QString, b);
    QTEST(editDistance(a, b, 2), "distance");
    QTEST(editDistance(b, a, 2), "distance");
}

QTEST_GUILESS_MAIN(tst_Highlighter)
#include "tst_highlighter.moc"
