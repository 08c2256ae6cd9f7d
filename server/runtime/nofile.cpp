// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/runtime/reactor.h"

#include <QtGlobal>

#include <algorithm>
#include <limits>

#ifdef Q_OS_UNIX
#include <sys/resource.h>
#endif
#ifdef Q_OS_MACOS
#include <sys/syslimits.h>
#endif

namespace godwit::runtime {

qint64 raiseOpenFileLimit()
{
#ifdef Q_OS_UNIX
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return -1;
    rlimit raised = limit;
    raised.rlim_cur = limit.rlim_max;
#ifdef Q_OS_MACOS
    raised.rlim_cur = std::min<rlim_t>(raised.rlim_cur, OPEN_MAX); // refuses more, whatever the hard limit says
#endif
    if (raised.rlim_cur > limit.rlim_cur && ::setrlimit(RLIMIT_NOFILE, &raised) == 0)
        limit = raised;
    return qint64(std::min<rlim_t>(limit.rlim_cur, rlim_t(std::numeric_limits<qint64>::max())));
#else
    return std::numeric_limits<qint64>::max(); // sockets are not counted
#endif
}

} // namespace godwit::runtime
