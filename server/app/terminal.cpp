// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/terminal.h"

#include <QtGlobal>

#ifdef Q_OS_UNIX
#include <sys/ioctl.h>
#include <sys/select.h>
#include <termios.h>
#include <unistd.h>
#endif

#include <algorithm>
#include <array>
#include <csignal>
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

#ifdef Q_OS_UNIX
/// While this lives the terminal shows nothing of what is typed, and what would end the process ends the reading first:
/// a shell that got the terminal back without echo would be of no use. Signals are held back but while waitForLine()
/// waits: one that came just before a read(2) would not interrupt it.
class NoEcho
{
    Q_DISABLE_COPY_MOVE(NoEcho)

public:
    NoEcho()
    {
        sigset_t held;
        ::sigemptyset(&held);
        for (const int signal : signals_)
            ::sigaddset(&held, signal);
        ::pthread_sigmask(SIG_BLOCK, &held, &m_mask);
        struct sigaction interrupting = {};
        interrupting.sa_handler = [](int) { };
        for (size_t i = 0; i < signals_.size(); ++i)
            ::sigaction(signals_[i], &interrupting, &m_actions[i]);
        ::tcgetattr(STDIN_FILENO, &m_before);
        termios quiet = m_before;
        quiet.c_lflag &= ~tcflag_t(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
    ~NoEcho()
    {
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &m_before);
        for (size_t i = 0; i < signals_.size(); ++i)
            ::sigaction(signals_[i], &m_actions[i], nullptr);
        ::pthread_sigmask(SIG_SETMASK, &m_mask, nullptr);
    }

    /// False if a signal came first.
    bool waitForLine() const
    {
        fd_set input;
        FD_ZERO(&input);
        FD_SET(STDIN_FILENO, &input);
        return ::pselect(STDIN_FILENO + 1, &input, nullptr, nullptr, nullptr, &m_mask) == 1;
    }

private:
    static constexpr std::array signals_{ SIGINT, SIGTERM, SIGHUP };
    std::array<struct sigaction, signals_.size()> m_actions{};
    termios m_before{};
    sigset_t m_mask{};
};
#endif

Result<QString> readLine()
{
    std::array<char, 2048> line{}; // the longest password has 768 bytes; what is cut is still too long
    if (!std::fgets(line.data(), int(line.size()), stdin))
        return failure(Error::Code::InvalidArgument, u"standard input has no line with the password"_s);
    QByteArrayView bytes(line.data());
    if (bytes.endsWith('\n'))
        bytes.chop(1);
    if (bytes.endsWith('\r'))
        bytes.chop(1);
    return QString::fromUtf8(bytes);
}

#ifdef Q_OS_UNIX
Result<QString> ask(const char *prompt)
{
    const NoEcho noEcho; // before the prompt: it flushes what was typed until now
    std::fputs(prompt, stderr);
    std::fflush(stderr);
    auto line = noEcho.waitForLine() ? readLine() : Failure(Error::cancelled());
    std::fputc('\n', stderr);
    return line;
}
#endif

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

Result<QString> readPassword()
{
#ifdef Q_OS_UNIX
    if (::isatty(STDIN_FILENO) == 1) {
        auto password = ask("Password: ");
        if (!password)
            return password;
        auto again = ask("Again: ");
        if (again && *again != *password)
            return failure(Error::Code::InvalidArgument, u"the two passwords differ"_s);
        return again;
    }
#endif
    return readLine();
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
