// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/commandline.h"

#include "shared/protocol/routes.h"

#include <QCommandLineParser>
#include <QFile>

namespace godwit {

using namespace Qt::StringLiterals;

static Failure wrong(const QString &text)
{
    return failure(Error::Code::InvalidArgument, text);
}

/// Read once here, so that a wrong name is said at once.
static Result<void> checkToken(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return wrong(u"--token: cannot read \"%1\": %2"_s.arg(path, file.errorString()));
    if (file.read(16 * 1024).trimmed().isEmpty())
        return wrong(u"--token: there is nothing in \"%1\""_s.arg(path));
    return {};
}

static Result<widgets::Theme::Scheme> schemeOf(const QString &name)
{
    if (name == "light"_L1)
        return widgets::Theme::Scheme::Light;
    if (name == "dark"_L1)
        return widgets::Theme::Scheme::Dark;
    if (name == "system"_L1)
        return widgets::Theme::Scheme::System;
    return wrong(u"--theme: \"%1\" is none of light, dark, system"_s.arg(name));
}

static Result<QSize> sizeOf(const QString &text)
{
    const QStringList sides = text.split(u'x');
    const QSize size(sides.value(0).toInt(), sides.value(1).toInt());
    if (sides.size() != 2 || size.isEmpty())
        return wrong(u"--size: \"%1\" is not WIDTHxHEIGHT, such as 1280x840"_s.arg(text));
    return size;
}

static Result<CommandLine> read(const QCommandLineParser &parser)
{
    CommandLine line;
    line.page = parser.value(u"page"_s);
    line.screenshot = parser.value(u"screenshot"_s);
    if (parser.isSet(u"server"_s)) {
        line.server = QUrl(parser.value(u"server"_s));
        if (!line.server->scheme().startsWith("http"_L1) || line.server->host().isEmpty())
            return wrong(u"--server: \"%1\" is not an address such as %2"_s.arg(
                parser.value(u"server"_s), QLatin1StringView(protocol::routes::defaultAddress)));
    }
    if (parser.isSet(u"token"_s)) {
        line.tokenFile = parser.value(u"token"_s);
        if (const auto token = checkToken(line.tokenFile); !token)
            return Failure(token.error());
    }
    if (parser.isSet(u"theme"_s)) {
        const auto scheme = schemeOf(parser.value(u"theme"_s));
        if (!scheme)
            return Failure(scheme.error());
        line.scheme = *scheme;
    }
    if (parser.isSet(u"size"_s)) {
        const auto size = sizeOf(parser.value(u"size"_s));
        if (!size)
            return Failure(size.error());
        line.size = *size;
    }
    bool isNumber = true;
    const double factor = parser.isSet(u"scale"_s) ? parser.value(u"scale"_s).toDouble(&isNumber) : 1;
    if (!isNumber || factor < 0.5 || factor > 8)
        return wrong(u"--scale: \"%1\" is not a number from 0.5 to 8"_s.arg(parser.value(u"scale"_s)));
    const double seconds = parser.isSet(u"after"_s) ? parser.value(u"after"_s).toDouble(&isNumber) : 3;
    if (!isNumber || seconds < 0 || seconds > 86'400)
        return wrong(u"--after: \"%1\" is not a number of seconds"_s.arg(parser.value(u"after"_s)));
    line.after = std::chrono::milliseconds(qRound64(seconds * 1000));
    return line;
}

Result<CommandLine> CommandLine::parse(const QStringList &arguments)
{
    QCommandLineParser parser;
    parser.setApplicationDescription(u"Watches a Godwit server: load, chat, tasks and search."_s);
    parser.addOptions({
        { u"server"_s, u"Address of the server; else the one of last time, else http://127.0.0.1:8420."_s, u"url"_s },
        { u"token"_s,
          u"Connects with the token in FILE, as `godwitd token create` makes one; else with the local token of a "
          u"server "
          "of yours on this machine, else by a login."_s,
          u"file"_s },
        { u"page"_s, u"Starts with a page: overview, chat, tasks, search or sensors."_s, u"name"_s },
        { u"theme"_s, u"Colours: light, dark or system."_s, u"name"_s },
        { u"size"_s, u"Size of the window, such as 1280x840."_s, u"size"_s },
        { u"scale"_s, u"Scales everything by this factor, from 0.5 to 8."_s, u"factor"_s },
        { u"screenshot"_s,
          u"Writes a picture of the window to FILE and quits; also works with QT_QPA_PLATFORM=offscreen."_s,
          u"file"_s },
        { u"after"_s, u"Seconds before the picture is taken (3)."_s, u"seconds"_s },
    });
    const QCommandLineOption help = parser.addHelpOption();
    const QCommandLineOption version = parser.addVersionOption();
    if (!parser.parse(arguments))
        return wrong(parser.errorText());
    if (!parser.positionalArguments().isEmpty())
        return wrong(u"unexpected argument \"%1\""_s.arg(parser.positionalArguments().constFirst()));
    if (parser.isSet(help) || parser.isSet(version)) {
        CommandLine line;
        line.help
            = parser.isSet(help) ? parser.helpText() : u"godwit-monitor %1\n"_s.arg(QStringLiteral(GODWIT_VERSION));
        return line;
    }
    return read(parser);
}

} // namespace godwit
