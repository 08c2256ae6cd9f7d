// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/signals.h"

#include <QSignalSpy>
#include <QTest>

#include <csignal>

using namespace godwit;

class tst_Signals : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aStormOfReloadsDoesNotHideTheStop();
    void eachIsToldAgainLater();
    void whatIsAnErrorOfAWriteDoesNotEndUs();
};

void tst_Signals::aStormOfReloadsDoesNotHideTheStop()
{
#ifndef Q_OS_UNIX
    QSKIP("no signals here");
#else
    const app::Signals signals_;
    const QSignalSpy stops(&signals_, &app::Signals::stopRequested);
    const QSignalSpy reloads(&signals_, &app::Signals::reloadRequested);
    for (int i = 0; i < 100'000; ++i) // more than a pipe holds
        std::raise(SIGHUP);
    std::raise(SIGTERM);
    QTRY_COMPARE(stops.count(), 1);
    QCOMPARE(reloads.count(), 1); // the files are read once for all of them
#endif
}

void tst_Signals::eachIsToldAgainLater()
{
#ifndef Q_OS_UNIX
    QSKIP("no signals here");
#else
    const app::Signals signals_;
    const QSignalSpy reloads(&signals_, &app::Signals::reloadRequested);
    for (int told = 1; told <= 3; ++told) {
        std::raise(SIGHUP);
        QTRY_COMPARE(reloads.count(), told);
    }
#endif
}

void tst_Signals::whatIsAnErrorOfAWriteDoesNotEndUs()
{
#ifndef Q_OS_UNIX
    QSKIP("no signals here");
#else
    const app::Signals signals_;
    QCOMPARE(std::raise(SIGPIPE), 0);
    QCOMPARE(std::raise(SIGXFSZ), 0); // RLIMIT_FSIZE: the database says that the disk is full
#endif
}

QTEST_GUILESS_MAIN(tst_Signals)
#include "tst_signals.moc"
