// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/arguments.h"

#include <QCommandLineParser>

using namespace Qt::StringLiterals;

namespace godwit::app {

namespace {

std::optional<Arguments::Command> commandFrom(const QString &word)
{
    using Command = Arguments::Command;
    if (word == "serve"_L1)
        return Command::Serve;
    if (word == "import"_L1)
        return Command::Import;
    if (word == "check-config"_L1)
        return Command::CheckConfig;
    return std::nullopt;
}

Failure wrong(const QString &what)
{
    return failure(Error::Code::InvalidArgument, what + u" (see godwitd --help)"_s);
}

/// `--set limits.headers=50`
bool addSetting(Arguments &arguments, const QString &setting)
{
    const qsizetype equals = setting.indexOf(u'=');
    if (equals < 1)
        return false;
    arguments.sources.arguments[setting.left(equals)].append(setting.mid(equals + 1));
    return true;
}

} // namespace

Result<Arguments> Arguments::parse(const QStringList &words, const QProcessEnvironment &environment)
{
    QCommandLineParser parser;
    parser.addOptions({
        { u"config"_s, {}, u"FILE"_s },
        { u"data"_s, {}, u"DIR"_s },
        { u"listen"_s, {}, u"ADDRESS"_s },
        { u"set"_s, {}, u"KEY=VALUE"_s },
        { u"server"_s, {}, u"URL"_s },
        { u"example"_s, {} },
        { u"allow-faults"_s, {} },
        { { u"v"_s, u"version"_s }, {} },
        { { u"h"_s, u"help"_s }, {} },
    });
    if (!parser.parse(QStringList{ u"godwitd"_s } + words))
        return wrong(parser.errorText());

    Arguments arguments;
    arguments.sources.environment = environment;
    if (parser.isSet(u"help"_s) || parser.isSet(u"version"_s)) {
        arguments.command = parser.isSet(u"help"_s) ? Command::Help : Command::Version;
        return arguments;
    }
    QStringList rest = parser.positionalArguments();
    if (!rest.isEmpty()) {
        const auto command = commandFrom(rest.first());
        if (!command)
            return wrong(u"\"%1\" is no command"_s.arg(rest.first()));
        arguments.command = *command;
        rest.removeFirst();
    }

    arguments.sources.file = parser.value(u"config"_s);
    arguments.sources.allowsFaults = parser.isSet(u"allow-faults"_s);
    if (parser.isSet(u"data"_s))
        arguments.sources.arguments[u"server.data"_s] = { parser.value(u"data"_s) };
    if (parser.isSet(u"listen"_s))
        arguments.sources.arguments[u"server.listen"_s] = parser.values(u"listen"_s);
    for (const QString &setting : parser.values(u"set"_s)) {
        if (!addSetting(arguments, setting))
            return wrong(u"--set expects KEY=VALUE such as limits.headers=50, not \"%1\""_s.arg(setting));
    }
    arguments.server = parser.value(u"server"_s);
    arguments.wantsExample = parser.isSet(u"example"_s);

    switch (arguments.command) {
    case Command::Import:
        if (rest.isEmpty())
            return wrong(u"import expects files or folders"_s);
        if (!arguments.server.isEmpty() && parser.isSet(u"data"_s))
            return wrong(u"import takes --server or --data, not both"_s);
        arguments.paths = std::exchange(rest, {});
        break;
    case Command::CheckConfig:
        if (!rest.isEmpty())
            arguments.sources.file = rest.takeFirst();
        break;
    case Command::Serve:
    case Command::Version:
    case Command::Help:
        break;
    }
    if (!rest.isEmpty())
        return wrong(u"\"%1\" is one argument too many"_s.arg(rest.first()));
    if (!arguments.server.isEmpty() && arguments.command != Command::Import)
        return wrong(u"--server belongs to import"_s);
    if (arguments.wantsExample && arguments.command != Command::CheckConfig)
        return wrong(u"--example belongs to check-config"_s);
    return arguments;
}

QString usage()
{
    return uR"(godwitd: HTTP, Server-Sent Events and WebSockets on one port, over an embedded database.

  godwitd [serve]                     serves until SIGTERM or SIGINT
  godwitd import PATH...              reads text, Markdown, HTML and CSV into the search
  godwitd check-config [FILE]         says what is wrong with the configuration, if anything
  godwitd --version
  godwitd --help

  --config FILE      the configuration; without: $GODWIT_CONFIG, $XDG_CONFIG_HOME/godwit/godwit.toml,
                     /etc/godwit/godwit.toml, or the defaults
  --data DIR         folder of the database
  --listen ADDRESS   HOST:PORT or unix:PATH; may stand more than once; port 0 takes a free one
  --set KEY=VALUE    any key of the configuration
  --server URL       import through a running daemon
  --allow-faults     lets [faults] make the database and others fail on purpose, for trying out
  --example          check-config prints godwit.toml.example

Exit codes: 0 done, 1 failed while running, 2 wrong usage or configuration.

Keys with their defaults; the variable of section.key is GODWIT_SECTION_KEY:

)"_s + config::keysHelp();
}

} // namespace godwit::app
