// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/pages/searchpage.h"
#include "tests/support/fakegodwit.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace godwit;

using models::SearchModel;
using pages::SearchPage;
using test::FakeReply;
using test::FakeRequest;

namespace {

struct Stage
{
    Stage() : session({ server.url(), {}, u"bob"_s, {} }), page(session)
    {
        server.setHits({ { 7, u"document"_s, u"Waders"_s, u"the <mark>godwit</mark>"_s, 0.9 },
                         { 8, u"message"_s, u"bob"_s, u"a <mark>godwit</mark>!"_s, 0.4 } });
        server.on("GET /api/documents/{id}"_ba, [](const FakeRequest &request, const FakeReply &reply) {
            reply.json(QJsonDocument(QJsonObject{ { u"id"_s, request.parameters.first().toLongLong() },
                                                  { u"title"_s, u"Waders"_s },
                                                  { u"body"_s, u"<b>long</b> legs"_s },
                                                  { u"source"_s, u"/srv/waders.md"_s } }));
        });
        page.show();
    }
    bool says(const QString &text) const
    {
        const auto labels = page.findChildren<QLabel *>();
        return std::any_of(labels.cbegin(), labels.cend(),
                           [&](const QLabel *label) { return label->isVisible() && label->text().contains(text); });
    }

    test::FakeGodwit server;
    net::Session session;
    SearchPage page;
};

} // namespace

class tst_SearchPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void searchesOnceForSeveralLetters();
    void aNewLetterGivesUpTheFormerRequest();
    void showsTheChosenDocumentAsText();
    void saysThatNothingWasFound();
    void asksForTheChosenKind();
    void offersWhatWasSuggested();
    void saysWhyItFailed();
    void ctrlFLeadsToTheField();
};

void tst_SearchPage::searchesOnceForSeveralLetters()
{
    Stage stage;
    QVERIFY(stage.says(u"Type to search"_s));
    const QString text = u"a+b & ü"_s;
    for (const QChar letter : text)
        stage.page.field()->insert(letter);
    QTRY_COMPARE(stage.page.model().rowCount(), 2);
    QCOMPARE(stage.server.count("/api/search"_ba), 1);
    const auto &requests = stage.server.requests();
    const auto asked = std::find_if(requests.cbegin(), requests.cend(),
                                    [](const FakeRequest &request) { return request.path == "/api/search"_ba; });
    QCOMPARE(asked->query.queryItemValue(u"q"_s, QUrl::FullyDecoded), u"a+b & ü"_s);
    QVERIFY(stage.says(u"2 hits"_s));
    QVERIFY(stage.says(u"cache: miss"_s));
}

void tst_SearchPage::aNewLetterGivesUpTheFormerRequest()
{
    Stage stage;
    QList<FakeReply> open;
    stage.server.on("GET /api/search"_ba, [&open](const FakeRequest &, const FakeReply &reply) { open.append(reply); });
    stage.page.field()->setText(u"a"_s);
    QTRY_COMPARE(open.size(), 1);
    QSignalSpy answered(&stage.page, &SearchPage::answered);
    stage.page.field()->setText(u"ab"_s);
    QTRY_COMPARE(open.size(), 2);
    QTRY_VERIFY(!open.first().isOpen()); // the server is told
    open.last().answer(200, "[]"_ba);
    QTRY_COMPARE(answered.count(), 1);
}

void tst_SearchPage::showsTheChosenDocumentAsText()
{
    Stage stage;
    stage.page.field()->setText(u"godwit"_s);
    auto *document = stage.page.findChild<QPlainTextEdit *>(u"document"_s);
    QTRY_COMPARE(document->toPlainText(), u"<b>long</b> legs"_s);
    QVERIFY(stage.says(u"/srv/waders.md"_s));
    QTest::keyClick(stage.page.field(), Qt::Key_Down); // the keyboard stays in the field
    QTRY_COMPARE(document->toPlainText(), u"a godwit!"_s);
}

void tst_SearchPage::saysThatNothingWasFound()
{
    Stage stage;
    stage.server.setHits({});
    stage.page.field()->setText(u"dodo"_s);
    QTRY_VERIFY(stage.says(u"Nothing found for “dodo”"_s));
}

void tst_SearchPage::asksForTheChosenKind()
{
    Stage stage;
    QStringList kinds;
    stage.server.on("GET /api/search"_ba, [&kinds](const FakeRequest &request, const FakeReply &reply) {
        kinds.append(request.query.hasQueryItem(u"kind"_s) ? request.query.queryItemValue(u"kind"_s) : u"all"_s);
        reply.answer(200, "[]"_ba);
    });
    auto *kind = stage.page.findChild<QComboBox *>(u"kind"_s);
    stage.page.field()->setText(u"godwit"_s);
    QTRY_COMPARE(kinds, QStringList{ u"all"_s });
    kind->setCurrentIndex(kind->findData(u"message"_s));
    QTRY_COMPARE(kinds, QStringList({ u"all"_s, u"message"_s }));
    kind->setCurrentIndex(0);
    QTRY_COMPARE(kinds.size(), 3);
    QCOMPARE(kinds.last(), u"all"_s);
}

void tst_SearchPage::offersWhatWasSuggested()
{
    Stage stage;
    stage.server.on("GET /api/search"_ba, [](const FakeRequest &request, const FakeReply &reply) {
        if (request.query.queryItemValue(u"q"_s, QUrl::FullyDecoded) == u"brünn"_s)
            reply.answer(200,
                         uR"([{"id":8,"kind":"message","title":"bob","snippet":"<mark>brünn</mark>","relevance":1}])"_s
                             .toUtf8());
        else
            reply.answer(200, "[]"_ba, "application/json"_ba, "X-Suggestion: br%C3%BCnn\r\n"_ba);
    });
    stage.page.field()->setText(u"brünnn"_s);
    QTRY_VERIFY(stage.says(u"Did you mean “brünn”?"_s));
    QVERIFY(stage.says(u"Nothing found for “brünnn”"_s));
    QPushButton *button = nullptr;
    const auto buttons = stage.page.findChildren<QPushButton *>();
    for (auto *candidate : buttons) {
        if (candidate->text().contains(u"brünn"_s))
            button = candidate;
    }
    QVERIFY(button && button->isVisible());
    button->click();
    QCOMPARE(stage.page.field()->text(), u"brünn"_s);
    QTRY_COMPARE(stage.page.model().rowCount(), 1);
}

void tst_SearchPage::saysWhyItFailed()
{
    Stage stage;
    stage.server.on("GET /api/search"_ba, [](const FakeRequest &, const FakeReply &reply) {
        reply.problem(408, u"the search took longer than 5 s"_s);
    });
    stage.page.field()->setText(u"godwit"_s);
    QTRY_VERIFY(stage.says(u"the search took longer than 5 s"_s));
    QCOMPARE(stage.page.model().rowCount(), 0);
}

void tst_SearchPage::ctrlFLeadsToTheField()
{
    Stage stage;
    stage.page.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&stage.page));
    stage.page.findChild<QListView *>(u"hits"_s)->setFocus();
    QTest::keyClick(&stage.page, Qt::Key_F, Qt::ControlModifier);
    QCOMPARE(QApplication::focusWidget(), stage.page.field());
}

QTEST_MAIN(tst_SearchPage)
#include "tst_searchpage.moc"
