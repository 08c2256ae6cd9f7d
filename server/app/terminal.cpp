// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/terminal.h"

#include <QtGlobal>

#ifdef Q_OS_UNIX
#include <sys/ioctl.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <cstdio>

using namespace Qt::StringLiterals;

namespace godwit::app {

namespace {

bool standardErrorIsTerminal()
{
#ifdef Q_OS_UNIX
    return ::isatty(STDERR_FILENO) == 1;
#else
    return false;
#endif
}

int terminalWidth()
{
#ifdef Q_OS_UNIX
    winsize size = {};
    if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
#endif
    return 80;
}

} // namespace

ProgressLine::ProgressLine() : m_isTerminal(standardErrorIsTerminal()) { }

void ProgressLine::show(double percent, const QString &what)
{
    if (!m_isTerminal)
        return;
    constexpr int width = 24;
    const int done = int(std::clamp(percent, 0.0, 100.0) / 100 * width);
    const QString line
        = u"%1 % [%2%3] %4"_s.arg(int(percent), 3).arg(QString(done, u'#'), QString(width - done, u'-'), what);
    // Carriage return, the line, erase what is left of a longer one (ECMA-48, EL).
    std::fprintf(stderr, "\r%s\x1b[K", qUtf8Printable(line.left(terminalWidth() - 1)));
    std::fflush(stderr);
    m_isShown = true;
}

void ProgressLine::clear()
{
    if (m_isShown)
        std::fputs("\r\x1b[K", stderr);
    m_isShown = false;
}

void showReport(const QJsonObject &report)
{
    std::printf("%lld documents from %lld files, %lld removed\n", report["documents"_L1].toInteger(),
                report["files"_L1].toInteger(), report["removed"_L1].toInteger());
    const QJsonObject skipped = report["skipped"_L1].toObject();
    for (auto reason = skipped.begin(); reason != skipped.end(); ++reason)
        std::printf("left out %lld: %s\n", reason.value().toInteger(), qUtf8Printable(reason.key()));
    if (report["cancelled"_L1].toBool())
        std::puts("stopped before the end; what was stored stays");
}

} // namespace godwit::app
