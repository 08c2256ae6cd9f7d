// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/client/localtoken.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace godwit;
using client::LocalToken;

class tst_LocalToken : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isForTheAnnouncedAddressAlone_data();
    void isForTheAnnouncedAddressAlone();
    void isReadAnew();
    void mayComeLater();
    void otherContentIsNone();
    void folderOfTheEnvironment();
};

static const QByteArray token = "gwl_"_ba + QByteArray(64, 'a');

static void write(const QString &file, const QByteArray &text)
{
    QFile out(file);
    QVERIFY(out.open(QIODevice::WriteOnly));
    out.write(text);
}

void tst_LocalToken::isForTheAnnouncedAddressAlone_data()
{
    QTest::addColumn<QString>("announced");
    QTest::addColumn<QString>("server");
    QTest::addColumn<bool>("isGiven");
    const QString usual = u"http://127.0.0.1:8420"_s;
    QTest::newRow("same") << usual << usual << true;
    QTest::newRow("same, with a slash") << usual << u"http://127.0.0.1:8420/"_s << true;
    QTest::newRow("::1") << u"http://[::1]:8420"_s << u"http://[::1]:8420"_s << true;
    QTest::newRow("default port") << u"http://127.0.0.1:80"_s << u"http://127.0.0.1"_s << true;
    QTest::newRow("any address") << u"http://0.0.0.0:8420"_s << usual << true;
    QTest::newRow("any address, as printed") << u"http://0.0.0.0:8420"_s << u"http://0.0.0.0:8420"_s << true;
    QTest::newRow("any address of both families") << u"http://[::]:8420"_s << u"http://localhost:8420"_s << true;
    QTest::newRow("other port") << usual << u"http://127.0.0.1:8421"_s << false;
    QTest::newRow("other scheme") << usual << u"https://127.0.0.1:8420"_s << false;
    QTest::newRow("localhost may be ::1, where anyone listens") << usual << u"http://localhost:8420"_s << false;
    QTest::newRow("::1 is not 0.0.0.0") << u"http://0.0.0.0:8420"_s << u"http://[::1]:8420"_s << false;
    QTest::newRow("another loopback address") << usual << u"http://127.0.0.2:8420"_s << false;
    QTest::newRow("another machine") << u"http://192.0.2.1:8420"_s << u"http://192.0.2.1:8420"_s << false;
    QTest::newRow("a name that begins alike") << usual << u"http://127.0.0.1.example.org:8420"_s << false;
    QTest::newRow("nonsense") << u"unix:/run/godwit"_s << usual << false;
}

void tst_LocalToken::isForTheAnnouncedAddressAlone()
{
    QFETCH(QString, announced);
    QFETCH(QString, server);
    QFETCH(bool, isGiven);
    QTemporaryDir folder;
    write(folder.filePath(u"godwitd.lock"_s), announced.toUtf8() + '\n');
    write(folder.filePath(u"local-token"_s), token + '\n');
    const auto found = LocalToken(QUrl(server), folder.path()).read();
    QCOMPARE(found.has_value(), isGiven);
    if (found)
        QCOMPARE(*found, token);
    else
        QCOMPARE(found.error().code(), Error::Code::NotFound);
}

void tst_LocalToken::isReadAnew()
{
    QTemporaryDir folder;
    write(folder.filePath(u"godwitd.lock"_s), "http://127.0.0.1:1\n"_ba);
    write(folder.filePath(u"local-token"_s), token);
    const LocalToken local(QUrl(u"http://127.0.0.1:1"_s), folder.path());
    QCOMPARE(local.read().value(), token);
    const QByteArray next = "gwl_"_ba + QByteArray(64, 'b');
    write(folder.filePath(u"local-token"_s), next);
    QCOMPARE(local.read().value(), next);
}

void tst_LocalToken::mayComeLater()
{
    QTemporaryDir folder;
    const LocalToken local(QUrl(u"http://127.0.0.1:1"_s), folder.path());
    QCOMPARE(local.read().error().code(), Error::Code::NotFound); // never was a daemon here
    write(folder.filePath(u"godwitd.lock"_s), {});
    write(folder.filePath(u"local-token"_s), token);
    QCOMPARE(local.read().error().code(), Error::Code::Unavailable);
    write(folder.filePath(u"godwitd.lock"_s), "http://127.0.0.1:1\n"_ba);
    QVERIFY(local.read());
}

void tst_LocalToken::otherContentIsNone()
{
    QTemporaryDir folder;
    write(folder.filePath(u"godwitd.lock"_s), "http://127.0.0.1:1\n"_ba);
    const LocalToken local(QUrl(u"http://127.0.0.1:1"_s), folder.path());
    QVERIFY(!local.read());
    const QByteArrayList others{ ""_ba, "secret"_ba, "gwl_short"_ba, "gwl_"_ba + QByteArray(64, 'Z'),
                                 token + "\r\nX-Injected: 1"_ba };
    for (const QByteArray &text : others) {
        write(folder.filePath(u"local-token"_s), text);
        QVERIFY2(!local.read(), text.constData());
    }
    QVERIFY(!LocalToken(QUrl(u"http://127.0.0.1:1"_s), {}).read());
}

void tst_LocalToken::folderOfTheEnvironment()
{
    qunsetenv("GODWIT_SERVER_DATA");
    qputenv("XDG_DATA_HOME", "/somewhere");
    QCOMPARE(client::defaultDataFolder(), u"/somewhere/godwit"_s);
    qputenv("XDG_DATA_HOME", "relative");
    QCOMPARE(client::defaultDataFolder(), QDir::homePath() + u"/.local/share/godwit"_s);
    qputenv("GODWIT_SERVER_DATA", "/elsewhere");
    QCOMPARE(client::defaultDataFolder(), u"/elsewhere"_s);
}

QTEST_GUILESS_MAIN(tst_LocalToken)
#include "tst_localtoken.moc"
