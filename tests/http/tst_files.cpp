// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/bind.h"
#include "server/http/pipeline.h"
#include "server/http/staticfiles.h"
#include "server/runtime/blockingpool.h"
#include "tests/support/testanswerer.h"

#include <QDir>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit;
using namespace godwit::http;
using godwit::test::TestAnswerer;

namespace {

Response serve(StaticFiles &files, Exchange &exchange, Path<QString> path)
{
    return files.respond(exchange, *path);
}

} // namespace

class tst_Files : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void wholeFile();
    void largeFileInPieces();
    void ranges_data();
    void ranges();
    void severalRanges();
    void noMoreThanTheFileHasAndNoMoreThan64Parts();
    void ifRange_data();
    void ifRange();
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
    void write(const QString &path, const QByteArray &content)
    {
        QVERIFY(QDir().mkpath(QFileInfo(path).path()));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
    }
    const Response &get(const QByteArray &path, std::initializer_list<Header> headers = {})
    {
        m_answers->handle(*m_pipeline, Request::get(QByteArray("/files/"_ba + path), headers));
        return m_answers->last();
    }
    static QByteArray contentOf(const Response &response) { return TestAnswerer::readAll(*response.body()); }

    QTemporaryDir m_directory;
    QString m_root;
    std::unique_ptr<StaticFiles> m_files;
    Router m_router;
    std::unique_ptr<Pipeline> m_pipeline;
    std::unique_ptr<TestAnswerer> m_answers;
};

void tst_Files::initTestCase()
{
    m_root = m_directory.filePath(u"root"_s);
    write(m_root + u"/ten.txt"_s, "0123456789");
    write(m_root + u"/empty.bin"_s, "");
    write(m_root + u"/sub/page.html"_s, "<p>");
    write(m_root + u"/ä b.txt"_s, "umlaut");
    write(m_directory.filePath(u"secret.txt"_s), "secret");
    write(m_directory.filePath(u"root-beside/secret.txt"_s), "secret");
    QVERIFY(QFile::link(u"../secret.txt"_s, m_root + u"/out"_s));
    QVERIFY(QFile::link(m_directory.filePath(u"secret.txt"_s), m_root + u"/absolute"_s));
    QVERIFY(QFile::link(u".."_s, m_root + u"/up"_s));
    QVERIFY(QFile::link(u"ten.txt"_s, m_root + u"/within"_s));
    QCOMPARE(::mkfifo(QFile::encodeName(m_root + u"/pipe"_s).constData(), 0600), 0);
    m_files = std::make_unique<StaticFiles>(m_root);
    m_router.get("/files/{path...}", bind(serve, *m_files));
    m_pipeline = std::make_unique<Pipeline>(m_router, std::vector<std::unique_ptr<Middleware>>());
}

void tst_Files::init()
{
    m_answers = std::make_unique<TestAnswerer>();
}

void tst_Files::wholeFile()
{
    const Response &response = get("ten.txt");
    QCOMPARE(response.status(), Status::Ok);
    QCOMPARE(response.body()->size(), 10);
    QCOMPARE(contentOf(response), "0123456789"_ba);
    QCOMPARE(response.contentType(), QByteArrayView("text/plain; charset=utf-8"));
    QCOMPARE(response.header("Accept-Ranges"), QByteArrayView("bytes"));
    QCOMPARE(response.header("Content-Disposition"), QByteArrayView("inline; filename=\"ten.txt\""));
    QCOMPARE(response.header("X-Content-Type-Options"), QByteArrayView("nosniff"));
    QCOMPARE(contentOf(get("%C3%A4%20b.txt")), "umlaut"_ba);
    QCOMPARE(get("sub/page.html").contentType(), QByteArrayView("text/html; charset=utf-8"));
    const Response &empty = get("empty.bin");
    QCOMPARE(empty.contentType(), QByteArrayView("application/octet-stream"));
    QCOMPARE(empty.body()->size(), 0);
    QCOMPARE(contentOf(empty), ""_ba);
}

void tst_Files::largeFileInPieces()
{
    QByteArray content(1'000'003, Qt::Uninitialized);
    for (qsizetype i = 0; i < content.size(); ++i)
        content[i] = char(i * 7);
    write(m_root + u"/large.bin"_s, content);
    const auto body = get("large.bin").body();
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

void tst_Files::ranges_data()
{
    QTest::addColumn<QByteArray>("range");
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("contentRange");
    QTest::addColumn<QByteArray>("content");
    const auto row
        = [](const QByteArray &range, int status, const QByteArray &contentRange, const QByteArray &content) {
              QTest::newRow(range.constData()) << range << status << contentRange << content;
          };
    row("bytes=0-0", 206, "bytes 0-0/10", "0");
    row("bytes=2-5", 206, "bytes 2-5/10", "2345");
    row("bytes=7-", 206, "bytes 7-9/10", "789");
    row("bytes=-3", 206, "bytes 7-9/10", "789");
    row("bytes=-30", 206, "bytes 0-9/10", "0123456789");
    row("bytes=5-99999999999999999999999", 206, "bytes 5-9/10", "56789");
    row("BYTES=9-9", 206, "bytes 9-9/10", "9");
    row("bytes=10-", 416, "bytes */10", "");
    row("bytes=99999999999999999999-", 416, "bytes */10", "");
    row("bytes=-0", 416, "bytes */10", "");
    // Ignored.
    for (const char *const field :
         { "bytes=", "bytes=-", "bytes=5-2", "bytes=a-b", "bytes=+1-2", "bytes=1--2", "items=0-1", "bytes 0-1",
           "bytes=0-1,b", "bytes=,", "bytes=0-7,2-9", "bytes=0-,0-,0-" })
        row(field, 200, "", "0123456789");
    row("bytes=" + QByteArray("0-0,").repeated(5000), 200, "", "0123456789");
    // One of several that has bytes.
    row("bytes=20-30, 4-5 ,-0", 206, "bytes 4-5/10", "45");
    row("bytes=20-30,40-", 416, "bytes */10", "");
}

void tst_Files::ranges()
{
    QFETCH(QByteArray, range);
    QFETCH(int, status);
    QFETCH(QByteArray, contentRange);
    QFETCH(QByteArray, content);
    const Response &response = get("ten.txt", { { "Range", range } });
    QCOMPARE(int(response.status()), status);
    QCOMPARE(response.header("Content-Range"), QByteArrayView(contentRange));
    if (status == 416) {
        QCOMPARE(response.contentType(), QByteArrayView("application/problem+json"));
        return;
    }
    QCOMPARE(response.body()->size(), content.size());
    QCOMPARE(contentOf(response), content);
}

void tst_Files::severalRanges()
{
    const Response &response = get("ten.txt", { { "Range", "bytes=8-9, 0-0,-3" } });
    QCOMPARE(response.status(), Status::PartialContent);
    const QByteArray type = response.contentType().toByteArray();
    const QByteArray prefix = "multipart/byteranges; boundary=";
    QVERIFY2(type.startsWith(prefix), type.constData());
    const QByteArray boundary = type.sliced(prefix.size());
    const auto part = [&boundary](const QByteArray &range, const QByteArray &content) -> QByteArray {
        return "--" + boundary + "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes " + range
            + "/10\r\n\r\n" + content + "\r\n";
    };
    const QByteArray expected = part("8-9", "89") + part("0-0", "0") + part("7-9", "789") + "--" + boundary + "--\r\n";
    QCOMPARE(response.body()->size(), expected.size());
    QCOMPARE(TestAnswerer::readAll(*response.body(), 3), expected);
    QVERIFY(response.header("Content-Range").isNull());
}

void tst_Files::noMoreThanTheFileHasAndNoMoreThan64Parts()
{
    write(m_root + u"/hundred.txt"_s, QByteArray(100, 'x'));
    const auto status = [this](const QByteArray &ranges) {
        return int(get("hundred.txt", { { "Range", "bytes=" + ranges } }).status());
    };
    QCOMPARE(status(QByteArray("0-0,").repeated(64)), 206);
    QCOMPARE(status(QByteArray("0-0,").repeated(65)), 200);
    QCOMPARE(status("0-49,0-49"), 206);
    QCOMPARE(status("0-49,0-50"), 200);
}

void tst_Files::ifRange_data()
{
    QTest::addColumn<QByteArray>("condition"); // E: the file's own entity tag
    QTest::addColumn<int>("status");
    QTest::newRow("the same") << "E"_ba << 206;
    QTest::newRow("another") << "\"x\""_ba << 200;
    QTest::newRow("weak") << "W/E"_ba << 200;
    QTest::newRow("date") << "Sun, 22 Nov 2026 17:00:00 GMT"_ba << 200;
}

void tst_Files::ifRange()
{
    QFETCH(QByteArray, condition);
    QFETCH(int, status);
    const QByteArray etag = get("ten.txt").header("ETag").toByteArray();
    condition.replace("E", etag);
    QCOMPARE(int(get("ten.txt", { { "Range", "bytes=0-1" }, { "If-Range", condition } }).status()), status);
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
    const QByteArray etag = get("ten.txt").header("ETag").toByteArray();
    known.replace("E", etag);
    const Response &response = get("ten.txt", { { "If-None-Match", known }, { "Range", "bytes=0-1" } });
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
    QFile file(m_root + u"/dated.txt"_s);
    QVERIFY(file.open(QIODevice::WriteOnly));
    const QDateTime modified(QDate(2026, 11, 22), QTime(17, 0, 0, 500), Qt::UTC);
    QVERIFY(file.setFileTime(modified, QFileDevice::FileModificationTime));
    const Response &response = etag.isEmpty()
        ? get("dated.txt", { { "If-Modified-Since", field } })
        : get("dated.txt", { { "If-Modified-Since", field }, { "If-None-Match", etag } });
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
    write(m_root + u'/' + name, "<script>");
    const StaticFiles uploads(m_root, StaticFiles::Makers::Anybody);
    const Response response = uploads.respond(m_answers->make(Request::get("/")), name);
    QCOMPARE(response.header("Content-Disposition").startsWith(isShown ? "inline" : "attachment"), true);
    QCOMPARE(response.header("Content-Security-Policy").contains("sandbox"), !isShown);
    QCOMPARE(response.header("X-Content-Type-Options"), QByteArrayView("nosniff"));
}

void tst_Files::headOpensAndTellsTheSize()
{
    m_answers->handle(*m_pipeline,
                      Request::fromBytes("HEAD /files/ten.txt HTTP/1.1\r\nHost: x\r\nRange: bytes=0-1\r\n\r\n"));
    QCOMPARE(m_answers->last().status(), Status::Ok); // RFC 9110, 14.2: Range is for GET
    QCOMPARE(m_answers->last().body()->size(), 10);
}

void tst_Files::theETagChangesWithTheFile()
{
    const QString path = m_root + u"/changing.txt"_s;
    write(path, "aaa");
    const QByteArray first = get("changing.txt").header("ETag").toByteArray();
    QCOMPARE(get("changing.txt").header("ETag"), QByteArrayView(first));
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.setFileTime(QDateTime::currentDateTimeUtc().addSecs(60), QFileDevice::FileModificationTime));
    QVERIFY(get("changing.txt").header("ETag") != first);
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
    const Response &response = get(path);
    QCOMPARE(response.status(), Status::NotFound);
    QVERIFY(!response.content().contains(m_root.toUtf8()));
}

void tst_Files::linksWithinTheFolderAreFollowed()
{
    QCOMPARE(contentOf(get("within")), "0123456789"_ba);
}

void tst_Files::withoutOpenat2NoLinkIsFollowed()
{
    const int root = ::open(QFile::encodeName(m_root).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
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
    QVERIFY_THROWS_EXCEPTION(Error, StaticFiles(m_root + u"/none"_s));
    QVERIFY_THROWS_EXCEPTION(Error, StaticFiles(m_root + u"/ten.txt"_s));
}

void tst_Files::aFileThatShrinksCutsTheConnection()
{
    const QString path = m_root + u"/shrinking.txt"_s;
    write(path, QByteArray(100, 'x'));
    const auto body = get("shrinking.txt").body();
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
    write(m_root + u"/cold.bin"_s, content);
    const int cold = ::open(QFile::encodeName(m_root + u"/cold.bin"_s).constData(), O_RDONLY | O_CLOEXEC);
    QCOMPARE(::fdatasync(cold), 0);
    QCOMPARE(::posix_fadvise(cold, 0, 0, POSIX_FADV_DONTNEED), 0);
    ::close(cold);
    runtime::BlockingPool pool;
    const StaticFiles files(m_root, StaticFiles::Makers::Ours, &pool);
    const auto response = files.respond(m_answers->make(Request::get("/")), u"cold.bin"_s);
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
