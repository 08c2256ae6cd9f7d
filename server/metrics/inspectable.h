// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/runtime.h"

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace godwit::metrics {

/// A part of the server that the engine room shows, and what may be done to it by hand.
struct Inspectable
{
    struct Action
    {
        QString name; ///< `trip reset flush drain pause resume`
        /// Short; throws Error::Conflict where it is not possible now.
        std::function<void()> run;
    };

    QString kind, name; ///< as in protocol::RuntimePart; a name that its kind has already gets a number
    /// Fills in state, figures, limits and queue bytes. Short.
    std::function<void(protocol::RuntimePart &)> inspect;
    std::vector<Action> actions{};
};

/// Parts of one kind that are many and come and go: rooms, connections. They are asked for together.
struct InspectableGroup
{
    struct Listed
    {
        QList<protocol::RuntimePart> parts{}; ///< their kind may be left empty
        qint64 omitted = 0; ///< that there are besides
    };

    QString kind;
    /// At most so many, those first that are most worth to be seen.
    std::function<Listed(qsizetype most)> list;
    /// Does @p action to the part of that @p name. Throws Error::NotFound where there is none, or no such action;
    /// Error::Conflict where it is not possible now. May be empty.
    std::function<void(const QString &name, const QString &action)> act{};
};

/// What is asked of an Inspector.
struct InspectorQuery
{
    QString kind{}; ///< empty: all
    qsizetype most = 200; ///< parts of a group
};

/// All that can be seen of a running server: every part says itself what it is when it is asked, so being registered
/// costs nothing but at the registration. One for a server; any thread.
///
///     m_breakerInspected = inspector.add(inspectable(m_breaker));    // until the registration dies
///
/// Parts are asked from a thread that is no reactor, one after the other, and may wait there for the reactors, but not
/// for long. A part is not asked any more once its registration has died; whoever ends one waits for its part's answer
/// if it is just being asked.
class Inspector
{
    Q_DISABLE_COPY_MOVE(Inspector)
    struct Entry;
    struct Table;

public:
    class [[nodiscard]] Registration
    {
    public:
        Registration() = default;
        Registration(Registration &&) noexcept = default;
        Registration &operator=(Registration &&other) noexcept
        {
            std::swap(m_table, other.m_table);
            std::swap(m_entry, other.m_entry);
            return *this;
        }
        ~Registration();

    private:
        friend class Inspector;
        Registration(std::shared_ptr<Table> table, std::shared_ptr<Entry> entry);
        std::shared_ptr<Table> m_table; // shared by the inspector and its registrations, which may outlive it
        std::shared_ptr<Entry> m_entry; // shared with whoever asks at the moment
    };

    Inspector();
    ~Inspector();

    Registration add(Inspectable part);
    Registration add(InspectableGroup group);

    /// In order of registration. Not on a reactor.
    protocol::RuntimeSnapshot snapshot(const InspectorQuery &query = {}, const Clock &clock = Clock::system()) const;

    /// Throws Error::NotFound where there is no such part or action, Error::Conflict where it is not possible now.
    /// Not on a reactor.
    void act(const QString &kind, const QString &name, const QString &action) const;

private:
    std::vector<std::shared_ptr<Entry>> entriesOf(const QString &kind) const;

    std::shared_ptr<Table> m_table; // see Registration
};

/// Registrations that end together: one member in place of many.
class Registrations
{
public:
    explicit Registrations(Inspector &inspector) : m_inspector(inspector) { }

    template<class Part>
    void add(Part part)
    {
        m_kept.push_back(m_inspector.add(std::move(part)));
    }

private:
    Inspector &m_inspector;
    std::vector<Inspector::Registration> m_kept;
};

} // namespace godwit::metrics
