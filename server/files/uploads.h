// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/files/digest.h"
#include "server/files/service.h"
#include "server/files/userplaces.h"

#include <QHash>

#include <atomic>
#include <functional>
#include <mutex>

namespace godwit::files {

struct NewUpload
{
    QString name;
    qint64 length = 0;
    QByteArray metadata{}; ///< as the client gave it
};

/// What a request sends of an upload.
struct Incoming
{
    qint64 offset = 0; ///< where it begins
    qint64 size = -1; ///< as far as it is known before
    std::optional<Digest::Algorithm> algorithm{}; ///< of the checksum
    QByteArray checksum{}; ///< raw bytes, of all that the request sends
    /// The next piece; empty at the end.
    std::function<async::OneShot<QByteArray>()> next;
};

/// Uploads that can be resumed. What has been told to be received is on the disk (fdatasync, then a commit): at the end
/// of each request, and every 16 MiB of a long one, so that is the most that a loss of power takes. A file appears
/// whole, under its name, once all of it is there. One request at a time sends to an upload; one that has waited for
/// its client for two seconds is ended when another comes, as the client of a dead connection does. Any thread.
class Uploads
{
public:
    /// @p files outlives this.
    explicit Uploads(Service &files);

    /// Error::Conflict if there is a file of that name, PayloadTooLarge beyond the maximum, ResourceExhausted for too
    /// many uploads of one user and for too many bytes that they announce, UploadError::NoSpace.
    QCoro::Task<Upload> begin(async::Context context, protocol::Principal caller, NewUpload upload);
    /// Error::NotFound, also after it has expired; Error::PermissionDenied for others than its owner and operators.
    QCoro::Task<Upload> find(async::Context context, protocol::Principal caller, QByteArray id);
    /// Takes what is sent to its end, or until the sender leaves, of which what came is kept; with a checksum all or
    /// nothing. Error::Conflict if it does not begin where the upload has got to, PayloadTooLarge beyond its length,
    /// Unavailable if too many are being received, ResourceExhausted if too many of one user are; UploadError.
    QCoro::Task<Upload> receive(async::Context context, protocol::Principal caller, QByteArray id, Incoming incoming);
    /// Forgets it and what was received. A file that it has become stays.
    QCoro::Task<> remove(async::Context context, protocol::Principal caller, QByteArray id);
    /// Of those whose time is over.
    QCoro::Task<> removeExpired();

    struct Receipt
    {
        Upload upload; ///< as it was at the beginning
        qint64 received = 0;
        TimePoint since;
    };
    /// What is being received now.
    std::vector<Receipt> receipts() const;
    const async::Bulkhead &places() const { return m_places; }
    const Options &options() const { return m_files.options(); }

private:
    class Claim;
    struct Active
    {
        Upload upload;
        std::atomic<qint64> received{ 0 };
        TimePoint since;
        std::atomic<TimePoint> waitsSince{ TimePoint::max() }; ///< for bytes; the maximum: it does not
        std::stop_source takenOver; ///< by another request
    };
    /// The hash of a whole file so far, kept from one request to the next in this process.
    struct Hashed
    {
        std::shared_ptr<Digest> digest; // used by one request at a time
        qint64 size = 0;
    };
    /// What the request in work has come to.
    struct Progress
    {
        std::shared_ptr<PartFile> part; // shared with the thread that writes
        std::shared_ptr<Digest> whole, checksum; // the same
        qint64 kept = 0; // bytes that are on disk, and noted
    };

    QCoro::Task<QByteArray> next(Active &active, Incoming &incoming);
    QCoro::Task<> take(Active &active, Progress &progress, Incoming &incoming);
    QCoro::Task<> keep(QByteArray id, Progress &progress);
    QCoro::Task<Upload> finish(Upload upload, Progress &progress);
    Hashed takeHashed(const Upload &upload);
    QCoro::Task<std::shared_ptr<Digest>> hashAgain(std::shared_ptr<PartFile> part);
    Timestamp expiry() const;

    Service &m_files;
    async::Bulkhead m_places;
    UserPlaces m_userPlaces;
    mutable std::mutex m_mutex; // guards the next two
    QHash<QByteArray, std::shared_ptr<Active>> m_active; // by id; shared with the request
    QHash<QByteArray, Hashed> m_hashed; // by id
};

} // namespace godwit::files
