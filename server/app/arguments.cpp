// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/arguments.h"

#include "server/config/units.h"

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
    if (word == "user"_L1)
        return Command::User;
    if (word == "token"_L1)
        return Command::Token;
    if (word == "backup"_L1)
        return Command::Backup;
    if (word == "restore"_L1)
        return Command::Restore;
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

std::optional<Arguments::UserRequest::Action> userActionFrom(const QString &word)
{
    using Action = Arguments::UserRequest::Action;
    if (word == "add"_L1)
        return Action::Add;
    if (word == "passwd"_L1)
        return Action::Passwd;
    if (word == "role"_L1)
        return Action::Role;
    if (word == "list"_L1)
        return Action::List;
    if (word == "remove"_L1)
        return Action::Remove;
    return std::nullopt;
}

Result<protocol::Role> roleOf(const QString &word)
{
    const auto role = protocol::roleFrom(word);
    if (!role)
        return wrong(u"\"%1\" is no role: viewer, member, operator or admin"_s.arg(word));
    return *role;
}

/// Takes what it understands from @p rest, the words behind `user`. @p role is that of --role, if it was given.
Result<Arguments::UserRequest> userRequestFrom(QStringList &rest, std::optional<QString> role)
{
    using Action = Arguments::UserRequest::Action;
    const QString word = rest.isEmpty() ? QString() : rest.takeFirst();
    const auto action = userActionFrom(word);
    if (!action)
        return wrong(u"user expects add, passwd, role, list or remove"_s);
    Arguments::UserRequest request{ .action = *action };
    if (request.action == Action::List)
        return request;
    if (rest.isEmpty() || rest.first().isEmpty())
        return wrong(u"user %1 expects a name"_s.arg(word));
    request.name = rest.takeFirst();
    if (request.action != Action::Add && request.action != Action::Role)
        return request;
    if (request.action == Action::Role && !rest.isEmpty())
        role = rest.takeFirst();
    if (!role)
        return wrong(request.action == Action::Add ? u"user add expects --role ROLE"_s
                                                   : u"user role expects a name and a role"_s);
    const auto known = roleOf(*role);
    if (!known)
        return Failure(known.error());
    request.role = *known;
    return request;
}

/// A whole number of seconds, as the API takes them.
Result<std::chrono::seconds> lifetimeOf(const QString &text)
{
    constexpr auto longest = std::chrono::hours(365 * 24);
    const auto span = config::durationFrom(text);
    if (!span || *span < std::chrono::seconds(1) || *span > longest)
        return wrong(u"--lifetime expects a duration from 1s to 365d such as 90d, not \"%1\""_s.arg(text));
    return std::chrono::floor<std::chrono::seconds>(*span);
}

/// Takes what it understands from @p rest, the words behind `token`, and from the options.
Result<Arguments::TokenRequest> tokenRequestFrom(QStringList &rest, const QCommandLineParser &options)
{
    using Action = Arguments::TokenRequest::Action;
    const QString word = rest.isEmpty() ? QString() : rest.takeFirst();
    if (word == "list"_L1)
        return Arguments::TokenRequest{ .action = Action::List };
    if (word != "create"_L1 && word != "revoke"_L1)
        return wrong(u"token expects create, list or revoke"_s);
    Arguments::TokenRequest request{ .action = word == "create"_L1 ? Action::Create : Action::Revoke };
    if (rest.isEmpty() || rest.first().isEmpty())
        return wrong(request.action == Action::Create ? u"token create expects the name of a user"_s
                                                      : u"token revoke expects the id of a token"_s);
    request.name = rest.takeFirst();
    if (request.action == Action::Revoke)
        return request;
    request.label = options.value(u"label"_s);
    if (options.isSet(u"role"_s)) {
        const auto role = roleOf(options.value(u"role"_s));
        if (!role)
            return Failure(role.error());
        request.role = *role;
    }
    if (options.isSet(u"lifetime"_s)) {
        const auto lifetime = lifetimeOf(options.value(u"lifetime"_s));
        if (!lifetime)
            return Failure(lifetime.error());
        request.lifetime = *lifetime;
    }
    return request;
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
        { u"role"_s, {}, u"ROLE"_s },
        { u"label"_s, {}, u"TEXT"_s },
        { u"lifetime"_s, {}, u"DURATION"_s },
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
    case Command::User: {
        const auto role = parser.isSet(u"role"_s) ? std::optional(parser.value(u"role"_s)) : std::nullopt;
        const auto request = userRequestFrom(rest, role);
        if (!request)
            return Failure(request.error());
        arguments.user = *request;
        break;
    }
    case Command::Token: {
        const auto request = tokenRequestFrom(rest, parser);
        if (!request)
            return Failure(request.error());
        arguments.token = *request;
        break;
    }
    case Command::Backup:
    case Command::Restore:
        if (rest.isEmpty() || rest.first().isEmpty())
            return wrong(u"%1 expects a file"_s.arg(parser.positionalArguments().constFirst()));
        arguments.paths = { rest.takeFirst() };
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
    const bool adds = arguments.command == Command::User && arguments.user.action == UserRequest::Action::Add;
    const bool creates = arguments.command == Command::Token && arguments.token.action == TokenRequest::Action::Create;
    if (parser.isSet(u"role"_s) && !adds && !creates)
        return wrong(u"--role belongs to user add and token create"_s);
    if ((parser.isSet(u"label"_s) || parser.isSet(u"lifetime"_s)) && !creates)
        return wrong(u"--label and --lifetime belong to token create"_s);
    if (arguments.wantsExample && arguments.command != Command::CheckConfig)
        return wrong(u"--example belongs to check-config"_s);
    return arguments;
}

QString usage()
{
    return uR"(godwitd: HTTP, Server-Sent Events and WebSockets on one port, over an embedded database.

  godwitd [serve]                     serves until SIGTERM or SIGINT
  godwitd import PATH...              reads text, Markdown, HTML and CSV into the search
  godwitd user add NAME --role ROLE   viewer, member, operator or admin; the password is a line of standard input
  godwitd user passwd NAME            likewise
  godwitd user role NAME ROLE
  godwitd user list
  godwitd user remove NAME
  godwitd token create USER           prints a token for a program that acts as USER; takes --label TEXT, --role ROLE
                                      (less than the user's) and --lifetime DURATION (365d)
  godwitd token list
  godwitd token revoke ID
  godwitd backup FILE                 copies the database to a new file, also while the daemon runs
  godwitd restore FILE                puts such a copy in the database's place, which is kept; not while the daemon runs
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
