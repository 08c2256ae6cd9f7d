// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/config/keys.h"
#include "server/config/load.h"

#include <QSet>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace godwit::config;

class tst_Config : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void nothingGivesTheDefaults();
    void strongerSourcesWin();
    void everyKeyIsReadBackFromWhatItShows();
    void aFaultNamesFileLineKeyAndWhatWasExpected_data();
    void aFaultNamesFileLineKeyAndWhatWasExpected();
    void allFaultsAreNamedAtOnce();
    void aFileThatWasAskedForMustExist();
    void theFirstStandardFileIsRead();
    void aWrongVariableOrArgumentIsNamed();
    void anUnknownVariableIsAWarning();
    void theDataFolderFollowsTheService();
    void certificateAndKeyBelongTogether();
    void faultsNeedLeave();
    void aWebhookHasUrlAndSecret();
    void aCollectorIsAUrlWithHeaders();
    void networksAndHostsAreAllowed();
    void openModeTakesThisMachinesAddressesOnly();
    void theExampleFileIsUpToDateAndChangesNothing();

private:
    QString write(const QByteArray &text)
    {
        QFile file(m_folder->filePath(u"godwit.toml"_s));
        if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate) || file.write(text) != text.size())
            qFatal("cannot write the test's file");
        return file.fileName();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    Sources m_sources;
};

void tst_Config::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_sources = {};
    m_sources.environment.insert(u"XDG_CONFIG_HOME"_s, m_folder->path());
    m_sources.environment.insert(u"XDG_DATA_HOME"_s, m_folder->path());
}

void tst_Config::nothingGivesTheDefaults()
{
    const auto loaded = load(m_sources);
    QVERIFY2(loaded, loaded ? "" : qPrintable(loaded.error().message()));
    QVERIFY(loaded->file.isEmpty());
    QVERIFY(loaded->warnings.isEmpty());
    QCOMPARE(loaded->config.server.listen.first().toString(), u"127.0.0.1:8420"_s);
    QCOMPARE(loaded->config.server.drainTimeout, 30s);
    QCOMPARE(loaded->config.server.data, m_folder->path() + u"/godwit"_s);
    QCOMPARE(loaded->config.database.file, m_folder->path() + u"/godwit/godwit.db"_s);
    QCOMPARE(loaded->config.limits.connectionsPerAddress, 256);
}

void tst_Config::strongerSourcesWin()
{
    m_sources.file = write("[limits]\nidle_timeout = \"11s\"\nhead_timeout = \"11s\"\nbody_timeout = \"11s\"\n"
                           "[server]\nlisten = [\"127.0.0.1:1\", \"[::1]:1\"]\n");
    m_sources.environment.insert(u"GODWIT_LIMITS_HEAD_TIMEOUT"_s, u"22s"_s);
    m_sources.environment.insert(u"GODWIT_LIMITS_BODY_TIMEOUT"_s, u"22s"_s);
    m_sources.environment.insert(u"GODWIT_SERVER_LISTEN"_s, u"127.0.0.1:2,unix:/tmp/x"_s);
    m_sources.arguments.insert(u"limits.body_timeout"_s, { u"33s"_s });
    const auto loaded = load(m_sources);
    QVERIFY2(loaded, loaded ? "" : qPrintable(loaded.error().message()));
    QCOMPARE(loaded->config.limits.writeTimeout, 30s);
    QCOMPARE(loaded->config.limits.idleTimeout, 11s);
    QCOMPARE(loaded->config.limits.headTimeout, 22s);
    QCOMPARE(loaded->config.limits.bodyTimeout, 33s);
    QCOMPARE(loaded->config.server.listen.size(), 2);
    QCOMPARE(loaded->config.server.listen[1].unixPath, u"/tmp/x"_s);
}

void tst_Config::everyKeyIsReadBackFromWhatItShows()
{
    // Also proves that no two keys share a name or a variable, and that each help is a sentence.
    const Config defaults;
    QSet<QString> names;
    QByteArray dotted;
    for (const Key &key : keys()) {
        QVERIFY2(!names.contains(key.environmentName()), qPrintable(key.path()));
        names.insert(key.environmentName());
        QVERIFY2(key.help.endsWith(u'.'), qPrintable(key.path()));
        if (key.section != "tls"_L1) // wants files
            dotted += key.path().toUtf8() + " = " + key.show(defaults).toUtf8() + '\n';
    }
    m_sources.file = write(dotted);
    const auto loaded = load(m_sources);
    QVERIFY2(loaded, loaded ? "" : qPrintable(loaded.error().message()));
    for (const Key &key : keys()) {
        if (key.path() != "server.data"_L1)
            QCOMPARE(key.show(loaded->config), key.show(defaults));
    }
}

void tst_Config::aFaultNamesFileLineKeyAndWhatWasExpected_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("message"); // after the file's name
    QTest::newRow("wrong value")
        << QByteArray("\n[limits]\nidle_timeout = \"soon\"\n")
        << u":3: [limits] idle_timeout: expected a duration from 0s to 1d such as \"30s\", \"250ms\" or \"5m\", not \"soon\""_s;
    QTest::newRow("duration without unit")
        << QByteArray("[limits]\nidle_timeout = 30\n")
        << u":2: [limits] idle_timeout: expected a duration from 0s to 1d such as \"30s\", \"250ms\" or \"5m\", not \"30\""_s;
    QTest::newRow("out of range") << QByteArray("[runtime]\nworkers = 5000\n")
                                  << u":2: [runtime] workers: expected a whole number from 0 to 1024, not \"5000\""_s;
    QTest::newRow("size")
        << QByteArray("[limits]\nhead = \"1B\"\n")
        << u":2: [limits] head: expected a size from 1KiB to 1MiB such as \"64KiB\" or \"8MiB\", not \"1B\""_s;
    QTest::newRow("number as text") << QByteArray("[runtime]\nworkers = \"4\"\n")
                                    << u":2: [runtime] workers: expected a whole number from 0 to 1024, not \"4\""_s;
    QTest::newRow("boolean") << QByteArray("[log]\naccess = \"maybe\"\n")
                             << u":2: [log] access: expected true or false, not \"maybe\""_s;
    QTest::newRow("choice") << QByteArray("[log]\nlevel = \"loud\"\n")
                            << u":2: [log] level: expected one of debug, info, warning, error, not \"loud\""_s;
    QTest::newRow("list of other things")
        << QByteArray("[cors]\norigins = [1, 2]\n")
        << u":2: [cors] origins: expected origins such as \"https://intranet.example\", or \"*\""_s;
    QTest::newRow("misspelt key") << QByteArray("[limits]\nidel_timeout = \"1s\"\n")
                                  << u":2: [limits] idel_timeout: no such key; did you mean idle_timeout?"_s;
    QTest::newRow("misspelt section") << QByteArray("[limit]\nheaders = 9\n")
                                      << u":2: [limit] headers: no such key; did you mean limits?"_s;
    QTest::newRow("nothing like it") << QByteArray("[limits]\nxyzzyxyzzy = 9\n")
                                     << u":2: [limits] xyzzyxyzzy: no such key"_s;
    QTest::newRow("no section") << QByteArray("xyzzy = 9\n") << u":1: [] xyzzy: no such key"_s;
    QTest::newRow("network")
        << QByteArray("[server]\ntrusted_proxies = [\"10.0.0.0/99\"]\n")
        << u":2: [server] trusted_proxies: expected addresses or networks such as \"10.0.0.0/8\", or \"unix\", not \"10.0.0.0/99\""_s;
}

void tst_Config::aFaultNamesFileLineKeyAndWhatWasExpected()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, message);
    m_sources.file = write(text);
    const auto loaded = load(m_sources);
    QVERIFY(!loaded);
    QCOMPARE(loaded.error().message(), m_sources.file + message);
}

void tst_Config::allFaultsAreNamedAtOnce()
{
    m_sources.file = write("[limits]\nidle_timeout = \"x\"\nheaders = 1\n[log]\nlevle = \"info\"\n");
    const auto loaded = load(m_sources);
    QVERIFY(!loaded);
    QCOMPARE(loaded.error().message().count(u'\n'), 2);

    m_sources.file = write("[limits]\nidle_timeout = \"1s\nheaders = 9\n");
    const auto broken = load(m_sources);
    QVERIFY(!broken);
    QVERIFY2(broken.error().message().startsWith(m_sources.file + u":2: "), qPrintable(broken.error().message()));
}

void tst_Config::aFileThatWasAskedForMustExist()
{
    m_sources.file = m_folder->filePath(u"none.toml"_s);
    QVERIFY(!load(m_sources));
    m_sources.environment.insert(u"GODWIT_CONFIG"_s, std::exchange(m_sources.file, QString()));
    const auto loaded = load(m_sources);
    QVERIFY(!loaded);
    QVERIFY(loaded.error().message().contains(u"none.toml: cannot be read"_s));
}

void tst_Config::theFirstStandardFileIsRead()
{
    QVERIFY(QDir(m_folder->path()).mkpath(u"godwit"_s));
    QVERIFY(QFile::rename(write("[runtime]\nworkers = 3\n"), m_folder->filePath(u"godwit/godwit.toml"_s)));
    const auto loaded = load(m_sources);
    QVERIFY(loaded);
    QCOMPARE(loaded->file, m_folder->filePath(u"godwit/godwit.toml"_s));
    QCOMPARE(loaded->config.runtime.workers, 3);
}

void tst_Config::aWrongVariableOrArgumentIsNamed()
{
    m_sources.environment.insert(u"GODWIT_RUNTIME_WORKERS"_s, u"many"_s);
    m_sources.arguments.insert(u"log.format"_s, { u"xml"_s });
    m_sources.arguments.insert(u"log.fromat"_s, { u"json"_s });
    const auto loaded = load(m_sources);
    QVERIFY(!loaded);
    const QStringList problems = loaded.error().message().split(u'\n');
    QCOMPARE(problems[0],
             u"GODWIT_RUNTIME_WORKERS: runtime.workers: expected a whole number from 0 to 1024, not \"many\""_s);
    QCOMPARE(problems[1], u"argument: log.format: expected one of text, json, not \"xml\""_s);
    QCOMPARE(problems[2], u"argument: log.fromat: no such key; did you mean log.format?"_s);
}

void tst_Config::anUnknownVariableIsAWarning()
{
    m_sources.environment.insert(u"GODWIT_LIMITS_CONECTIONS"_s, u"5"_s);
    const auto loaded = load(m_sources);
    QVERIFY(loaded);
    QCOMPARE(
        loaded->warnings,
        QStringList{
            u"GODWIT_LIMITS_CONECTIONS: no such key of the configuration; did you mean GODWIT_LIMITS_CONNECTIONS?"_s });
}

void tst_Config::theDataFolderFollowsTheService()
{
    m_sources.environment.insert(u"STATE_DIRECTORY"_s, u"/var/lib/godwit:/var/lib/other"_s);
    QCOMPARE(load(m_sources)->config.server.data, u"/var/lib/godwit"_s);
    m_sources.arguments.insert(u"server.data"_s, { u"/elsewhere"_s });
    QCOMPARE(load(m_sources)->config.database.file, u"/elsewhere/godwit.db"_s);
}

void tst_Config::faultsNeedLeave()
{
    m_sources.arguments.insert(u"faults.database_errors"_s, { u"60"_s });
    const auto refused = load(m_sources);
    QVERIFY(!refused);
    QVERIFY2(refused.error().message().contains(u"--allow-faults"_s), qPrintable(refused.error().message()));
    m_sources.allowsFaults = true;
    const auto loaded = load(m_sources);
    QVERIFY(loaded && loaded->config.faults.database.errors == 60);
    m_sources.arguments.insert(u"faults.database_hangs"_s, { u"41"_s });
    QVERIFY(!load(m_sources));
}

void tst_Config::certificateAndKeyBelongTogether()
{
    const QString file = write("");
    m_sources.arguments.insert(u"tls.certificate"_s, { file });
    QVERIFY(load(m_sources).error().message().contains(u"both or none"_s));
    m_sources.arguments.insert(u"tls.key"_s, { file });
    QVERIFY(load(m_sources)->config.tls.isEnabled());
    m_sources.arguments.insert(u"tls.key"_s, { u"/nonexistent/key.pem"_s });
    QVERIFY(load(m_sources).error().message().contains(u"/nonexistent/key.pem: cannot be read"_s));
}

void tst_Config::aWebhookHasUrlAndSecret()
{
    m_sources.arguments.insert(u"webhooks.url"_s, { u"https://a.example/hook"_s });
    QVERIFY(load(m_sources).error().message().contains(u"[webhooks] url and secret: expected both or none"_s));
    m_sources.arguments.insert(u"webhooks.secret"_s, { u"s"_s });
    QVERIFY(load(m_sources)->config.webhooks.isEnabled());
    m_sources.arguments.insert(u"webhooks.events"_s, { u"task.failed"_s, u"task.lost"_s });
    QVERIFY(load(m_sources).error().message().contains(u"task.cancelled"_s));
    m_sources.arguments.remove(u"webhooks.events"_s);
    for (const auto &url : { u"ftp://a.example"_s, u"a.example"_s, u"https://"_s }) {
        m_sources.arguments.insert(u"webhooks.url"_s, { url });
        QVERIFY(load(m_sources).error().message().contains(u"expected an http or https URL"_s));
    }
}

void tst_Config::aCollectorIsAUrlWithHeaders()
{
    m_sources.arguments.insert(u"traces.otlp_endpoint"_s, { u"127.0.0.1:4318"_s });
    QVERIFY(load(m_sources).error().message().contains(u"[traces] otlp_endpoint: expected an http or https URL"_s));
    m_sources.arguments.insert(u"traces.otlp_endpoint"_s, { u"http://127.0.0.1:4318/v1/traces"_s });
    QVERIFY(load(m_sources)->config.traces.otlp.isEnabled());
    m_sources.environment.insert(u"GODWIT_TRACES_OTLP_HEADERS"_s, u"authorization=Bearer a=b, x-tenant=lab"_s);
    QCOMPARE(load(m_sources)->config.traces.otlp.headers.size(), 2);
    for (const auto &wrong : { u"authorization"_s, u"=x"_s, u"a b=c"_s, u"a=b\r\nc: d"_s }) {
        m_sources.arguments.insert(u"traces.otlp_headers"_s, { wrong });
        QVERIFY2(!load(m_sources), qPrintable(wrong));
    }
    m_sources.arguments.remove(u"traces.otlp_headers"_s);
    m_sources.arguments.insert(u"traces.enabled"_s, { u"false"_s });
    QVERIFY(load(m_sources).error().message().contains(u"[traces] otlp_endpoint: expected none"_s));
}

void tst_Config::networksAndHostsAreAllowed()
{
    const QStringList allowed{ u"10.0.0.0/8"_s, u"127.0.0.1"_s, u"::1"_s,
                               u"fd00::/8"_s,   u"build"_s,     u"b\u00fccher.example"_s };
    m_sources.arguments.insert(u"outbound.allow"_s, allowed);
    QCOMPARE(load(m_sources)->config.outbound.allow, allowed);
    for (const auto &wrong : { u"10.0.0.0/99"_s, u"http://a"_s, u"a b"_s, u".a"_s, u"[::1]"_s }) {
        m_sources.arguments.insert(u"outbound.allow"_s, { wrong });
        QVERIFY2(!load(m_sources), qPrintable(wrong));
    }
    m_sources.arguments.remove(u"outbound.allow"_s);
    m_sources.arguments.insert(u"outbound.ca_file"_s, { u"/nonexistent/ca.pem"_s });
    QVERIFY(load(m_sources).error().message().contains(u"/nonexistent/ca.pem cannot be read"_s));
}

void tst_Config::openModeTakesThisMachinesAddressesOnly()
{
    m_sources.arguments.insert(u"auth.mode"_s, { u"open"_s });
    for (const auto &address : { u"0.0.0.0:8420"_s, u"[::]:8420"_s, u"192.0.2.1:8420"_s }) {
        m_sources.arguments.insert(u"server.listen"_s, { address });
        const auto loaded = load(m_sources);
        QVERIFY(!loaded);
        QVERIFY2(loaded.error().message().contains(u"open_anywhere"_s), qPrintable(loaded.error().message()));
    }
    m_sources.arguments.insert(u"server.listen"_s, { u"127.0.0.1:0"_s, u"[::1]:0"_s, u"unix:/run/x"_s });
    QVERIFY(load(m_sources));
    m_sources.arguments.insert(u"server.listen"_s, { u"0.0.0.0:0"_s });
    m_sources.arguments.insert(u"auth.open_anywhere"_s, { u"true"_s });
    QVERIFY(load(m_sources));
    m_sources.arguments.remove(u"auth.open_anywhere"_s);
    m_sources.arguments.insert(u"auth.mode"_s, { u"token"_s });
    QVERIFY(load(m_sources));
}

void tst_Config::theExampleFileIsUpToDateAndChangesNothing()
{
    QFile example(QStringLiteral(GODWIT_EXAMPLE_FILE));
    QVERIFY(example.open(QIODevice::ReadOnly));
    const QByteArray text = example.readAll();
    QVERIFY2(text == exampleFile(), "resources/godwit.toml.example: write it anew with godwitd check-config --example");

    // With every key switched on it must load, but for the two files of TLS.
    QByteArray active;
    for (const QByteArray &line : text.split('\n')) {
        if (!line.startsWith("#certificate") && !line.startsWith("#key"))
            active += (line.startsWith('#') && !line.startsWith("# ") ? line.mid(1) : line) + '\n';
    }
    m_sources.file = write(active);
    const auto loaded = load(m_sources);
    QVERIFY2(loaded, loaded ? "" : qPrintable(loaded.error().message()));
    for (const Key &key : keys()) {
        QVERIFY2(keysHelp().contains(key.path()), qPrintable(key.path()));
        if (key.path() != "server.data"_L1)
            QCOMPARE(key.show(loaded->config), key.show(Config()));
    }
}

QTEST_APPLESS_MAIN(tst_Config)
#include "tst_config.moc"
