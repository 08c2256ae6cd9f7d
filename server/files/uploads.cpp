// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/files/uploads.h"

#include "server/files/deposit.h"
#include "server/files/filename.h"
#include "server/files/uploaderror.h"
#include "server/files/uploadlimits.h"
#include "shared/core/ids.h"

#include <QLoggingCategory>

using namespace Qt::StringLiterals;

namespace godwit::files {

Q_LOGGING_CATEGORY(uploadLog, "godwit.files.uploads")

namespace {

/// Of a long request, what may be lost with the power.
constexpr qint64 KeptEvery = 16 * 1024 * 1024;
/// Of a file that is read again: by one job, and at once.
constexpr qint64 HashedAtATime = 64 * 1024 * 1024, HashBlock = 256 * 1024;
/// How long a request may wait for bytes before another may have its upload: that of a connection which nobody has
/// closed would be in the way until the body timeout.
constexpr auto TakenOverAfter = std::chrono::seconds(2);

/// The one end of a result that two may finish: the first counts. Shared by them.
class FirstOf
{
public:
    explicit FirstOf(async::OneShot<QByteArray>::Finisher finisher) : m_finisher(std::move(finisher)) { }

    void set(QByteArray piece)
    {
        if (auto finisher = take())
            finisher->set(std::move(piece));
    }
    void fail(std::exception_ptr error)
    {
        if (auto finisher = take())
            finisher->fail(std::move(error));
    }

private:
    std::optional<async::OneShot<QByteArray>::Finisher> take()
    {
        const std::lock_guard lock(m_mutex);
        return std::exchange(m_finisher, std::nullopt);
    }

    std::mutex m_mutex;
    std::optional<async::OneShot<QByteArray>::Finisher> m_finisher;
};

QCoro::Task<> pass(async::OneShot<QByteArray> piece, std::shared_ptr<FirstOf> to)
{
    try {
        to->set(co_await std::move(piece));
    } catch (...) {
        to->fail(std::current_exception());
    }
}

void requireOwner(const Upload &upload, const protocol::Principal &caller)
{
    if (!upload.owner.admits(caller))
        throw Error(Error::Code::PermissionDenied, u"only its owner and operators may see to an upload"_s);
}

Upload existing(std::optional<Upload> upload, Timestamp now)
{
    if (!upload || upload->expiresAt < now || Deposit::isOne(upload->id))
        throw Error(Error::Code::NotFound, u"there is no such upload, or it has expired"_s);
    return *std::move(upload);
}

void checkStart(const Upload &upload, const Incoming &incoming)
{
    if (upload.isFinished())
        throw Error(Error::Code::Conflict, u"the upload is complete"_s);
    if (incoming.offset != upload.received)
        throw Error(Error::Code::Conflict,
                    u"the upload has got to %1, not %2"_s.arg(upload.received).arg(incoming.offset));
    if (incoming.size > upload.length - upload.received)
        throw Error(Error::Code::PayloadTooLarge, u"this is more than the upload's length"_s);
}

} // namespace

/// The right to send to an upload, for as long as this lives.
class Uploads::Claim
{
    Q_DISABLE_COPY_MOVE(Claim)

public:
    Claim(Uploads &uploads, const QByteArray &id) : m_uploads(uploads), m_id(id), active(std::make_shared<Active>())
    {
        const std::lock_guard lock(uploads.m_mutex);
        auto &slot = uploads.m_active[id];
        if (slot && uploads.m_files.clock().now() - slot->waitsSince.load() >= TakenOverAfter)
            slot->takenOver.request_stop(); // for whoever tries again
        if (slot)
            throw UploadError(UploadError::Reason::Locked, u"another request is sending to this upload"_s);
        active->since = uploads.m_files.clock().now();
        slot = active;
    }
    ~Claim()
    {
        const std::lock_guard lock(m_uploads.m_mutex);
        m_uploads.m_active.remove(m_id);
    }
    /// Lets others see what is being received.
    void show(const Upload &upload)
    {
        const std::lock_guard lock(m_uploads.m_mutex);
        active->upload = upload;
        active->received = upload.received;
    }

private:
    Uploads &m_uploads;
    const QByteArray m_id;

public:
    const std::shared_ptr<Active> active; // shared with receipts()
};

Uploads::Uploads(Service &files)
    : m_files(files),
      m_places({ .name = u"uploads"_s, .concurrency = files.options().uploads, .queue = files.options().uploads }),
      m_userPlaces(files.options().sendingPerUser)
{
}

Timestamp Uploads::expiry() const
{
    return m_files.clock().timestamp() + m_files.options().uploadLifetime;
}

QCoro::Task<Upload> Uploads::begin(async::Context context, protocol::Principal caller, NewUpload wanted)
{
    const Options &options = m_files.options();
    if (options.maxSize > 0 && wanted.length > options.maxSize)
        throw Error(Error::Code::PayloadTooLarge, u"a file may have %1 bytes at most"_s.arg(options.maxSize));
    auto asking = m_files.onDisk([folder = m_files.folder()] { return folder->freeBytes(); });
    if (wanted.length > co_await std::move(asking))
        throw UploadError(UploadError::Reason::NoSpace, u"there is no room for it on the server's disk"_s);
    Upload upload{ .id = makeSecretId(),
                   .name = orThrow(fileName(wanted.name)),
                   .length = wanted.length,
                   .received = 0,
                   .metadata = wanted.metadata,
                   .owner = Owner::of(caller),
                   .createdAt = m_files.clock().timestamp(),
                   .expiresAt = expiry(),
                   .finishedAs = {} };
    auto adding
        = m_files.pool().write(context, [upload, options, besides = m_files.deposited()](db::Connection &connection) {
              checkLimits(connection, upload, options, besides);
              store::addUpload(connection, upload);
          });
    co_await std::move(adding);
    if (upload.length > 0)
        co_return upload;
    Progress progress;
    auto opening = m_files.onDisk([folder = m_files.folder(), id = upload.id] { return folder->openPart(id, 0); });
    progress.part = co_await std::move(opening);
    progress.whole = std::make_shared<Digest>(Digest::Algorithm::Sha256);
    auto finishing = finish(upload, progress);
    co_return co_await std::move(finishing);
}

QCoro::Task<Upload> Uploads::find(async::Context context, protocol::Principal caller, QByteArray id)
{
    auto finding = m_files.pool().readRetrying(context, [id](db::Connection &c) { return store::findUpload(c, id); });
    Upload upload = existing(co_await std::move(finding), m_files.clock().timestamp());
    requireOwner(upload, caller);
    co_return upload;
}

QCoro::Task<Upload> Uploads::receive(async::Context context, protocol::Principal caller, QByteArray id,
                                     Incoming incoming)
{
    const auto ownPlace = m_userPlaces.take(Owner::of(caller));
    auto acquiring = m_places.acquire(context);
    const auto place = co_await std::move(acquiring);
    Claim claim(*this, id);
    auto finding = find(context, std::move(caller), id);
    Upload upload = co_await std::move(finding);
    checkStart(upload, incoming);
    claim.show(upload);
    Progress progress;
    progress.kept = upload.received;
    auto opening
        = m_files.onDisk([folder = m_files.folder(), id, at = upload.received] { return folder->openPart(id, at); });
    progress.part = co_await std::move(opening);
    progress.whole = takeHashed(upload).digest;
    if (incoming.algorithm)
        progress.checksum = std::make_shared<Digest>(*incoming.algorithm);

    std::exception_ptr failure;
    try {
        auto taking = take(*claim.active, progress, incoming);
        co_await std::move(taking);
        if (progress.checksum && progress.checksum->result() != incoming.checksum)
            throw UploadError(UploadError::Reason::ChecksumMismatch, u"what was received has another checksum"_s);
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure && progress.checksum) { // of which nobody knows whether it is right
        progress.whole.reset();
        auto undoing = m_files.onDisk([part = progress.part, to = progress.kept] { part->truncate(to); });
        co_await std::move(undoing);
    }
    auto keeping = keep(id, progress);
    co_await std::move(keeping);
    if (failure)
        std::rethrow_exception(failure);
    upload.received = progress.kept;
    upload.expiresAt = expiry();
    if (upload.received < upload.length)
        co_return upload;
    auto finishing = finish(upload, progress);
    co_return co_await std::move(finishing);
}

/// The next piece, unless another request takes over.
QCoro::Task<QByteArray> Uploads::next(Active &active, Incoming &incoming)
{
    auto [finisher, result] = async::oneShot<QByteArray>();
    const auto first = std::make_shared<FirstOf>(std::move(finisher));
    active.waitsSince = m_files.clock().now();
    const std::stop_callback takenOver(active.takenOver.get_token(), [first] {
        first->fail(
            std::make_exception_ptr(Error(Error::Code::Conflict, u"another request goes on with this upload"_s)));
    });
    pass(incoming.next(), first);
    QByteArray piece = co_await std::move(result);
    active.waitsSince = TimePoint::max();
    co_return piece;
}

/// Piece by piece to the disk: while one is written, the next arrives, and no more than that.
QCoro::Task<> Uploads::take(Active &active, Progress &progress, Incoming &incoming)
{
    for (;;) {
        auto arriving = next(active, incoming);
        const QByteArray piece = co_await std::move(arriving);
        if (piece.isEmpty())
            co_return;
        if (piece.size() > active.upload.length - progress.part->size())
            throw Error(Error::Code::PayloadTooLarge, u"this is more than the upload's length"_s);
        auto writing
            = m_files.onDisk([piece, part = progress.part, whole = progress.whole, checksum = progress.checksum] {
                  part->append(piece);
                  if (whole)
                      whole->add(piece);
                  if (checksum)
                      checksum->add(piece);
              });
        co_await std::move(writing);
        active.received = progress.part->size();
        if (!progress.checksum && progress.part->size() - progress.kept >= KeptEvery) {
            auto keeping = keep(active.upload.id, progress);
            co_await std::move(keeping);
        }
    }
}

/// To the disk first, then to the table: what it says is there.
QCoro::Task<> Uploads::keep(QByteArray id, Progress &progress)
{
    const qint64 size = progress.part->size();
    if (size == progress.kept)
        co_return;
    auto syncing = m_files.onDisk([part = progress.part] { part->sync(); });
    co_await std::move(syncing);
    // Not in the request's context: its client may have left.
    auto noting = m_files.pool().write(
        {}, [id, size, until = expiry()](db::Connection &c) { store::setReceived(c, id, size, until); });
    co_await std::move(noting);
    progress.kept = size;
    if (progress.whole) {
        const std::lock_guard lock(m_mutex);
        m_hashed.insert(id, { .digest = progress.whole, .size = size });
    }
}

QCoro::Task<Upload> Uploads::finish(Upload upload, Progress &progress)
{
    if (!progress.whole) {
        auto hashing = hashAgain(progress.part);
        progress.whole = co_await std::move(hashing);
    }
    const QByteArray sha256 = progress.whole->result().toHex();
    auto publishing = m_files.onDisk([folder = m_files.folder(), upload, sha256, now = m_files.clock().timestamp()] {
        return publish(*folder, upload, sha256, now);
    });
    const File file = co_await std::move(publishing);
    auto noting = m_files.pool().write({}, [file, id = upload.id](db::Connection &c) {
        store::add(c, file);
        store::setFinished(c, id, file.name);
    });
    co_await std::move(noting);
    {
        const std::lock_guard lock(m_mutex);
        m_hashed.remove(upload.id);
    }
    qCInfo(uploadLog).noquote() << "received" << file.name << file.size << "bytes of" << file.owner.name;
    upload.finishedAs = file.name;
    co_return upload;
}

/// Of all that lies there, as this process has not seen it come. A job now and then, so that others come in between.
QCoro::Task<std::shared_ptr<Digest>> Uploads::hashAgain(std::shared_ptr<PartFile> part)
{
    const auto digest = std::make_shared<Digest>(Digest::Algorithm::Sha256); // shared with the thread that reads
    for (qint64 begin = 0; begin < part->size(); begin += HashedAtATime) {
        auto hashing = m_files.onDisk([part, digest, begin] {
            const qint64 end = std::min(begin + HashedAtATime, part->size());
            for (qint64 at = begin; at < end; at += HashBlock) {
                const QByteArray block = part->read(at, std::min(HashBlock, end - at));
                digest->add(block);
            }
        });
        co_await std::move(hashing);
    }
    co_return digest;
}

/// The hash of what has been received, if this process has seen all of it.
Uploads::Hashed Uploads::takeHashed(const Upload &upload)
{
    if (upload.received == 0)
        return { .digest = std::make_shared<Digest>(Digest::Algorithm::Sha256), .size = 0 };
    const std::lock_guard lock(m_mutex);
    Hashed hashed = m_hashed.take(upload.id);
    return hashed.size == upload.received ? hashed : Hashed();
}

QCoro::Task<> Uploads::remove(async::Context context, protocol::Principal caller, QByteArray id)
{
    Claim claim(*this, id);
    auto finding = find(context, std::move(caller), id);
    co_await std::move(finding);
    auto removing = m_files.onDisk([folder = m_files.folder(), id] { folder->removePart(id); });
    co_await std::move(removing);
    auto forgetting = m_files.pool().write({}, [id](db::Connection &c) { store::removeUpload(c, id); });
    co_await std::move(forgetting);
    const std::lock_guard lock(m_mutex);
    m_hashed.remove(id);
}

QCoro::Task<> Uploads::removeExpired()
{
    auto finding = m_files.pool().read(
        {}, [now = m_files.clock().timestamp()](db::Connection &c) { return store::expired(c, now); });
    const QList<QByteArray> ids = co_await std::move(finding);
    for (const QByteArray &id : ids) {
        try {
            Claim claim(*this, id);
            auto removing = m_files.onDisk([folder = m_files.folder(), id] { folder->removePart(id); });
            co_await std::move(removing);
            auto forgetting = m_files.pool().write({}, [id](db::Connection &c) { store::removeUpload(c, id); });
            co_await std::move(forgetting);
            const std::lock_guard lock(m_mutex);
            m_hashed.remove(id);
        } catch (const UploadError &) {
            continue; // it is being received at the moment
        }
    }
}

std::vector<Uploads::Receipt> Uploads::receipts() const
{
    std::vector<Receipt> receipts;
    const std::lock_guard lock(m_mutex);
    for (const auto &active : m_active) {
        if (!active->upload.id.isEmpty())
            receipts.push_back({ .upload = active->upload, .received = active->received, .since = active->since });
    }
    return receipts;
}

} // namespace godwit::files
