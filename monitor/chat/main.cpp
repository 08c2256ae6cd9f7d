// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/chat/chatwindow.h"
#include "monitor/widgets/theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QFile>
#include <QSettings>
#include <QStandardPaths>
#include <QTimer>

#include <cstdio>
#include <optional>

using namespace Qt::StringLiterals;
using namespace godwit;

static constexpr int wrongUsage = 2;

using Scheme = widgets::Theme::Scheme;

static std::optional<Scheme> schemeFrom(QStringView name)
{
    if (name == "system"_L1)
        return Scheme::System;
    if (name == "light"_L1)
        return Scheme::Light;
    return name == "dark"_L1 ? std::optional(Scheme::Dark) : std::nullopt;
}

static int complain(const QString &text)
{
    std::fprintf(stderr, "godwit-chat: %s\n", qUtf8Printable(text));
    return wrongUsage;
}

static void takeScreenshot(QWidget &window, const QString &file, double seconds)
{
    QTimer::singleShot(static_cast<int>(seconds * 1000), &window, [&window, file] {
        const bool isSaved = window.grab().save(file);
        if (!isSaved)
            complain(u"%1 cannot be written"_s.arg(file));
        QCoreApplication::exit(isSaved ? 0 : 1);
    });
}

int main(int argc, char *argv[])
{
    for (int i = 1; i < argc; ++i) {
        const QByteArray argument = QByteArray::fromRawData(argv[i], qstrlen(argv[i]));
        if (argument == "-h" || argument == "--help" || argument == "-v" || argument == "--version")
            qputenv("QT_QPA_PLATFORM", "offscreen"); // these need no display
    }
    QApplication application(argc, argv);
    QCoreApplication::setApplicationName(u"godwit-chat"_s);
    QCoreApplication::setOrganizationName(u"godwit"_s);
    QCoreApplication::setApplicationVersion(QStringLiteral(GODWIT_VERSION));
    QGuiApplication::setDesktopFileName(u"godwit-chat"_s);

    QCommandLineParser parser;
    parser.setApplicationDescription(u"Chat rooms of a Godwit server."_s);
    const QCommandLineOption help = parser.addHelpOption(), version = parser.addVersionOption();
    const QCommandLineOption server(
        u"server"_s, u"Address of the server; else the one of last time, else http://127.0.0.1:8420."_s, u"URL"_s);
    const QCommandLineOption token(
        u"token"_s,
        u"Connects with the token in FILE, as `godwitd token create` makes one; else with the local token of a server of yours on this machine, else by a login."_s,
        u"FILE"_s);
    const QCommandLineOption user(u"user"_s, u"The name that others see."_s, u"NAME"_s);
    const QCommandLineOption room(u"room"_s, u"The room to show first."_s, u"NAME"_s);
    const QCommandLineOption theme(u"theme"_s, u"system, light or dark."_s, u"NAME"_s);
    const QCommandLineOption screenshot(u"screenshot"_s, u"Saves a picture of the window and ends."_s, u"FILE"_s);
    const QCommandLineOption after(u"after"_s, u"When the picture is taken (default 3)."_s, u"SECONDS"_s, u"3"_s);
    parser.addOptions({ server, token, user, room, theme, screenshot, after });
    if (!parser.parse(QCoreApplication::arguments()))
        return complain(parser.errorText());
    if (!parser.positionalArguments().isEmpty())
        return complain(u"unexpected argument \"%1\""_s.arg(parser.positionalArguments().constFirst()));
    if (parser.isSet(help))
        parser.showHelp();
    if (parser.isSet(version))
        parser.showVersion();

    QSettings store;
    widgets::Settings settings(store);
    chat::ChatWindow::Options options;
    options.session.server = parser.isSet(server) ? QUrl(parser.value(server), QUrl::StrictMode) : settings.server();
    if (!options.session.server.scheme().startsWith("http"_L1) || options.session.server.host().isEmpty())
        return complain(u"\"%1\" is no address of a server, such as http://127.0.0.1:8420"_s.arg(parser.value(server)));
    if (parser.isSet(token)) {
        QFile file(parser.value(token));
        if (!file.open(QIODevice::ReadOnly))
            return complain(u"%1: %2"_s.arg(file.fileName(), file.errorString()));
        options.session.tokenFile = file.fileName();
    }
    bool isNumber = false;
    const double seconds = parser.value(after).toDouble(&isNumber);
    if (!isNumber || seconds < 0)
        return complain(u"--after takes a number of seconds"_s);
    const std::optional<Scheme> scheme = parser.isSet(theme) ? schemeFrom(parser.value(theme)) : settings.scheme();
    if (!scheme)
        return complain(u"--theme takes system, light or dark"_s);
    options.session.user = parser.value(user);
    options.room = parser.value(room);
    options.dataFolder = QStandardPaths::writableLocation(QStandardPaths::AppDataLocation);

    widgets::Theme look(application);
    look.setScheme(*scheme);
    chat::ChatWindow window(options, settings);
    window.show();
    if (parser.isSet(screenshot))
        takeScreenshot(window, parser.value(screenshot), seconds);
    return QApplication::exec();
}
