// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/pages/starttaskdialog.h"
#include "monitor/pages/taskdetails.h"
#include "monitor/pages/taskspage.h"
#include "tests/support/fakegodwit.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QJsonArray>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace godwit;

using pages::TaskFeed;
using pages::TasksPage;
using protocol::TaskStatus;

namespace {

struct Stage
{
    Stage() : session({ server.url(), {}, u"bob"_s, {} }), page(session) { page.resize(1000, 400); }
    void add(qint64 id, TaskStatus status, double progress = 0)
    {
        protocol::Task task;
        task.id = id;
        task.kind = u"sleep"_s;
        task.status = status;
        task.progress = progress;
        server.tasks().append(task);
    }
    QPushButton *button(const QString &text) const
    {
        const auto buttons = page.findChildren<QPushButton *>();
        for (QPushButton *each : buttons) {
            if (each->text() == text)
                return each;
        }
        return nullptr;
    }
    bool says(const QString &text) const
    {
        const auto labels = page.findChildren<QLabel *>();
        return std::any_of(labels.cbegin(), labels.cend(),
                           [&](const QLabel *label) { return label->isVisible() && label->text().contains(text); });
    }

    test::FakeGodwit server;
    net::Session session;
    TasksPage page;
};

} // namespace

class tst_TasksPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void anEmptyListSaysWhatToDo();
    void aServerThatCannotBeReadIsSaid();
    void asksForNothingWhileHidden();
    void streamedProgressIsShown();
    void followsABoundedNumberOfTasks();
    void startsAnImport();
    void eachKindTakesItsParams_data();
    void eachKindTakesItsParams();
    void theDialogIsAsHighAsItsFields();
    void theChosenTaskTellsItsLog();
    void membersAreShort();
    void theKeysAreTheTablesOnceItIsThere();
    void cancelsRetriesAndRemoves();
    void othersTasksAreForOperators_data();
    void othersTasksAreForOperators();
    void theServersRefusalIsShown();
    void filtersByStatus();
    void nothingIsCutInTheSmallestWindow();
};

void tst_TasksPage::anEmptyListSaysWhatToDo()
{
    Stage stage;
    stage.page.show();
    QTRY_VERIFY(stage.says(u"No tasks yet"_s));
    QVERIFY(stage.says(u"Start task"_s));
}

void tst_TasksPage::aServerThatCannotBeReadIsSaid()
{
    Stage stage;
    stage.server.on("GET /api/tasks"_ba, [](const test::FakeRequest &, const test::FakeReply &reply) {
        reply.problem(503, u"the database is being moved"_s);
    });
    stage.page.show();
    QTRY_VERIFY(stage.says(u"the database is being moved"_s));
}

void tst_TasksPage::asksForNothingWhileHidden()
{
    Stage stage;
    stage.add(1, TaskStatus::Running, 5);
    stage.page.show();
    QTRY_COMPARE(stage.page.feed().streamCount(), 1);
    stage.page.hide();
    QCOMPARE(stage.page.feed().streamCount(), 0);
}

void tst_TasksPage::streamedProgressIsShown()
{
    Stage stage;
    stage.add(1, TaskStatus::Running, 5);
    stage.page.show();
    QTRY_COMPARE(stage.server.count("/api/tasks/1/events"_ba), 1);
    stage.server.progress({ 1, 42, TaskStatus::Running, u"half asleep"_s });
    QTRY_COMPARE(stage.page.model().task(1)->progress, 42.0);
    stage.server.progress({ 1, 100, TaskStatus::Completed, u"awake"_s });
    QTRY_VERIFY(stage.page.model().task(1)->status == TaskStatus::Completed);
    QTRY_COMPARE(stage.page.feed().streamCount(), 0);
}

void tst_TasksPage::followsABoundedNumberOfTasks()
{
    Stage stage;
    for (int id = 1; id <= 10; ++id)
        stage.add(id, TaskStatus::Running);
    stage.page.show();
    QTRY_COMPARE(stage.page.model().rowCount(), 10);
    QCOMPARE(stage.page.feed().streamCount(), TaskFeed::streamLimit);
    QTRY_COMPARE(stage.server.count("/api/tasks/10/events"_ba), 1);
    QCOMPARE(stage.server.count("/api/tasks/1/events"_ba), 0);
}

void tst_TasksPage::startsAnImport()
{
    Stage stage;
    stage.page.show();
    stage.page.askToStart();
    auto *dialog = stage.page.findChild<pages::StartTaskDialog *>();
    QVERIFY(dialog);
    QPushButton *start = nullptr;
    const auto buttons = dialog->findChildren<QPushButton *>();
    for (QPushButton *each : buttons) {
        if (each->text() == u"Start"_s)
            start = each;
    }
    QVERIFY(!start->isEnabled()); // nothing is named yet
    dialog->findChild<QPlainTextEdit *>(u"paths"_s)->setPlainText(u" /srv/a \n\n/srv/b"_s);
    QTest::mouseClick(start, Qt::LeftButton);
    QTRY_COMPARE(stage.server.tasks().size(), 1);
    QCOMPARE(stage.server.tasks().first().kind, u"import"_s);
    QCOMPARE(stage.server.tasks().first().params,
             (QJsonObject{ { u"paths"_s, QJsonArray{ u"/srv/a"_s, u"/srv/b"_s } } }));
    QTRY_COMPARE(stage.page.model().rowCount(), 1);
}

static QString allowed(protocol::Role)
{
    return {};
}

void tst_TasksPage::eachKindTakesItsParams_data()
{
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("entered");
    QTest::addColumn<QJsonObject>("params");
    QTest::newRow("import") << u"paths"_s << u"/srv/a"_s << QJsonObject{ { u"paths"_s, QJsonArray{ u"/srv/a"_s } } };
    QTest::newRow("export") << u"name"_s << u"m.csv"_s
                            << QJsonObject{ { u"dataset"_s, u"messages"_s },
                                            { u"format"_s, u"csv"_s },
                                            { u"name"_s, u"m.csv"_s } };
    QTest::newRow("backup") << QString() << QString() << QJsonObject{ { u"keep"_s, 7 } };
    QTest::newRow("checksum") << u"path"_s << u" a.bin "_s << QJsonObject{ { u"path"_s, u"a.bin"_s } };
    QTest::newRow("fetch") << u"urls"_s << u"https://a.example/\n\nhttps://b.example/"_s
                           << QJsonObject{ { u"urls"_s,
                                             QJsonArray{ u"https://a.example/"_s, u"https://b.example/"_s } } };
    QTest::newRow("reindex") << QString() << QString() << QJsonObject();
    QTest::newRow("sleep") << QString() << QString() << QJsonObject{ { u"seconds"_s, 10 } };
}

void tst_TasksPage::eachKindTakesItsParams()
{
    QFETCH(QString, field);
    QFETCH(QString, entered);
    QFETCH(QJsonObject, params);
    const QString kind = QString::fromLatin1(QTest::currentDataTag());
    pages::StartTaskDialog dialog(allowed);
    dialog.setKind(kind);
    const pages::TaskForm *form = nullptr;
    for (const auto *each : dialog.findChildren<pages::TaskForm *>()) {
        if (each->kind().name == kind)
            form = each;
    }
    QVERIFY(form);
    if (auto *lines = form->findChild<QPlainTextEdit *>(field))
        lines->setPlainText(entered);
    if (auto *line = form->findChild<QLineEdit *>(field))
        line->setText(entered);
    QVERIFY(form->isComplete());
    QCOMPARE(dialog.task().kind, kind);
    QCOMPARE(dialog.task().params, params);
}

void tst_TasksPage::theDialogIsAsHighAsItsFields()
{
    pages::StartTaskDialog dialog(allowed);
    dialog.show();
    dialog.setKind(u"import"_s);
    const int most = dialog.height();
    dialog.setKind(u"reindex"_s);
    QVERIFY(dialog.height() < most - 100);
    dialog.setKind(u"export"_s);
    const int before = dialog.height();
    auto *dataset = dialog.findChild<QComboBox *>(u"dataset"_s);
    dataset->setCurrentIndex(dataset->findData(u"readings"_s));
    QVERIFY(dialog.findChild<QLineEdit *>(u"series"_s)->isVisible());
    QVERIFY(dialog.height() > before);
    QVERIFY(!dialog.task().params.contains("from"_L1));
    dialog.findChild<QComboBox *>(u"period"_s)->setCurrentIndex(1);
    QVERIFY(dialog.task().params.contains("from"_L1));
}

void tst_TasksPage::theChosenTaskTellsItsLog()
{
    Stage stage;
    stage.add(1, TaskStatus::Running, 30);
    stage.server.tasks().last().params = { { u"path"_s, u"a.bin"_s } };
    stage.server.tasks().last().createdBy = u"ada"_s;
    stage.add(2, TaskStatus::Queued);
    QStringList afters;
    stage.server.on("GET /api/tasks/1/log"_ba, [&](const test::FakeRequest &request, const test::FakeReply &reply) {
        afters.append(request.query.queryItemValue(u"after"_s));
        const qint64 line = afters.last().toLongLong() + 1;
        const QJsonObject said{ { u"line"_s, line },
                                { u"attempt"_s, 1 },
                                { u"at"_s, u"2026-11-28T12:00:00.000Z"_s },
                                { u"text"_s, u"line %1"_s.arg(line) } };
        reply.json(QJsonDocument(QJsonObject{ { u"items"_s, QJsonArray{ said } }, { u"next"_s, {} } }));
    });
    stage.page.show();
    QTRY_COMPARE(stage.page.model().rowCount(), 2);
    auto *details = stage.page.findChild<pages::TaskDetails *>();
    auto *log = details->findChild<QPlainTextEdit *>(u"log"_s);
    QVERIFY(!details->isVisible());
    stage.page.table()->selectRow(1);
    QVERIFY(details->isVisible());
    QVERIFY(stage.says(u"With path a.bin"_s));
    QVERIFY(stage.says(u"by ada"_s));
    QTRY_VERIFY(log->toPlainText().endsWith(u"line 1"_s));
    stage.server.progress({ 1, 40, TaskStatus::Running, u"on"_s });
    QTRY_VERIFY(log->toPlainText().endsWith(u"line 2"_s)); // only what is new is asked for
    QCOMPARE(afters.first(2), (QStringList{ u"0"_s, u"1"_s }));
    stage.page.table()->selectAll();
    QVERIFY(!details->isVisible());
    stage.page.table()->selectRow(0);
    QVERIFY(log->toPlainText().isEmpty()); // of another task
    QTRY_VERIFY(log->placeholderText().contains(u"could not be read"_s)); // 404 of this server's
}

void tst_TasksPage::membersAreShort()
{
    const QJsonObject result{ { u"empty"_s, QJsonObject() },
                              { u"failed"_s, 1 },
                              { u"list"_s, QJsonArray{ QJsonObject(), QJsonObject() } },
                              { u"of"_s, QJsonObject{ { u"a"_s, 1 } } },
                              { u"paths"_s, QJsonArray{ u"/a"_s, u"/b"_s } } };
    QCOMPARE(pages::membersText(result), u"failed 1, list 2, of {…}, paths /a /b"_s);
    QCOMPARE(pages::membersText({ { u"x"_s, QString(500, u'y') } }).size(), 122);
}

void tst_TasksPage::theKeysAreTheTablesOnceItIsThere()
{
    Stage stage;
    for (int id = 1; id <= 30; ++id)
        stage.add(id, TaskStatus::Completed, 100);
    stage.page.show();
    stage.page.firstFocus()->setFocus();
    stage.page.activateWindow();
    QTRY_COMPARE(stage.page.model().rowCount(), 30);
    QTRY_COMPARE(stage.page.focusWidget(), stage.page.table());
    stage.page.table()->selectRow(29);
    QTRY_VERIFY(stage.page.findChild<pages::TaskDetails *>()->isVisible());
    const QRect row = stage.page.table()->visualRect(stage.page.table()->currentIndex());
    QTRY_VERIFY(stage.page.table()->viewport()->rect().contains(row.center()));
}

void tst_TasksPage::cancelsRetriesAndRemoves()
{
    Stage stage;
    stage.add(1, TaskStatus::Running, 30);
    stage.page.show();
    QTRY_COMPARE(stage.page.model().rowCount(), 1);
    stage.page.table()->selectRow(0);
    QVERIFY(!stage.button(u"Retry"_s)->isEnabled());
    QTest::mouseClick(stage.button(u"Cancel"_s), Qt::LeftButton);
    QTRY_VERIFY(stage.page.model().task(1)->status == TaskStatus::Cancelled);
    QVERIFY(!stage.button(u"Cancel"_s)->isEnabled());
    QTest::mouseClick(stage.button(u"Retry"_s), Qt::LeftButton);
    QTRY_VERIFY(stage.page.model().task(1)->status == TaskStatus::Queued);
    stage.server.progress({ 1, 10, TaskStatus::Failed, u"no"_s });
    QTRY_VERIFY(stage.button(u"Remove"_s)->isEnabled());
    QTest::mouseClick(stage.button(u"Remove"_s), Qt::LeftButton);
    QTRY_COMPARE(stage.page.model().rowCount(), 0);
    QVERIFY(stage.server.tasks().isEmpty());
}

void tst_TasksPage::othersTasksAreForOperators_data()
{
    QTest::addColumn<protocol::Role>("role");
    QTest::addColumn<bool>("mayOwn");
    QTest::addColumn<bool>("mayOthers");
    QTest::newRow("viewer") << protocol::Role::Viewer << false << false;
    QTest::newRow("member") << protocol::Role::Member << true << false;
    QTest::newRow("operator") << protocol::Role::Operator << true << true;
}

void tst_TasksPage::othersTasksAreForOperators()
{
    QFETCH(protocol::Role, role);
    QFETCH(bool, mayOwn);
    QFETCH(bool, mayOthers);
    Stage stage;
    stage.add(1, TaskStatus::Failed);
    stage.server.tasks().last().creatorId = 8;
    stage.add(2, TaskStatus::Failed);
    stage.server.tasks().last().creatorId = 7;
    stage.session.credentials().setPrincipal(protocol::Principal{ .userId = 7, .name = u"bob"_s, .role = role });
    stage.page.show();
    QTRY_COMPARE(stage.page.model().rowCount(), 2);
    const QPushButton *const retry = stage.button(u"Retry"_s);
    stage.page.table()->selectRow(0); // the newest: his own
    QCOMPARE(retry->isEnabled(), mayOwn);
    stage.page.table()->selectRow(1);
    QCOMPARE(retry->isEnabled(), mayOthers);
    QCOMPARE(stage.button(u"Remove"_s)->isEnabled(), mayOthers);
    QCOMPARE(retry->toolTip().contains(u"Needs the role operator; bob has the role member"_s), mayOwn && !mayOthers);
    stage.page.table()->selectAll();
    QCOMPARE(retry->isEnabled(), mayOthers);
}

void tst_TasksPage::theServersRefusalIsShown()
{
    Stage stage;
    stage.server.on("POST /api/tasks"_ba, [](const test::FakeRequest &, const test::FakeReply &reply) {
        reply.problem(422, u"\"paths\" must exist"_s);
    });
    QSignalSpy failed(&stage.page, &widgets::Page::failed);
    protocol::NewTask task;
    task.kind = u"import"_s;
    stage.page.feed().start(task);
    QTRY_COMPARE(failed.count(), 1);
    QVERIFY(failed.first().first().toString().contains("\"paths\" must exist"_L1));
}

void tst_TasksPage::filtersByStatus()
{
    Stage stage;
    stage.add(1, TaskStatus::Failed);
    stage.add(2, TaskStatus::Running);
    stage.page.show();
    QTRY_COMPARE(stage.page.table()->model()->rowCount(), 2);
    auto *filter = stage.page.findChild<QComboBox *>();
    filter->setCurrentIndex(static_cast<int>(pages::TaskFilter::Show::Failed));
    QCOMPARE(stage.page.table()->model()->rowCount(), 1);
    filter->setCurrentIndex(static_cast<int>(pages::TaskFilter::Show::Completed));
    QVERIFY(stage.says(u"No task matches the filter"_s));
}

void tst_TasksPage::nothingIsCutInTheSmallestWindow()
{
    constexpr int smallest = 736; // the window's 900 without the navigation
    Stage stage;
    stage.add(1, TaskStatus::Completed, 100);
    stage.page.resize(smallest, 600);
    stage.page.show();
    const auto *table = stage.page.findChild<QTableView *>(u"tasks"_s);
    QTRY_VERIFY(table->isVisible());
    QCOMPARE(stage.page.width(), smallest);
    for (const QString &label : { u"Cancel"_s, u"Retry"_s, u"Remove"_s, u"Start task…"_s })
        QVERIFY2(stage.button(label)->width() >= stage.button(label)->sizeHint().width(), qPrintable(label));
    QCOMPARE(table->horizontalScrollBar()->maximum(), 0);
    QVERIFY(table->columnWidth(models::TaskModel::MessageColumn) >= 150);
    stage.page.resize(1000, 600);
    QVERIFY(!table->isColumnHidden(models::TaskModel::CreatedColumn));
}

QTEST_MAIN(tst_TasksPage)
#include "tst_taskspage.moc"
