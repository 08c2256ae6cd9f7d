// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/models/markedtext.h"
#include "monitor/models/searchmodel.h"

#include <QAbstractItemModelTester>
#include <QTest>

using namespace Qt::StringLiterals;

using godwit::models::findLinks;
using godwit::models::findMentions;
using godwit::models::MarkedText;
using godwit::models::parseMarked;
using godwit::models::SearchModel;
using godwit::models::TextRange;

class tst_MarkedText : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsEscapedTextWithMarks_data();
    void readsEscapedTextWithMarks();
    void findsLinks_data();
    void findsLinks();
    void findsMentions_data();
    void findsMentions();
    void aHitIsShownAsPlainText();
};

void tst_MarkedText::readsEscapedTextWithMarks_data()
{
    QTest::addColumn<QString>("html");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("marked");
    QTest::newRow("empty") << QString() << QString() << QStringList();
    QTest::newRow("plain") << u"a b"_s << u"a b"_s << QStringList();
    QTest::newRow("one mark") << u"a <mark>bird</mark> b"_s << u"a bird b"_s << QStringList{ u"bird"_s };
    QTest::newRow("two marks") << u"<mark>a</mark> <mark>b</mark>"_s << u"a b"_s << QStringList{ u"a"_s, u"b"_s };
    QTest::newRow("escaped") << u"&lt;b&gt; &amp;&quot;&#39;&#x27;"_s << u"<b> &\"''"_s << QStringList();
    QTest::newRow("escaped once only") << u"&amp;lt;"_s << u"&lt;"_s << QStringList();
    QTest::newRow("mark over an entity") << u"<mark>a&amp;b</mark>c"_s << u"a&bc"_s << QStringList{ u"a&b"_s };
    QTest::newRow("other tags stay text")
        << u"<img src=x onerror=y><mark>z</mark>"_s << u"<img src=x onerror=y>z"_s << QStringList{ u"z"_s };
    QTest::newRow("mark with attributes is none") << u"<mark onclick=x>z"_s << u"<mark onclick=x>z"_s << QStringList();
    QTest::newRow("unended mark") << u"a<mark>b"_s << u"ab"_s << QStringList{ u"b"_s };
    QTest::newRow("unbegun mark") << u"a</mark>b"_s << u"ab"_s << QStringList();
    QTest::newRow("nested marks") << u"<mark>a<mark>b</mark>"_s << u"ab"_s << QStringList{ u"ab"_s };
    QTest::newRow("empty mark") << u"a<mark></mark>b"_s << u"ab"_s << QStringList();
    QTest::newRow("no entity") << u"R&D; AT&T &; &#; &#xD800; &#0; &unknown;"_s
                               << u"R&D; AT&T &; &#; &#xD800; &#0; &unknown;"_s << QStringList();
    QTest::newRow("beyond the first plane") << u"<mark>&#x1F426;</mark>"_s << u"🐦"_s << QStringList{ u"🐦"_s };
}

void tst_MarkedText::readsEscapedTextWithMarks()
{
    QFETCH(QString, html);
    QFETCH(QString, text);
    QFETCH(QStringList, marked);
    const MarkedText result = parseMarked(html);
    QCOMPARE(result.text, text);
    QStringList found;
    for (const TextRange &range : result.marks)
        found.append(result.text.mid(range.start, range.length));
    QCOMPARE(found, marked);
}

void tst_MarkedText::findsLinks_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("links");
    QTest::newRow("none") << u"no link here, not even example.org"_s << QStringList();
    QTest::newRow("alone") << u"https://example.org/a?b=c#d"_s << QStringList{ u"https://example.org/a?b=c#d"_s };
    QTest::newRow("end of a sentence") << u"See http://example.org."_s << QStringList{ u"http://example.org"_s };
    QTest::newRow("in brackets") << u"(https://example.org/a)"_s << QStringList{ u"https://example.org/a"_s };
    QTest::newRow("with brackets") << u"https://example.org/a_(b)"_s << QStringList{ u"https://example.org/a_(b)"_s };
    QTest::newRow("two") << u"http://a.example, HTTP://b.example!"_s
                         << QStringList{ u"http://a.example"_s, u"HTTP://b.example"_s };
    QTest::newRow("no host") << u"http://... https://"_s << QStringList();
    QTest::newRow("other schemes") << u"javascript:alert(1) file:///etc/passwd"_s << QStringList();
    QTest::newRow("line break ends it") << u"http://a.example\nnext"_s << QStringList{ u"http://a.example"_s };
}

void tst_MarkedText::findsLinks()
{
    QFETCH(QString, text);
    QFETCH(QStringList, links);
    QStringList found;
    for (const TextRange &range : findLinks(text))
        found.append(text.mid(range.start, range.length));
    QCOMPARE(found, links);
}

/// As tests/chat has them for the server.
void tst_MarkedText::findsMentions_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("mentions");
    QTest::newRow("none") << u"at noon"_s << QStringList();
    QTest::newRow("at the beginning") << u"@ada, look"_s << QStringList{ u"@ada"_s };
    QTest::newRow("two, in brackets") << u"(@ada and @bob.)"_s << QStringList{ u"@ada"_s, u"@bob"_s };
    QTest::newRow("dotted") << u"@ada.lovelace."_s << QStringList{ u"@ada.lovelace"_s };
    QTest::newRow("other letters") << u"@Jürgen @日本"_s << QStringList{ u"@Jürgen"_s, u"@日本"_s };
    QTest::newRow("mail") << u"write to bob@example.org"_s << QStringList();
    QTest::newRow("only an at") << u"@ @- @@ada"_s << QStringList();
}

void tst_MarkedText::findsMentions()
{
    QFETCH(QString, text);
    QFETCH(QStringList, mentions);
    QStringList found;
    for (const TextRange &range : findMentions(text))
        found.append(text.mid(range.start, range.length));
    QCOMPARE(found, mentions);
}

void tst_MarkedText::aHitIsShownAsPlainText()
{
    SearchModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setHits({ { .id = 4,
                      .kind = u"document"_s,
                      .title = u"Waders"_s,
                      .snippet = u"the <mark>godwit</mark> &lt;3"_s,
                      .relevance = 0.5 } });
    const QModelIndex hit = model.index(0);
    QCOMPARE(hit.data(SearchModel::IdRole).toLongLong(), 4);
    QCOMPARE(hit.data(SearchModel::SnippetRole).value<MarkedText>(), (MarkedText{ u"the godwit <3"_s, { { 4, 6 } } }));
    model.clear();
    QCOMPARE(model.rowCount(), 0);
}

QTEST_APPLESS_MAIN(tst_MarkedText)
#include "tst_markedtext.moc"
