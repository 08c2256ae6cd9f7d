// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/async/context.h"

#include <QCoroTask>
#include <QHostAddress>

namespace godwit::outbound {

/// The addresses of a name, by the system (QHostInfo: up to five look-ups at a time in the process, the results kept
/// for a minute). Error::NotFound if there is no such name, Error::Unavailable if that could not be found out. A token
/// that fires ends the wait at once, and the system's look-up goes on without us. The thread needs an event loop.
QCoro::Task<QList<QHostAddress>> lookUp(async::Context context, QString host);

} // namespace godwit::outbound
