// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/tasks/kinds.h"

namespace godwit::tasks {

void addKinds(Service &service, const Resources &resources)
{
    const auto add
        = [&service](Kind kind) { service.addKind(kind.name, std::move(kind.handler), std::move(kind.options)); };
#define GODWIT_TASK_KIND(name) add(name##Kind(resources));
#include "server/tasks/kindlist.inc"
#undef GODWIT_TASK_KIND
}

} // namespace godwit::tasks
