// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/jwt.h"
#include "server/auth/keyring.h"
#include "shared/core/error.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace godwit;
using namespace godwit::auth;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

static constexpr auto lifetime = std::chrono::hours(30 * 24);

class tst_Keyring : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void keepsItsKeys();
    void isReadByItsOwnerOnly();
    void rotatesWhenDue();
    void olderKeysStillVerify();
    void forgetsWhatNoTokenNeeds();
    void signsOnlyWithWhatIsKept();
    void namesADamagedFile_data();
    void namesADamagedFile();

private:
    Keyring::Options inFile() const { return { .file = m_folder.filePath(u"keys"_s), .lifetime = lifetime }; }
    Claims claims() const
    {
        const auto now = std::chrono::floor<std::chrono::seconds>(m_clock.timestamp());
        return { .userId = 7,
                 .role = protocol::Role::Member,
                 .session = "s",
                 .generation = 1,
                 .issuedAt = now,
                 .expiresAt = now + Keyring::longestToken };
    }

    ManualClock m_clock;
    QTemporaryDir m_folder;
};

void tst_Keyring::keepsItsKeys()
{
    const Keyring first(inFile(), m_clock);
    const Keyring second(inFile(), m_clock);
    QCOMPARE(second.newest().id, first.newest().id);
    QCOMPARE(second.newest().secret, first.newest().secret);
    QCOMPARE(second.newest().createdAt, first.newest().createdAt);
    QCOMPARE(second.refreshKey(), first.refreshKey());
    QCOMPARE(first.newest().secret.size(), 32);
}

void tst_Keyring::isReadByItsOwnerOnly()
{
    const Keyring keys(inFile(), m_clock);
    const auto others = QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther;
    QVERIFY(!(QFile::permissions(inFile().file) & others));
}

void tst_Keyring::rotatesWhenDue()
{
    Keyring keys({ .file = {}, .lifetime = lifetime }, m_clock);
    const QByteArray first = keys.newest().id;
    m_clock.advance(lifetime - 1ms);
    keys.rotateIfDue();
    QCOMPARE(keys.newest().id, first);
    m_clock.advance(1ms);
    keys.rotateIfDue();
    QVERIFY(keys.newest().id != first);
    QCOMPARE(keys.size(), 2);
    QVERIFY(keys.find(first));
}

void tst_Keyring::olderKeysStillVerify()
{
    Keyring keys({ .file = {}, .lifetime = lifetime }, m_clock);
    const QByteArray token = jwt::sign(claims(), keys.newest());
    keys.rotate();
    keys.rotate();
    QVERIFY(jwt::verify(token, keys, m_clock.timestamp()));
    m_clock.advance(Keyring::longestToken - 1s); // to the token's last second
    keys.rotateIfDue();
    QVERIFY(jwt::verify(token, keys, m_clock.timestamp()));
}

void tst_Keyring::forgetsWhatNoTokenNeeds()
{
    Keyring keys({ .file = inFile().file, .lifetime = std::chrono::hours(400 * 24) }, m_clock);
    const QByteArray old = keys.newest().id;
    keys.rotate();
    m_clock.advance(Keyring::longestToken);
    keys.rotateIfDue();
    QVERIFY(keys.find(old)); // its last token expires at this moment

    m_clock.advance(1ms);
    const QByteArray newest = keys.newest().id;
    keys.rotateIfDue(); // not due: but the old one has nothing left to verify
    QCOMPARE(keys.newest().id, newest);
    QVERIFY(!keys.find(old));
    QVERIFY(!Keyring(inFile(), m_clock).find(old)); // nor in the file
}

void tst_Keyring::signsOnlyWithWhatIsKept()
{
    const QString folder = m_folder.filePath(u"gone"_s);
    QVERIFY(QDir().mkpath(folder));
    Keyring keys({ .file = folder + u"/keys"_s, .lifetime = lifetime }, m_clock);
    const QByteArray kept = keys.newest().id;
    QVERIFY(QDir(folder).removeRecursively()); // so that nothing can be written, not even by root

    QVERIFY_THROWS_EXCEPTION(Error, keys.rotate());
    QCOMPARE(keys.newest().id, kept); // after a restart the file's key has to verify what was signed
    QCOMPARE(keys.size(), 1);

    m_clock.advance(lifetime);
    QVERIFY_THROWS_EXCEPTION(Error, keys.rotateIfDue());
    QCOMPARE(keys.newest().id, kept);

    QVERIFY(QDir().mkpath(folder));
    keys.rotateIfDue();
    QVERIFY(keys.newest().id != kept);
}

void tst_Keyring::namesADamagedFile_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("no JSON") << QByteArray("kid=1");
    QTest::newRow("no keys") << QByteArray(R"({"refresh_key": "x", "keys": []})");
    QTest::newRow("short secret") << QByteArray(
        R"({"refresh_key": "AAAA", "keys": [{"kid": "a", "secret": "AAAA", "created_at": "2026-01-01T00:00:00Z"}]})");
}

void tst_Keyring::namesADamagedFile()
{
    QFETCH(const QByteArray, content);
    QFile file(m_folder.filePath(u"damaged"_s));
    QVERIFY(file.open(QFile::WriteOnly));
    file.write(content);
    file.close();
    try {
        const Keyring keys({ .file = file.fileName(), .lifetime = lifetime }, m_clock);
        QFAIL("no error");
    } catch (const Error &error) {
        QVERIFY2(error.internalMessage().contains(file.fileName()), qPrintable(error.internalMessage()));
    }
}

QTEST_GUILESS_MAIN(tst_Keyring)
#include "tst_keyring.moc"
