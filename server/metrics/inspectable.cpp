// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/metrics/inspectable.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace godwit::metrics {

/// A part or a group.
struct Inspector::Entry
{
    const QString kind, name; // no name: a group
    std::mutex mutex; // held while it is asked, so that its end can wait for that; guards all below
    Inspectable part;
    InspectableGroup group;
    bool isOver = false;

    void list(protocol::RuntimeSnapshot &snapshot, qsizetype most);
    bool act(const QString &partName, const QString &action);
};

struct Inspector::Table
{
    std::mutex mutex; // never held while a part is asked
    std::vector<std::shared_ptr<Entry>> entries; // shared with whoever asks
};

namespace {

Error unknownPart(const QString &kind, const QString &name)
{
    return { Error::Code::NotFound, u"there is no %1 \"%2\""_s.arg(kind, name) };
}

} // namespace

void Inspector::Entry::list(protocol::RuntimeSnapshot &snapshot, qsizetype most)
{
    const std::lock_guard lock(mutex);
    if (isOver)
        return;
    try {
        if (group.list) {
            InspectableGroup::Listed listed = group.list(most);
            for (protocol::RuntimePart &one : listed.parts) {
                one.kind = kind;
                snapshot.items.append(std::move(one));
            }
            if (listed.omitted > 0)
                snapshot.omitted[kind] = snapshot.omitted[kind].toInteger() + listed.omitted;
            return;
        }
        protocol::RuntimePart one{ .kind = kind, .name = name, .state = {} };
        for (const Inspectable::Action &action : part.actions)
            one.actions.append(action.name);
        part.inspect(one);
        snapshot.items.append(std::move(one));
    } catch (const std::exception &error) {
        // One part that cannot tell must not take the sight of the others.
        snapshot.items.append({ .kind = kind,
                                .name = name,
                                .state = u"unknown"_s,
                                .figures = { { u"error"_s, QString::fromUtf8(error.what()) } } });
    }
}

/// False if there is no such part here.
bool Inspector::Entry::act(const QString &partName, const QString &action)
{
    const std::lock_guard lock(mutex);
    if (isOver)
        return false;
    if (group.list) {
        if (!group.act)
            return false;
        group.act(partName, action);
        return true;
    }
    if (name != partName)
        return false;
    const auto found = std::ranges::find(part.actions, action, &Inspectable::Action::name);
    if (found == part.actions.end())
        throw Error(Error::Code::NotFound, u"the %1 \"%2\" knows no \"%3\""_s.arg(kind, name, action));
    found->run();
    return true;
}

Inspector::Registration::Registration(std::shared_ptr<Table> table, std::shared_ptr<Entry> entry)
    : m_table(std::move(table)),
      m_entry(std::move(entry))
{
}

Inspector::Registration::~Registration()
{
    if (!m_entry)
        return;
    {
        const std::lock_guard lock(m_table->mutex);
        std::erase(m_table->entries, m_entry);
    }
    const std::lock_guard lock(m_entry->mutex);
    m_entry->isOver = true;
    m_entry->part = {};
    m_entry->group = {};
}

Inspector::Inspector() : m_table(std::make_shared<Table>()) { }
Inspector::~Inspector() = default;

Inspector::Registration Inspector::add(Inspectable part)
{
    const std::lock_guard lock(m_table->mutex);
    const auto isTaken = [this, &part](const QString &name) {
        return std::ranges::any_of(m_table->entries, [&](const std::shared_ptr<Entry> &other) {
            return other->kind == part.kind && other->name == name;
        });
    };
    QString name = part.name;
    for (int number = 2; isTaken(name); ++number)
        name = part.name + u'-' + QString::number(number);
    const auto &entry = m_table->entries.emplace_back(
        new Entry{ .kind = part.kind, .name = name, .mutex = {}, .part = std::move(part), .group = {} });
    return { m_table, entry };
}

Inspector::Registration Inspector::add(InspectableGroup group)
{
    const std::lock_guard lock(m_table->mutex);
    const auto &entry = m_table->entries.emplace_back(
        new Entry{ .kind = group.kind, .name = {}, .mutex = {}, .part = {}, .group = std::move(group) });
    return { m_table, entry };
}

std::vector<std::shared_ptr<Inspector::Entry>> Inspector::entriesOf(const QString &kind) const
{
    std::vector<std::shared_ptr<Entry>> entries;
    const std::lock_guard lock(m_table->mutex);
    for (const std::shared_ptr<Entry> &entry : m_table->entries) {
        if (kind.isEmpty() || entry->kind == kind)
            entries.push_back(entry);
    }
    return entries;
}

protocol::RuntimeSnapshot Inspector::snapshot(const InspectorQuery &query, const Clock &clock) const
{
    protocol::RuntimeSnapshot snapshot{ .timestamp = clock.timestamp() };
    for (const std::shared_ptr<Entry> &entry : entriesOf(query.kind))
        entry->list(snapshot, query.most);
    return snapshot;
}

void Inspector::act(const QString &kind, const QString &name, const QString &action) const
{
    for (const std::shared_ptr<Entry> &entry : entriesOf(kind)) {
        if (entry->act(name, action))
            return;
    }
    throw unknownPart(kind, name);
}

} // namespace godwit::metrics
