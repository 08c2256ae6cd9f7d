// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/db/connection.h"
#include "server/search/scope.h"

namespace godwit::search {

/// For a query that found nothing: @p typed with its unknown words replaced by the nearest ones that the index knows.
/// Null if there is none, or none with which something would be found.
///
/// Near: one edit away (a letter too many, missing, other, or two swapped), from six letters on two. At most three
/// words are replaced. Looked for among the index's words that begin with the same letter, or with the second one, for
/// not longer than some 30 ms. Words of what the caller may not see are not taken.
QString suggestion(db::Connection &connection, const QString &typed, const ParsedQuery &query, const Scope &scope);

/// Optimal string alignment distance; anything above @p most is most + 1.
int editDistance(QStringView a, QStringView b, int most);

} // namespace godwit::search
