// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/runtime/reactor.h"

#include <QCoreApplication>
#include <QtTest>

namespace godwit::test {

/// A test program's main() whose main thread has our dispatcher, in place of QTEST_GUILESS_MAIN.
template<class Test>
int dispatcherMain(int argc, char **argv)
{
    if (auto *const dispatcher = runtime::makeEventDispatcher())
        QCoreApplication::setEventDispatcher(dispatcher);
    QCoreApplication application(argc, argv);
    Test test;
    return QTest::qExec(&test, argc, argv);
}

/// Turns of the loop that do not wait: whatever is ready now has been delivered afterwards.
inline void turnLoop(int turns = 3)
{
    for (int i = 0; i < turns; ++i)
        QCoreApplication::processEvents();
}

} // namespace godwit::test
