// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

#include <initializer_list>
#include <optional>
#include <utility>

struct msghdr;

namespace godwit::app {

/// systemd's journal by its own protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): an entry is a datagram of fields, or a
/// sealed file if it is larger than one. Needs no library. Any thread; never waits.
class Journal
{
    Q_DISABLE_COPY_MOVE(Journal)

public:
    using Field = std::pair<QByteArrayView, QByteArrayView>; ///< `PRIORITY`, `6`

    /// @p path of the journal's socket, which may come, go and come again.
    explicit Journal(const QByteArray &path);
    ~Journal();

    /// Fields without a value are left out. False if the journal has not taken it.
    bool send(std::initializer_list<Field> fields) const;

    /// What a datagram holds.
    static QByteArray encode(std::initializer_list<Field> fields);
    /// Whether standard error is the journal's, as systemd says with JOURNAL_STREAM (systemd.exec(5)).
    static bool isStandardError(const QByteArray &journalStream);

private:
    bool sendAsFile(const QByteArray &entry) const;
    bool sendMessage(const ::msghdr &message) const;

    const QByteArray m_path;
    const int m_socket;
};

} // namespace godwit::app
