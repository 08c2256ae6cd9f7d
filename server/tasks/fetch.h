// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/outbound/client.h"
#include "server/tasks/service.h"

namespace godwit::tasks {

/// `fetch` `{urls: [...], concurrency: 4, max_bytes: 1000000}`: asks for each of up to 1,000 URLs, so many at a time,
/// and keeps what came: `{results: [...], succeeded, failed}` with `{url, status, bytes, sha256, content_type,
/// attempts, took_ms}` for each in the order asked, or `{url, problem: {title, detail, decider}, took_ms}`. A status of
/// 400 or more counts as failed, and does not fail the task. max_bytes is of a decoded body, by default and at most
/// `[outbound] body`. @p client outlives @p service.
void addFetchKind(Service &service, outbound::Client &client);

} // namespace godwit::tasks
