// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/http/filesfixture.h"

#include <QDateTime>
#include <QTest>

#include <optional>

using namespace Qt::StringLiterals;
using namespace godwit;
using namespace godwit::http;

class tst_Ranges : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void ranges_data();
    void ranges();
    void severalRanges();
    void noMoreThanTheFileHasAndNoMoreThan64Parts();
    void ifRange_data();
    void ifRange();
    void ifRangeByDate();

private:
    std::optional<FilesFixture> m_test;
};

void tst_Ranges::init()
{
    m_test.emplace();
}

void tst_Ranges::ranges_data()
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

void tst_Ranges::ranges()
{
    QFETCH(QByteArray, range);
    QFETCH(int, status);
    QFETCH(QByteArray, contentRange);
    QFETCH(QByteArray, content);
    const Response &response = m_test->get("ten.txt", { { "Range", range } });
    QCOMPARE(int(response.status()), status);
    QCOMPARE(response.header("Content-Range"), QByteArrayView(contentRange));
    if (status == 416) {
        QCOMPARE(response.contentType(), QByteArrayView("application/problem+json"));
        return;
    }
    QCOMPARE(response.body()->size(), content.size());
    QCOMPARE(FilesFixture::contentOf(response), content);
}

void tst_Ranges::severalRanges()
{
    const Response &response = m_test->get("ten.txt", { { "Range", "bytes=8-9, 0-0,-3" } });
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
    QCOMPARE(test::TestAnswerer::readAll(*response.body(), 3), expected);
    QVERIFY(response.header("Content-Range").isNull());
}

void tst_Ranges::noMoreThanTheFileHasAndNoMoreThan64Parts()
{
    FilesFixture::write(m_test->root() + u"/hundred.txt"_s, QByteArray(100, 'x'));
    const auto status = [this](const QByteArray &ranges) {
        return int(m_test->get("hundred.txt", { { "Range", "bytes=" + ranges } }).status());
    };
    QCOMPARE(status(QByteArray("0-0,").repeated(64)), 206);
    QCOMPARE(status(QByteArray("0-0,").repeated(65)), 200);
    QCOMPARE(status("0-49,0-49"), 206);
    QCOMPARE(status("0-49,0-50"), 200);
}

void tst_Ranges::ifRange_data()
{
    QTest::addColumn<QByteArray>("condition"); // E: the file's own entity tag
    QTest::addColumn<int>("status");
    QTest::newRow("the same") << "E"_ba << 206;
    QTest::newRow("another") << "\"x\""_ba << 200;
    QTest::newRow("weak") << "W/E"_ba << 200;
    QTest::newRow("date") << "Sun, 22 Nov 2026 17:00:00 GMT"_ba << 200;
}

void tst_Ranges::ifRange()
{
    QFETCH(QByteArray, condition);
    QFETCH(int, status);
    const QByteArray etag = m_test->get("ten.txt").header("ETag").toByteArray();
    condition.replace("E", etag);
    QCOMPARE(int(m_test->get("ten.txt", { { "Range", "bytes=0-1" }, { "If-Range", condition } }).status()), status);
}

/// As long as the file may be written once more within its second, its date says nothing.
void tst_Ranges::ifRangeByDate()
{
    const auto statusFor = [this](const QByteArray &condition) {
        return int(m_test->get("ten.txt", { { "Range", "bytes=0-1" }, { "If-Range", condition } }).status());
    };
    const auto changedAt = [this](const QDateTime &time) {
        QFile file(m_test->root() + u"/ten.txt"_s);
        return file.open(QIODevice::ReadWrite) && file.setFileTime(time, QFileDevice::FileModificationTime);
    };
    QVERIFY(changedAt(QDateTime::currentDateTimeUtc().addSecs(-60)));
    const QByteArray date = m_test->get("ten.txt").header("Last-Modified").toByteArray();
    QCOMPARE(statusFor(date), 206);
    QCOMPARE(statusFor("Sun, 22 Nov 2026 17:00:00 GMT"), 200); // another, earlier or later
    QCOMPARE(statusFor("Sun, 22 Nov 2099 17:00:00 GMT"), 200);
    QCOMPARE(statusFor("yesterday"), 200);
    QVERIFY(changedAt(QDateTime::currentDateTimeUtc()));
    QCOMPARE(statusFor(m_test->get("ten.txt").header("Last-Modified").toByteArray()), 200);
}

QTEST_GUILESS_MAIN(tst_Ranges)
#include "tst_ranges.moc"
