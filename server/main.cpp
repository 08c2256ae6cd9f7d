// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/arguments.h"
#include "server/app/backupcommand.h"
#include "server/app/importcommand.h"
#include "server/app/serve.h"
#include "server/app/tokencommand.h"
#include "server/app/usercommand.h"
#include "server/app/version.h"

#include <QCoreApplication>

#include <cstdio>

using namespace godwit;
using app::Arguments;
using Command = app::Arguments::Command;

static int print(const QByteArray &text)
{
    return std::fputs(text.constData(), stdout) < 0;
}

static int complain(const QString &message, int exitCode)
{
    std::fprintf(stderr, "godwitd: %s\n", qUtf8Printable(message));
    return exitCode;
}

static int run(const Arguments &arguments)
{
    if (arguments.command == Command::Help)
        return print(app::usage().toUtf8());
    if (arguments.command == Command::Version)
        return print(QByteArray("godwitd ") + app::version + '\n');
    if (arguments.wantsExample)
        return print(config::exampleFile());
    const auto loaded = config::load(arguments.sources);
    if (!loaded)
        return complain(loaded.error().message(), 2);
    if (arguments.command == Command::CheckConfig)
        return print((loaded->file.isEmpty() ? QStringLiteral("no file, the defaults") : loaded->file).toUtf8()
                     + ": no faults\n");
    if (arguments.command == Command::Import)
        return app::import(arguments, *loaded);
    if (arguments.command == Command::User)
        return app::manageUsers(arguments.user, *loaded);
    if (arguments.command == Command::Token)
        return app::manageTokens(arguments.token, *loaded);
    if (arguments.command == Command::Backup)
        return app::backUp(arguments.paths.first(), *loaded);
    if (arguments.command == Command::Restore)
        return app::restore(arguments.paths.first(), *loaded);
    return app::serve(*loaded);
}

int main(int argc, char **argv)
{
    app::installEventDispatcher();
    const QCoreApplication application(argc, argv);
    const auto arguments = Arguments::parse(application.arguments().mid(1), QProcessEnvironment::systemEnvironment());
    try {
        return arguments ? run(*arguments) : complain(arguments.error().message(), 2);
    } catch (const std::exception &error) {
        return complain(QString::fromUtf8(error.what()), 1);
    }
}
