// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/search/scope.h"

#include "shared/core/error.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace godwit::search {

// A match in the title counts as much more as the weight says. The newest of equals stands first.
#define GODWIT_RANK(name, titleWeight)                                                                                 \
    u"SELECT rowid, relevance(" name "_fts, '" name "', ?, " titleWeight ", 1.0) AS share FROM " name                  \
    "_fts WHERE " name "_fts MATCH ? ORDER BY share DESC, rowid DESC LIMIT ?"
// No further than a million characters, of bodies that are longer.
#define GODWIT_TEXT(view) u"SELECT title, substr(body, 1, 1000000) FROM " view " WHERE id = ?"
#define GODWIT_WORDS(name)                                                                                             \
    u"SELECT term, doc FROM " name "_words WHERE term >= ? AND term < ? AND length(term) BETWEEN ? AND ? LIMIT ?"

static constexpr IndexedKind allKinds[] = {
    { .name = "user"_L1,
      .table = "users",
      .rank = GODWIT_RANK("users", "4.0"),
      .ownRank = {},
      .text = GODWIT_TEXT("user_texts"),
      .words = GODWIT_WORDS("users") },
    { .name = "document"_L1,
      .table = "documents",
      .rank = GODWIT_RANK("documents", "4.0"),
      .ownRank = {},
      .text = GODWIT_TEXT("documents"),
      .words = GODWIT_WORDS("documents") },
    { .name = "file"_L1,
      .table = "files",
      .rank = GODWIT_RANK("files", "4.0"),
      .ownRank = {}, // who may read at all reads all files
      .text = GODWIT_TEXT("file_texts"),
      .words = GODWIT_WORDS("files") },
    { .name = "task"_L1,
      .table = "tasks",
      .rank = GODWIT_RANK("tasks", "2.0"),
      // CROSS JOIN: the index is asked first, and not for each of the tasks.
      .ownRank = u"SELECT tasks_fts.rowid, relevance(tasks_fts, 'tasks', ?, 2.0, 1.0) AS share "
                 "FROM tasks_fts CROSS JOIN tasks t ON t.id = tasks_fts.rowid WHERE tasks_fts MATCH ? "
                 "AND t.created_by = ? AND (t.created_by <> 0 OR t.created_by_name = ?) "
                 "ORDER BY share DESC, tasks_fts.rowid DESC LIMIT ?",
      .text = GODWIT_TEXT("task_texts"),
      .words = GODWIT_WORDS("tasks") },
    { .name = "message"_L1,
      .table = "chat_messages",
      .rank = GODWIT_RANK("messages", "1.0"),
      .ownRank = {}, // who may read at all reads all rooms
      .text = GODWIT_TEXT("message_texts"),
      .words = GODWIT_WORDS("messages") },
};

std::span<const IndexedKind> indexedKinds()
{
    return allKinds;
}

static const IndexedKind &kindNamed(QStringView name)
{
    QStringList known;
    for (const IndexedKind &kind : allKinds) {
        if (name == kind.name)
            return kind;
        known.append(kind.name);
    }
    throw Error(Error::Code::InvalidArgument,
                u"\"kind\" must be one of %1, not \"%2\""_s.arg(known.join(u", "_s), name.left(40)));
}

static bool contains(const std::vector<const IndexedKind *> &list, const IndexedKind &kind)
{
    return std::find(list.begin(), list.end(), &kind) != list.end();
}

Scope scopeOf(const protocol::Principal &caller, QStringView kinds, const ParsedQuery &query)
{
    std::vector<const IndexedKind *> asked, wanted, unwanted;
    for (const QStringView name : kinds.split(u',', Qt::SkipEmptyParts))
        asked.push_back(&kindNamed(name.trimmed()));
    for (const QString &name : query.kinds)
        wanted.push_back(&kindNamed(name));
    for (const QString &name : query.unwantedKinds)
        unwanted.push_back(&kindNamed(name));
    Scope scope;
    for (const IndexedKind &kind : allKinds) {
        const bool isAsked = (asked.empty() || contains(asked, kind)) && (wanted.empty() || contains(wanted, kind));
        if (!isAsked || contains(unwanted, kind))
            continue;
        const bool isOwnOnly = !kind.ownRank.isEmpty() && !caller.may(protocol::Role::Operator);
        if (isOwnOnly) {
            scope.userId = caller.userId;
            scope.userName = caller.userId == 0 ? caller.name : QString();
        }
        scope.parts.push_back({ .kind = &kind, .isOwnOnly = isOwnOnly });
    }
    return scope;
}

QString Scope::key() const
{
    QString key;
    bool hasOwn = false;
    for (const Part &part : parts) {
        key += QLatin1StringView(part.kind->name).first(1);
        hasOwn |= part.isOwnOnly;
    }
    if (hasOwn)
        key += QString::number(userId) + u'/' + userName;
    return key;
}

} // namespace godwit::search
