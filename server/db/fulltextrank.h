// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

struct sqlite3;

namespace godwit::db {

/// Adds two ranking functions for FTS5 queries to a connection; better is greater.
///
/// `bm25_score(table, name, phrases, weight...)`: Okapi BM25 as FTS5's own `bm25()` computes it (k1 = 1.2, b = 0.75),
/// with the sign turned round. @c weight is a column's, 1 where none is given.
///
/// `relevance(table, name, phrases, weight...)`: that score as a share of the most that any row could reach with these
/// phrases: in (0, 1], and comparable between tables of different size. @c phrases is how many of the expression's
/// phrases count, the first ones: what stands behind a NOT is never there. 0: all.
///
/// The time of `bm25()` goes into looking up each row's number of words. These functions remember it on the connection
/// under @c name, one for each table ('': not at all), until the table's number of rows or of words changes: 270 us
/// become 80 for a word that 300 of 100,000 rows have. Four bytes a row, for row ids below four million.
///
/// Source: S. Robertson, H. Zaragoza: The Probabilistic Relevance Framework: BM25 and Beyond (2009), 3.4.2.
/// @throws Error::Internal if SQLite has no FTS5.
void addFullTextRank(sqlite3 *handle);

} // namespace godwit::db
