// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/files/digest.h"
#include "server/files/service.h"

namespace godwit::files {

/// A file that the server itself writes for somebody: nothing of it is seen until finish(), and then it is there whole,
/// under its name, after a loss of power too. One that dies before leaves nothing, nor does one whose process is
/// killed, from the next start on. What it has counts against the quota. Blocks; one thread at a time.
class Deposit
{
    Q_DISABLE_COPY_MOVE(Deposit)

public:
    enum class IfTaken { Refuse, Number };
    struct Wanted
    {
        QByteArray key; ///< of what it is made for: see find()
        QString name;
        Owner owner;
        IfTaken ifTaken = IfTaken::Number; ///< what becomes of it where there is a file of that name
    };

    /// @p files outlives this. Error::Conflict if the name is taken, InvalidArgument if it is none.
    Deposit(Service &files, Wanted wanted);
    ~Deposit();

    /// UploadError::NoSpace where the disk or the quota has no room, Error::PayloadTooLarge beyond the largest size.
    void append(QByteArrayView bytes);
    qint64 size() const { return m_part->size(); }
    /// Once. @p note is kept with the key. Errors as of all that is above.
    File finish(const QByteArray &note);

    struct Done
    {
        QString name;
        qint64 size = 0;
        QByteArray note;
    };
    /// What was finished for @p key, by a process before this one too, if it is there still; for as long as the server
    /// remembers an upload.
    static std::optional<Done> find(Service &files, const QByteArray &key);
    /// Whether an upload of that id is none, but what one of these has left.
    static bool isOne(QByteArrayView uploadId);

private:
    void checkRoom();
    void note(const QByteArray &note);
    void forget();

    Service &m_files;
    const Wanted m_wanted;
    const QByteArray m_id;
    QString m_name; // under which it is to appear
    std::shared_ptr<PartFile> m_part;
    Digest m_digest{ Digest::Algorithm::Sha256 };
    qint64 m_checked = 0; // bytes for which there was room
    bool m_isNoted = false, m_isFinished = false;
};

} // namespace godwit::files
