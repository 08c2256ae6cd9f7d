// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/arguments.h"
#include "server/app/datafolder.h"

#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace godwit;
using namespace godwit::app;

class tst_Arguments : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void nothingServes();
    void optionsBecomeKeys();
    void commandsTakeWhatIsTheirs();
    void wrongUsageIsSaid_data();
    void wrongUsageIsSaid();
    void aFolderIsForOneProcess();
    void aFolderThatCannotBeMadeIsSaid();

private:
    static Result<Arguments> parse(const QStringList &words) { return Arguments::parse(words, {}); }
};

void tst_Arguments::nothingServes()
{
    QCOMPARE(parse({})->command, Arguments::Command::Serve);
    QCOMPARE(parse({ u"serve"_s })->command, Arguments::Command::Serve);
    QVERIFY(!parse({})->sources.allowsFaults);
    QVERIFY(parse({ u"--allow-faults"_s })->sources.allowsFaults);
}

void tst_Arguments::optionsBecomeKeys()
{
    const auto arguments = parse({ u"serve"_s, u"--listen"_s, u"127.0.0.1:1"_s, u"--listen=unix:/x"_s, u"--data"_s,
                                   u"/d"_s, u"--config"_s, u"/c"_s, u"--set"_s, u"limits.headers=50"_s, u"--set"_s,
                                   u"cors.origins=https://a"_s, u"--set"_s, u"cors.origins=https://b?x=y"_s });
    QVERIFY(arguments);
    QCOMPARE(arguments->sources.file, u"/c"_s);
    const QMap<QString, QStringList> expected{
        { u"server.listen"_s, { u"127.0.0.1:1"_s, u"unix:/x"_s } },
        { u"server.data"_s, { u"/d"_s } },
        { u"limits.headers"_s, { u"50"_s } },
        { u"cors.origins"_s, { u"https://a"_s, u"https://b?x=y"_s } },
    };
    QCOMPARE(arguments->sources.arguments, expected);
}

void tst_Arguments::commandsTakeWhatIsTheirs()
{
    const auto import = parse({ u"import"_s, u"a"_s, u"b"_s, u"--server"_s, u"http://127.0.0.1:1"_s });
    QCOMPARE(import->command, Arguments::Command::Import);
    QCOMPARE(import->paths, (QStringList{ u"a"_s, u"b"_s }));
    QCOMPARE(import->server, u"http://127.0.0.1:1"_s);
    const auto check = parse({ u"check-config"_s, u"file.toml"_s });
    QCOMPARE(check->command, Arguments::Command::CheckConfig);
    QCOMPARE(check->sources.file, u"file.toml"_s);
    QVERIFY(parse({ u"check-config"_s, u"--example"_s })->wantsExample);
    QCOMPARE(parse({ u"--version"_s })->command, Arguments::Command::Version);
    QCOMPARE(parse({ u"import"_s, u"-h"_s })->command, Arguments::Command::Help);
    QVERIFY(usage().contains(u"limits.idle_timeout"_s));
}

void tst_Arguments::wrongUsageIsSaid_data()
{
    QTest::addColumn<QStringList>("words");
    QTest::addColumn<QString>("said");
    QTest::newRow("command") << QStringList{ u"fly"_s } << u"\"fly\" is no command"_s;
    QTest::newRow("option") << QStringList{ u"--fly"_s } << u"fly"_s;
    QTest::newRow("no value") << QStringList{ u"--data"_s } << u"data"_s;
    QTest::newRow("import nothing") << QStringList{ u"import"_s } << u"expects files or folders"_s;
    QTest::newRow("import to two places")
        << QStringList{ u"import"_s, u"a"_s, u"--server"_s, u"x"_s, u"--data"_s, u"y"_s } << u"not both"_s;
    QTest::newRow("one too many") << QStringList{ u"serve"_s, u"x"_s } << u"one argument too many"_s;
    QTest::newRow("two files") << QStringList{ u"check-config"_s, u"x"_s, u"y"_s } << u"one argument too many"_s;
    QTest::newRow("setting") << QStringList{ u"--set"_s, u"limits.headers"_s } << u"KEY=VALUE"_s;
    QTest::newRow("server") << QStringList{ u"--server"_s, u"x"_s } << u"belongs to import"_s;
    QTest::newRow("example") << QStringList{ u"--example"_s } << u"belongs to check-config"_s;
}

void tst_Arguments::wrongUsageIsSaid()
{
    QFETCH(QStringList, words);
    QFETCH(QString, said);
    const auto arguments = parse(words);
    QVERIFY(!arguments);
    QVERIFY2(arguments.error().message().contains(said), qPrintable(arguments.error().message()));
}

void tst_Arguments::aFolderIsForOneProcess()
{
    const QTemporaryDir home;
    const QString path = home.filePath(u"a/b"_s);
    {
        auto folder = DataFolder::open(path);
        QVERIFY(folder);
        folder->announce(u"http://127.0.0.1:1"_s);
        QCOMPARE(DataFolder::announcedUrl(path), u"http://127.0.0.1:1"_s);
        const auto second = DataFolder::open(path);
        QVERIFY(!second);
        QCOMPARE(second.error().code(), Error::Code::Conflict);
        QVERIFY(second.error().message().contains(u"http://127.0.0.1:1"_s));
    }
    QVERIFY(DataFolder::announcedUrl(path).isEmpty());
    QVERIFY(DataFolder::open(path));
}

void tst_Arguments::aFolderThatCannotBeMadeIsSaid()
{
    const QTemporaryDir home;
    QFile file(home.filePath(u"file"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    const auto folder = DataFolder::open(home.filePath(u"file/folder"_s));
    QVERIFY(!folder);
    QVERIFY(folder.error().message().contains(u"cannot be made"_s));
}

QTEST_GUILESS_MAIN(tst_Arguments)
#include "tst_arguments.moc"
