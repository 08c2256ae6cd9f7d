// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/staticfiles.h"
#include "server/runtime/blockingpool.h"
#include "tests/http/filesfixture.h"

#include <QTest>

#include <fcntl.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::http;

class tst_Files : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void wholeFile();
    void largeFileInPieces();
    void knownFilesAreNotSent_data();
    void knownFilesAreNotSent();
    void knownByDate_data();
    void knownByDate();
    void whatCanRunIsNotShown_data();
    void whatCanRunIsNotShown();
    void headOpensAndTellsTheSize();
    void theETagChangesWithTheFile();
    void nothingLeavesTheFolder_data();
    void nothingLeavesTheFolder();
    void linksWithinTheFolderAreFollowed();
    void withoutOpenat2NoLinkIsFollowed();
    void aFolderMustBeThere();
    void aFileThatShrinksCutsTheConnection();
    void whatIsNotInMemoryIsReadElsewhere();

private:
    std::optional<FilesFixture> m_test;
};

void tst_Files::init()
{
    m_test.emplace();
}

void tst_Files::wholeFile()
{
    const Response &response = m_test->get("ten.txt");
    QCOMPARE(response.status(), Status::Ok);
    QCOMPARE(response.body()->size(), 10);
    QCOMPARE(FilesFixture::contentOf(response), "0123456789"_ba);
    QCOMPARE(response.contentType(), QByteArrayView("text/plain; charset=utf-8"));
    QCOMPARE(response.header("Accept-Ranges"), QByteArrayView("bytes"));
    QCOMPARE(response.header("Content-Disposition"), QByteArrayView("inline; filename=\"ten.txt\""));
    QCOMPARE(response.header("X-Content-Type-Options"), QByteArrayView("nosniff"));
    QCOMPARE(FilesFixture::contentOf(m_test->get("%C3%A4%20b.txt")), "umlaut"_ba);
    QCOMPARE(m_test->get("sub/page.html").contentType(), QByteArrayView("text/html; charset=utf-8"));
    const Response &empty = m_test->get("empty.bin");
    QCOMPARE(empty.contentType(), QByteArrayView("application/octet-stream"));
    QCOMPARE(empty.body()->size(), 0);
    QCOMPARE(FilesFixture::contentOf(empty), ""_ba);
}

void tst_Files::largeFileInPieces()
{
    QByteArray content(1'000'003, Qt::Uninitialized);
    for (qsizetype i = 0; i < content.size(); ++i)
        content[i] = char(i * 7);
    FilesFixture::write(m_test->root() + u"/large.bin"_s, content);
    const auto body = m_test->get("large.bin").body();
    QByteArray whole;
    Body::State state = Body::State::More;
    while (state == Body::State::More) {
        QByteArray piece = "before";
        state = body->read(piece, 64 * 1024);
        QVERIFY(piece.size() <= 64 * 1024 + 6);
        QVERIFY(piece.startsWith("before"));
        whole += piece.sliced(6);
    }
    QCOMPARE(state, Body::State::End);
    QVERIFY(whole == content);
}

void tst_Files::knownFilesAreNotSent_data()
{
    QTest::addColumn<QByteArray>("known");
    QTest::addColumn<int>("status");
    QTest::newRow("the same") << "E"_ba << 304;
    QTest::newRow("weak") << "W/E"_ba << 304;
    QTest::newRow("in a list") << "\"a,b\", W/\"c\" ,E"_ba << 304;
    QTest::newRow("any") << "*"_ba << 304;
    QTest::newRow("another") << "\"x\""_ba << 200;
    QTest::newRow("unquoted") << "x"_ba << 200;
    QTest::newRow("open") << "\"x"_ba << 200;
}

void tst_Files::knownFilesAreNotSent()
{
    QFETCH(QByteArray, known);
    QFETCH(int, status);
    const QByteArray etag = m_test->get("ten.txt").header("ETag").toByteArray();
    known.replace("E", etag);
    const Response &response = m_test->get("ten.txt", { { "If-None-Match", known }, { "Range", "bytes=0-1" } });
    QCOMPARE(int(response.status()), status == 304 ? 304 : 206);
    QCOMPARE(response.header("ETag"), QByteArrayView(etag));
    QCOMPARE(response.body() == nullptr, status == 304);
}

void tst_Files::knownByDate_data()
{
    QTest::addColumn<QByteArray>("field");
    QTest::addColumn<QByteArray>("etag");
    QTest::addColumn<int>("status");
    QTest::newRow("the same") << "Sun, 22 Nov 2026 17:00:00 GMT"_ba << ""_ba << 304;
    QTest::newRow("later") << "Mon, 23 Nov 2026 17:00:00 GMT"_ba << ""_ba << 304;
    QTest::newRow("before") << "Sun, 22 Nov 2026 16:59:59 GMT"_ba << ""_ba << 200;
    QTest::newRow("no date") << "yesterday"_ba << ""_ba << 200;
    QTest::newRow("another entity tag counts more") << "Sun, 22 Nov 2026 17:00:00 GMT"_ba << "\"x\""_ba << 200;
}

void tst_Files::knownByDate()
{
    QFETCH(QByteArray, field);
    QFETCH(QByteArray, etag);
    QFile file(m_test->root() + u"/dated.txt"_s);
    QVERIFY(file.open(QIODevice::WriteOnly));
    const QDateTime modified(QDate(2026, 11, 22), QTime(17, 0, 0, 500), Qt::UTC);
    QVERIFY(file.setFileTime(modified, QFileDevice::FileModificationTime));
    const Response &response = etag.isEmpty()
        ? m_test->get("dated.txt", { { "If-Modified-Since", field } })
        : m_test->get("dated.txt", { { "If-Modified-Since", field }, { "If-None-Match", etag } });
    QTEST(int(response.status()), "status");
    QCOMPARE(response.header("Last-Modified"), QByteArrayView("Sun, 22 Nov 2026 17:00:00 GMT"));
}

void tst_Files::whatCanRunIsNotShown_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("isShown");
    for (const char *const name : { "a.html", "a.HTM", "a.svg", "a.xml", "a.xhtml", "a.js", "a.unknown", "html" })
        QTest::newRow(name) << QString::fromLatin1(name) << false;
    for (const char *const name : { "a.png", "a.txt", "a.pdf", "a.html.txt" })
        QTest::newRow(name) << QString::fromLatin1(name) << true;
}

void tst_Files::whatCanRunIsNotShown()
{
    QFETCH(QString, name);
    QFETCH(bool, isShown);
    FilesFixture::write(m_test->root() + u'/' + name, "<script>");
    const StaticFiles uploads(m_test->root(), StaticFiles::Makers::Anybody);
    const Response response = uploads.respond(m_test->answers.make(Request::get("/")), name);
    QCOMPARE(response.header("Content-Disposition").startsWith(isShown ? "inline" : "attachment"), true);
    QCOMPARE(response.header("Content-Security-Policy").contains("sandbox"), !isShown);
    QCOMPARE(response.header("X-Content-Type-Options"), QByteArrayView("nosniff"));
}

void tst_Files::headOpensAndTellsTheSize()
{
    m_test->answers.handle(*m_test->pipeline,
                           Request::fromBytes("HEAD /files/ten.txt HTTP/1.1\r\nHost: x\r\nRange: bytes=0-1\r\n\r\n"));
    QCOMPARE(m_test->answers.last().status(), Status::Ok); // RFC 9110, 14.2: Range is for GET
    QCOMPARE(m_test->answers.last().body()->size(), 10);
}

void tst_Files::theETagChangesWithTheFile()
{
    const QString path = m_test->root() + u"/changing.txt"_s;
    FilesFixture::write(path, "aaa");
    const QByteArray first = m_test->get("changing.txt").header("ETag").toByteArray();
    QCOMPARE(m_test->get("changing.txt").header("ETag"), QByteArrayView(first));
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.setFileTime(QDateTime::currentDateTimeUtc().addSecs(60), QFileDevice::FileModificationTime));
    QVERIFY(m_test->get("changing.txt").header("ETag") != first);
}

void tst_Files::nothingLeavesTheFolder_data()
{
    QTest::addColumn<QByteArray>("path");
    for (const char *const path : { "nothing.txt",
                                    "",
                                    "sub",
                                    "sub/",
                                    "/ten.txt",
                                    "../secret.txt",
                                    "%2e%2e/secret.txt",
                                    "..%2Fsecret.txt",
                                    "sub%2F..%2F..%2Fsecret.txt",
                                    "%2Fetc%2Fpasswd",
                                    "..%5Csecret.txt",
                                    "../root-beside/secret.txt",
                                    "out",
                                    "absolute",
                                    "up/secret.txt",
                                    "up/root/ten.txt",
                                    "pipe",
                                    "ten.txt/",
                                    "ten.txt/x",
                                    "sub/./page.html",
                                    "sub//page.html",
                                    "sub%2F.%2Fpage.html",
                                    ".",
                                    ".." })
        QTest::newRow(*path ? path : "(empty)") << QByteArray(path);
    QTest::newRow("long name") << QByteArray(4000, 'a');
}

void tst_Files::nothingLeavesTheFolder()
{
    QFETCH(QByteArray, path);
    const Response &response = m_test->get(path);
    QCOMPARE(response.status(), Status::NotFound);
    QVERIFY(!response.content().contains(m_test->root().toUtf8()));
}

void tst_Files::linksWithinTheFolderAreFollowed()
{
    QCOMPARE(FilesFixture::contentOf(m_test->get("within")), "0123456789"_ba);
}

void tst_Files::withoutOpenat2NoLinkIsFollowed()
{
    const int root = ::open(QFile::encodeName(m_test->root()).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    QVERIFY(root >= 0);
    for (const char *const path : { "ten.txt", "sub/page.html" }) {
        const int file = detail::openByComponents(root, path);
        QVERIFY2(file >= 0, path);
        ::close(file);
    }
    for (const char *const path :
         { "out", "absolute", "up/secret.txt", "up/root/ten.txt", "within", "ten.txt/x", "none/x" })
        QVERIFY2(detail::openByComponents(root, path) < 0, path);
    ::close(root);
}

void tst_Files::aFolderMustBeThere()
{
    QVERIFY_THROWS_EXCEPTION(Error, StaticFiles(m_test->root() + u"/none"_s));
    QVERIFY_THROWS_EXCEPTION(Error, StaticFiles(m_test->root() + u"/ten.txt"_s));
}

void tst_Files::aFileThatShrinksCutsTheConnection()
{
    const QString path = m_test->root() + u"/shrinking.txt"_s;
    FilesFixture::write(path, QByteArray(100, 'x'));
    const auto body = m_test->get("shrinking.txt").body();
    QByteArray out;
    QCOMPARE(body->read(out, 10), Body::State::More);
    QVERIFY(QFile::resize(path, 20));
    QCOMPARE(body->read(out, 50), Body::State::More);
    QCOMPARE(body->read(out, 50), Body::State::Failed);
    QCOMPARE(out.size(), 20);
}

/// Where the kernel can be made to forget it; else the same from memory.
void tst_Files::whatIsNotInMemoryIsReadElsewhere()
{
    QByteArray content(1'000'003, Qt::Uninitialized);
    for (qsizetype i = 0; i < content.size(); ++i)
        content[i] = char(i * 11);
    FilesFixture::write(m_test->root() + u"/cold.bin"_s, content);
    const int cold = ::open(QFile::encodeName(m_test->root() + u"/cold.bin"_s).constData(), O_RDONLY | O_CLOEXEC);
    QCOMPARE(::fdatasync(cold), 0);
    QCOMPARE(::posix_fadvise(cold, 0, 0, POSIX_FADV_DONTNEED), 0);
    ::close(cold);
    runtime::BlockingPool pool;
    const StaticFiles files(m_test->root(), StaticFiles::Makers::Ours, &pool);
    const auto response = files.respond(m_test->answers.make(Request::get("/")), u"cold.bin"_s);
    bool isAwake = true;
    response.body()->setWaker([&isAwake] { isAwake = true; });
    QByteArray whole;
    Body::State state = Body::State::More;
    while (state == Body::State::More) {
        QTRY_VERIFY(isAwake);
        state = response.body()->read(whole, 50'000);
        if (state == Body::State::Wait) {
            isAwake = false;
            state = Body::State::More;
        }
    }
    QCOMPARE(state, Body::State::End);
    QVERIFY(whole == content);
}

QTEST_GUILESS_MAIN(tst_Files)
#include "tst_files.moc"
