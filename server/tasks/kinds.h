// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/exports/service.h"
#include "server/files/service.h"
#include "server/outbound/client.h"
#include "server/search/service.h"
#include "server/tasks/service.h"

namespace godwit::tasks {

/// What the kinds work with; outlives the service that has them.
struct Resources
{
    db::Pool &pool;
    search::Service &search;
    outbound::Client &outbound;
    exports::Service &exports;
    files::Service &files;
    QString dataFolder;
    QString filesFolder; ///< of what users share by name
};

/// A kind of task, as its file in kinds/ defines it.
struct Kind
{
    QString name;
    Handler handler;
    KindOptions options;
};

// One a line of the list in CMakeLists.txt.
#define GODWIT_TASK_KIND(name) Kind name##Kind(const Resources &resources);
#include "server/tasks/kindlist.inc"
#undef GODWIT_TASK_KIND

/// All of them.
void addKinds(Service &service, const Resources &resources);

} // namespace godwit::tasks
