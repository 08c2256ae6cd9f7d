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
    using Action = Arguments::UserRequest::Action;
    const auto added = parse({ u"user"_s, u"add"_s, u"Ada L"_s, u"--role"_s, u"operator"_s });
    QVERIFY(added);
    QCOMPARE(added->command, Arguments::Command::User);
    QCOMPARE(added->user.action, Action::Add);
    QCOMPARE(added->user.name, u"Ada L"_s);
    QVERIFY(added->user.role == protocol::Role::Operator);
    QVERIFY(parse({ u"user"_s, u"role"_s, u"ada"_s, u"admin"_s })->user.role == protocol::Role::Admin);
    QCOMPARE(parse({ u"user"_s, u"passwd"_s, u"ada"_s })->user.action, Action::Passwd);
    QCOMPARE(parse({ u"user"_s, u"remove"_s, u"ada"_s })->user.action, Action::Remove);
    QCOMPARE(parse({ u"user"_s, u"list"_s })->user.action, Action::List);
    const auto check = parse({ u"check-config"_s, u"file.toml"_s });
    QCOMPARE(check->command, Arguments::Command::CheckConfig);
    QCOMPARE(check->sources.file, u"file.toml"_s);
    QVERIFY(parse({ u"check-config"_s, u"--example"_s })->wantsExample);
    const auto backup = parse({ u"backup"_s, u"copy.db"_s });
    QCOMPARE(backup->command, Arguments::Command::Backup);
    QCOMPARE(backup->paths, QStringList{ u"copy.db"_s });
    QCOMPARE(parse({ u"restore"_s, u"copy.db"_s })->command, Arguments::Command::Restore);
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
    QTest::newRow("backup nowhere") << QStringList{ u"backup"_s } << u"backup expects a file"_s;
    QTest::newRow("restore nothing") << QStringList{ u"restore"_s } << u"restore expects a file"_s;
    QTest::newRow("setting") << QStringList{ u"--set"_s, u"limits.headers"_s } << u"KEY=VALUE"_s;
    QTest::newRow("server") << QStringList{ u"--server"_s, u"x"_s } << u"belongs to import"_s;
    QTest::newRow("user nothing") << QStringList{ u"user"_s } << u"add, passwd, role, list or remove"_s;
    QTest::newRow("user action") << QStringList{ u"user"_s, u"fly"_s } << u"add, passwd, role, list or remove"_s;
    QTest::newRow("user nobody") << QStringList{ u"user"_s, u"passwd"_s } << u"passwd expects a name"_s;
    QTest::newRow("user without a role") << QStringList{ u"user"_s, u"add"_s, u"ada"_s } << u"expects --role"_s;
    QTest::newRow("user of no role") << QStringList{ u"user"_s, u"add"_s, u"ada"_s, u"--role"_s, u"king"_s }
                                     << u"\"king\" is no role"_s;
    QTest::newRow("role without one") << QStringList{ u"user"_s, u"role"_s, u"ada"_s } << u"a name and a role"_s;
    QTest::newRow("password as an argument")
        << QStringList{ u"user"_s, u"passwd"_s, u"ada"_s, u"secret"_s } << u"one argument too many"_s;
    QTest::newRow("role elsewhere") << QStringList{ u"--role"_s, u"admin"_s } << u"belongs to user add"_s;
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
