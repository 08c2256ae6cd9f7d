// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/commandline.h"
#include "monitor/mainwindow.h"

#include <QApplication>
#include <QSettings>
#include <QStandardPaths>
#include <QTimer>

#include <cstdio>

using namespace Qt::StringLiterals;
using namespace godwit;

/// `--scale` must be known before the application exists, and whether it needs a display; CommandLine checks all after
/// it.
static void prepare(int argc, char **argv)
{
    for (int i = 1; i < argc; ++i) {
        const QByteArray argument = QByteArray::fromRawData(argv[i], qstrlen(argv[i]));
        if (argument == "--scale" && i + 1 < argc)
            qputenv("QT_SCALE_FACTOR", argv[i + 1]);
        else if (argument.startsWith("--scale="))
            qputenv("QT_SCALE_FACTOR", argument.sliced(qstrlen("--scale=")));
        else if (argument == "-h" || argument == "--help" || argument == "-v" || argument == "--version")
            qputenv("QT_QPA_PLATFORM", "offscreen");
    }
}

static void takeScreenshot(QWidget &window, const CommandLine &line)
{
    QTimer::singleShot(line.after, &window, [&window, file = line.screenshot] {
        const bool isWritten = window.grab().save(file);
        if (!isWritten)
            std::fprintf(stderr, "godwit-monitor: cannot write \"%s\"\n", qUtf8Printable(file));
        QCoreApplication::exit(isWritten ? 0 : 1);
    });
}

int main(int argc, char *argv[])
{
    prepare(argc, argv);
    QApplication application(argc, argv);
    QCoreApplication::setOrganizationName(u"godwit"_s);
    QCoreApplication::setApplicationName(u"godwit-monitor"_s);
    QGuiApplication::setDesktopFileName(u"godwit-monitor"_s);
    QGuiApplication::setWindowIcon(QIcon::fromTheme(u"godwit-monitor"_s));

    const auto line = CommandLine::parse(QCoreApplication::arguments());
    if (!line) {
        std::fprintf(stderr, "godwit-monitor: %s\n", qUtf8Printable(line.error().message()));
        return 2;
    }
    if (!line->help.isEmpty()) {
        std::fputs(qUtf8Printable(line->help), stdout);
        return 0;
    }

    QSettings store;
    widgets::Settings settings(store);
    widgets::Theme theme(application);
    theme.setScheme(line->scheme.value_or(settings.scheme()));
    MainWindow::Options options;
    options.session.server = line->server.value_or(settings.server());
    options.session.tokenFile = line->tokenFile;
    options.dataFolder = QStandardPaths::writableLocation(QStandardPaths::AppDataLocation);
    MainWindow window(options, theme, settings);
    if (line->size)
        window.resize(*line->size);
    if (!line->page.isEmpty() && !window.showPage(line->page)) {
        std::fprintf(stderr, "godwit-monitor: --page: there is no page \"%s\"\n", qUtf8Printable(line->page));
        return 2;
    }
    window.show();
    if (!line->screenshot.isEmpty())
        takeScreenshot(window, *line);
    return QApplication::exec();
}
