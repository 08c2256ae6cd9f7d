// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/log/eventlog.h"
#include "server/metrics/inspectable.h"

namespace godwit::log {

/// The topics in memory, those with most events there first. @p events must outlive the registration.
metrics::InspectableGroup inspectableTopics(const EventLog &events);

} // namespace godwit::log
