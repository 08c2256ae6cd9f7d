// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/db/migrations.h"
#include "server/search/importer.h"

#include <QCoroTask>
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace godwit;
using namespace godwit::search;

class tst_Importer : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void readsAFolder();
    void csvWithColumnsIsADocumentARow();
    void otherCsvIsADocumentForManyRows();
    void secondImportReplaces();
    void whatIsGoneIsRemoved();
    void oddFilesAreCounted();
    void linksMakeNoLoops();
    void missingPathIsNamed();
    void tellsHowFarItIs();
    void cancelKeepsWhatIsStored();
    void otherWritesComeInBetween();

private:
    void write(const QString &name, const QByteArray &content);
    ImportReport import(const QStringList &paths = {});
    qint64 count();
    QStringList titles(const QString &text);

    struct Fixture
    {
        Fixture() : pool(db::Options{ .file = dir.filePath(u"test.db"_s) }), service(pool)
        {
            db::migrate(pool);
            QDir(dir.path()).mkdir(u"files"_s);
        }
        QTemporaryDir dir;
        db::Pool pool;
        Service service;
    };
    std::optional<Fixture> m_test;
    QString m_files;
};

void tst_Importer::init()
{
    m_test.emplace();
    m_files = QDir(m_test->dir.filePath(u"files"_s)).canonicalPath();
}

void tst_Importer::cleanup()
{
    m_test.reset();
}

void tst_Importer::write(const QString &name, const QByteArray &content)
{
    const QString path = m_files + u'/' + name;
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(content);
}

ImportReport tst_Importer::import(const QStringList &paths)
{
    return importPaths(m_test->service, paths.isEmpty() ? QStringList{ m_files } : paths);
}

qint64 tst_Importer::count()
{
    return m_test->pool
        .read({},
              [](db::Connection &connection) {
                  QSqlQuery &row = connection.execute(u"SELECT count(*) FROM documents");
                  row.next();
                  return row.value(0).toLongLong();
              })
        .future()
        .result();
}

QStringList tst_Importer::titles(const QString &text)
{
    QStringList titles;
    const auto answer = QCoro::waitFor(m_test->service.search({}, { .text = text, .limit = 100 }));
    const auto hits = QJsonDocument::fromJson(answer.found->json).array();
    for (const auto &hit : hits)
        titles.append(hit[u"title"].toString());
    titles.sort();
    return titles;
}

void tst_Importer::readsAFolder()
{
    write(u"notes.txt"_s, "A godwit in a text");
    write(u"deep/er/read.md"_s, "intro\n\n# The godwit #\n\nin Markdown");
    write(u"under.markdown"_s, "Underlined godwit\n=======\ntext");
    write(u"page.HTML"_s, "<title>Godwit page</title><script>var hidden</script><p>in HTML");
    write(u"old.htm"_s, "<p>Uferschnepfe hei\xdft godwit");
    const ImportReport report = import();
    QCOMPARE(report.files, 5);
    QCOMPARE(report.documents, 5);
    QVERIFY(report.skipped.isEmpty());
    QCOMPARE(titles(u"godwit"_s),
             (QStringList{ u"Godwit page"_s, u"The godwit"_s, u"Underlined godwit"_s, u"notes.txt"_s, u"old.htm"_s }));
    QCOMPARE(titles(u"heißt"_s), QStringList{ u"old.htm"_s });
    QCOMPARE(titles(u"hidden"_s), QStringList());
}

void tst_Importer::csvWithColumnsIsADocumentARow()
{
    write(u"packages.csv"_s, "name,title,body\ngodwitd,\"the daemon\",\"one,\ntwo\"\ngodwit-chat,the window,three\n");
    write(u"plain.csv"_s, "Body,Title\ntext of it,Title of it\n");
    const ImportReport report = import();
    QCOMPARE(report.documents, 3);
    QCOMPARE(titles(u"\"one two\""_s), QStringList{ u"godwitd: the daemon"_s });
    QCOMPARE(titles(u"three"_s), QStringList{ u"godwit-chat: the window"_s });
    QCOMPARE(titles(u"text of it"_s), QStringList{ u"Title of it"_s });
}

void tst_Importer::otherCsvIsADocumentForManyRows()
{
    QByteArray csv = "date,temperature\n";
    for (int i = 1; i <= 250; ++i)
        csv += "day" + QByteArray::number(i) + "," + QByteArray::number(i / 10.0) + "\n";
    write(u"weather.csv"_s, csv);
    QCOMPARE(import().documents, 3);
    QCOMPARE(titles(u"day100"_s), QStringList{ u"weather.csv, rows 1 to 100"_s });
    QCOMPARE(titles(u"day101"_s), QStringList{ u"weather.csv, rows 101 to 200"_s });
    QCOMPARE(titles(u"day250 temperature"_s), QStringList{ u"weather.csv, rows 201 to 250"_s });
}

void tst_Importer::secondImportReplaces()
{
    write(u"a.txt"_s, "the same");
    write(u"b.txt"_s, "before");
    write(u"c.csv"_s, "name,title,body\nx,one,before\ny,two,same\n");
    import();
    QCOMPARE(count(), 4);
    write(u"b.txt"_s, "after");
    write(u"c.csv"_s, "name,title,body\nx,one,after\ny,two,same\n");
    import();
    QCOMPARE(count(), 4);
    QCOMPARE(titles(u"before"_s), QStringList());
    QCOMPARE(titles(u"after"_s), (QStringList{ u"b.txt"_s, u"x: one"_s }));
    QCOMPARE(titles(u"same"_s), (QStringList{ u"a.txt"_s, u"y: two"_s }));
}

void tst_Importer::whatIsGoneIsRemoved()
{
    m_test->service.createDocument({}, { .title = u"By hand"_s, .body = u"godwit"_s }).waitForFinished();
    write(u"a.txt"_s, "godwit");
    write(u"sub/b.txt"_s, "godwit");
    write(u"c.csv"_s, "name,title,body\nx,one,godwit\ny,two,godwit\n");
    write(u"../filesnot/other.txt"_s, "godwit");
    import({ m_files, m_test->dir.filePath(u"filesnot"_s) });
    QCOMPARE(count(), 6);
    QFile::remove(m_files + u"/sub/b.txt"_s);
    write(u"c.csv"_s, "name,title,body\ny,two,godwit\n");
    QCOMPARE(import().removed, 2);
    QCOMPARE(titles(u"godwit"_s), (QStringList{ u"By hand"_s, u"a.txt"_s, u"other.txt"_s, u"y: two"_s }));
}

void tst_Importer::oddFilesAreCounted()
{
    write(u"binary.txt"_s, QByteArray("a\0b", 3));
    write(u"picture.png"_s, "png");
    write(u"empty.txt"_s, " \n");
    write(u"good.txt"_s, "good");
    write(u".hidden.txt"_s, "hidden");
    write(u"large.txt"_s, QByteArray(2000, 'x'));
    const ImportReport report = importPaths(m_test->service, { m_files }, {}, {}, { .fileBytes = 1000 });
    QCOMPARE(report.files, 1);
    QCOMPARE(report.skipped.value(u"binary"_s), 1);
    QCOMPARE(report.skipped.value(u"no format that is read"_s), 1);
    QCOMPARE(report.skipped.value(u"empty"_s), 1);
    QCOMPARE(report.skipped.value(u"too large"_s), 1);
    QCOMPARE(count(), 1);
    QCOMPARE(report.toJson().value("skipped"_L1).toObject().value("binary"_L1).toInt(), 1);
}

void tst_Importer::linksMakeNoLoops()
{
    write(u"a.txt"_s, "once");
    QVERIFY(QFile::link(m_files, m_files + u"/loop"_s));
    QVERIFY(QFile::link(m_files + u"/a.txt"_s, m_files + u"/b.txt"_s));
    QVERIFY(QFile::link(m_files, m_test->dir.filePath(u"entry"_s)));
    QCOMPARE(import({ m_test->dir.filePath(u"entry"_s) }).documents, 1); // a link that is asked for is followed
    QCOMPARE(import().documents, 1);
    QCOMPARE(count(), 1);
}

void tst_Importer::missingPathIsNamed()
{
    try {
        import({ m_files, u"/no/such/folder"_s });
        QFAIL("imported");
    } catch (const Error &error) {
        QCOMPARE(error.code(), Error::Code::InvalidArgument);
        QVERIFY(error.message().contains("/no/such/folder"_L1));
    }
}

void tst_Importer::tellsHowFarItIs()
{
    for (int i = 0; i < 20; ++i)
        write(u"%1.txt"_s.arg(i), "text " + QByteArray(100, 'x'));
    ImportProgress last;
    importPaths(m_test->service, { m_files }, {}, [&last](const ImportProgress &progress) {
        QVERIFY(progress.doneBytes >= last.doneBytes);
        last = progress;
    });
    QCOMPARE(last.percent(), 100.0);
    QCOMPARE(last.documents, 20);
    QVERIFY(last.totalBytes > 2000);
    QVERIFY(!last.current.isEmpty());
}

void tst_Importer::cancelKeepsWhatIsStored()
{
    write(u"gone-later.txt"_s, "kept, because nothing is removed after a cancel");
    import();
    QFile::remove(m_files + u"/gone-later.txt"_s);
    QByteArray csv = "name,title,body\n";
    for (int i = 0; i < 100'000; ++i)
        csv += QByteArray::number(i) + ",title,body of it\n";
    write(u"many.csv"_s, csv);
    std::stop_source stop;
    const ImportReport report
        = importPaths(m_test->service, { m_files }, stop.get_token(), [&stop](const ImportProgress &progress) {
              if (progress.documents > 0)
                  stop.request_stop();
          });
    QVERIFY(report.isCancelled);
    QVERIFY2(report.documents > 0 && report.documents < 100'000, qPrintable(QString::number(report.documents)));
    QCOMPARE(count(), report.documents + 1);
}

void tst_Importer::otherWritesComeInBetween()
{
    QByteArray csv = "name,title,body\n";
    for (int i = 0; i < 5'000; ++i)
        csv += QByteArray::number(i) + ",title,body of it\n";
    write(u"many.csv"_s, csv);
    QFuture<protocol::Document> other;
    qint64 atThatTime = -1;
    const ImportReport report
        = importPaths(m_test->service, { m_files }, {},
                      [&](const ImportProgress &) {
                          if (other.isValid())
                              return;
                          other = m_test->service.createDocument({}, { .title = u"Other"_s, .body = u"x"_s });
                          other.waitForFinished();
                          atThatTime = count();
                      },
                      { .batchDocuments = 10 });
    QCOMPARE(report.documents, 5'000);
    QVERIFY(other.isFinished());
    QVERIFY2(atThatTime > 0 && atThatTime < 5'000, qPrintable(QString::number(atThatTime)));
}

QTEST_GUILESS_MAIN(tst_Importer)
#include "tst_importer.moc"
