// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/net/session.h"

#include <functional>

namespace godwit::chat {

/// Opens a file of the server's in the desktop's browser, which keeps it or shows it: as large as it is, it is never in
/// our memory. The browser has no token of ours, so the address has a ticket that is good once and for half a minute.
/// @param name of one under /files.
/// @param failed is told where the server gives no ticket, and only while @p session lives.
QCoro::Task<> openSharedFile(net::Session &session, QString name, std::function<void(const Error &)> failed);

} // namespace godwit::chat
