// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/app/signals.h"

#include <QCoreApplication>
#include <QEventLoop>
#include <QScopeGuard>

#include <future>
#include <stop_token>

namespace godwit::app {

/// Runs @p work on a thread of its own while this one's event loop hears signals, which stop it.
template<class Work>
auto runStoppable(Work work)
{
    std::stop_source stop;
    Signals signals_;
    QObject::connect(&signals_, &Signals::stopRequested, qApp, [&stop] { stop.request_stop(); });
    QEventLoop loop;
    auto result = std::async(std::launch::async, [&] {
        const auto quitLoop
            = qScopeGuard([&loop] { QMetaObject::invokeMethod(&loop, &QEventLoop::quit, Qt::QueuedConnection); });
        return work(stop.get_token());
    });
    loop.exec();
    return result.get();
}

} // namespace godwit::app
