// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/serve.h"

#include "server/app/application.h"
#include "server/app/logging.h"
#include "server/app/signals.h"
#include "server/app/systemd.h"
#include "server/app/version.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QLoggingCategory>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace godwit::app {

Q_LOGGING_CATEGORY(serveLog, "godwit.serve")

namespace {

void tellWhereWeListen(const QStringList &urls, qint64 openFiles, std::chrono::milliseconds took)
{
    qCInfo(serveLog, "ready after %lld ms; %lld files may be open", qint64(took.count()), openFiles);
    for (const QString &url : urls)
        std::printf("listening on %s\n", qUtf8Printable(url));
    std::fflush(stdout);
    systemd::notifyReady(QByteArray("listening on " + urls.join(u", "_s).toUtf8()));
}

/// Leaves descriptors for the database and files. A connection beyond is accepted and closed, where a listener without
/// a free descriptor would find it waiting again and again: QTcpServer does not tell that from having none to accept.
void limitConnections(http::Limits &limits, qint64 openFiles)
{
    if (openFiles < 0)
        return;
    const qint64 most = std::max(openFiles / 2, openFiles - 128);
    if (limits.connections <= most)
        return;
    qCWarning(serveLog, "limits.connections is %lld in place of %d: %lld files may be open", qint64(most),
              limits.connections, openFiles);
    limits.connections = int(most);
}

/// Tells systemd's watchdog that we live, which we do if every reactor answers.
void feedWatchdog(QTimer &timer, Application &application)
{
    const auto interval = std::chrono::duration_cast<std::chrono::milliseconds>(systemd::watchdogInterval());
    if (interval <= 0ms)
        return;
    QObject::connect(&timer, &QTimer::timeout, &application, [&application] {
        application.reactors().callOnAll([](int) { });
        systemd::notifyAlive();
    });
    timer.start(interval / 2);
}

} // namespace

void installEventDispatcher()
{
    if (auto *dispatcher = runtime::makeEventDispatcher())
        QCoreApplication::setEventDispatcher(dispatcher);
}

int serve(const config::Loaded &loaded)
{
    QElapsedTimer sinceStart;
    sinceStart.start();
    setUpLogging(loaded.config.log);
    for (const QString &warning : loaded.warnings)
        qCWarning(serveLog, "%s", qUtf8Printable(warning));
    qCInfo(serveLog, "godwitd %s with Qt %s, data in %s, configuration %s", version, qVersion(),
           qUtf8Printable(loaded.config.server.data),
           loaded.file.isEmpty() ? "of defaults" : qUtf8Printable(loaded.file));
    const qint64 openFiles = runtime::raiseOpenFileLimit();
    const std::vector<int> inherited = systemd::takeInheritedSockets();
    if (!inherited.empty())
        qCInfo(serveLog, "%zu sockets were inherited: they are used in place of [server] listen", inherited.size());

    Signals signals_; // before anything that a signal could interrupt
    config::Config config = loaded.config;
    limitConnections(config.limits, openFiles);
    auto folder = orThrow(DataFolder::open(loaded.config.server.data));
    DataFolder::hideDatabase(folder.path());
    Application application(std::move(config), std::move(folder));
    QObject::connect(&signals_, &Signals::stopRequested, &application, [&application] {
        qCInfo(serveLog, "stop requested; a second request stops at once");
        systemd::notifyStopping();
        application.drain();
    });
    QObject::connect(&signals_, &Signals::reloadRequested, &application, [&application] {
        systemd::notifyReloading();
        application.reloadCertificate();
        systemd::notifyReady("reloaded");
    });
    QObject::connect(&application, &Application::drained, qApp, &QCoreApplication::quit, Qt::QueuedConnection);

    const QStringList urls = application.listen(inherited);
    tellWhereWeListen(urls, openFiles, std::chrono::milliseconds(sinceStart.elapsed()));
    QTimer watchdog;
    feedWatchdog(watchdog, application);
    const int code = QCoreApplication::exec();
    if (!application.isAtRest()) {
        qCWarning(serveLog,
                  "a task does not stop, or a sensor hangs: left behind, a task to begin again at the next start");
        std::_Exit(code); // its thread may use anything that a destructor would take away
    }
    qCInfo(serveLog, "stopped");
    return code;
}

} // namespace godwit::app
