// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/files/deposit.h"

#include "server/files/filename.h"
#include "server/files/uploaderror.h"
#include "server/http/mediatypes.h"

#include <QLoggingCategory>

using namespace Qt::StringLiterals;

namespace godwit::files {

Q_LOGGING_CATEGORY(depositLog, "godwit.files")

namespace {

/// Of what is written between two looks at the quota.
constexpr qint64 CheckedEvery = 16 * 1024 * 1024;
constexpr int MostNames = 1000;
constexpr QByteArrayView IdPrefix = "deposit-"; // secret ids are hexadecimal digits

QByteArray idOf(const QByteArray &key)
{
    return IdPrefix + key;
}

template<class T>
T outcomeOf(async::OneShot<T> result)
{
    return std::move(result).future().result();
}

Error taken(const QString &name)
{
    return { Error::Code::Conflict, u"there is a file \"%1\" already"_s.arg(name) };
}

} // namespace

bool Deposit::isOne(QByteArrayView uploadId)
{
    return uploadId.startsWith(IdPrefix);
}

std::optional<Deposit::Done> Deposit::find(Service &files, const QByteArray &key)
{
    return outcomeOf(files.pool().read({}, [id = idOf(key)](db::Connection &c) -> std::optional<Done> {
        const auto upload = store::findUpload(c, id);
        if (!upload || !upload->isFinished() || !store::find(c, upload->finishedAs))
            return {};
        return Done{ .name = upload->finishedAs, .size = upload->length, .note = upload->metadata };
    }));
}

Deposit::Deposit(Service &files, Wanted wanted)
    : m_files(files),
      m_wanted(std::move(wanted)),
      m_id(idOf(m_wanted.key)),
      m_name(orThrow(fileName(m_wanted.name)))
{
    const bool isTaken = outcomeOf(m_files.pool().write({}, [id = m_id, name = m_name](db::Connection &c) {
        store::removeUpload(c, id); // of one before
        return store::find(c, name).has_value();
    }));
    if (isTaken && m_wanted.ifTaken == IfTaken::Refuse)
        throw taken(m_name);
    m_part = m_files.folder()->openPart(m_id, 0);
}

Deposit::~Deposit()
{
    m_files.addDeposited(-m_checked);
    if (m_isFinished)
        return;
    try {
        forget();
        m_files.folder()->removePart(m_id);
    } catch (const Error &error) {
        qCWarning(depositLog, "what was left of %s is removed at the next start: %s", qUtf8Printable(m_name),
                  error.what());
    }
}

void Deposit::append(QByteArrayView bytes)
{
    const qint64 most = m_files.options().maxSize;
    if (most > 0 && bytes.size() > most - size())
        throw Error(Error::Code::PayloadTooLarge, u"a file may have %1 bytes at most"_s.arg(most));
    m_part->append(bytes);
    m_digest.add(bytes);
    if (size() - m_checked >= CheckedEvery)
        checkRoom();
}

/// Beside all files, and what others are writing at this moment.
void Deposit::checkRoom()
{
    m_files.addDeposited(size() - m_checked);
    m_checked = size();
    const qint64 quota = m_files.options().quota;
    if (quota <= 0)
        return;
    const qint64 used = outcomeOf(m_files.pool().read({}, [](db::Connection &c) { return store::bytesInUse(c); }));
    if (used + m_files.deposited() > quota)
        throw UploadError(UploadError::Reason::NoSpace, u"the quota of all files leaves no room for it"_s);
}

/// As an upload that has come whole and is no file yet: what a start finishes, should this process end before it has.
void Deposit::note(const QByteArray &note)
{
    const Timestamp now = m_files.clock().timestamp();
    Upload upload{ .id = m_id,
                   .name = m_name,
                   .length = size(),
                   .metadata = note,
                   .owner = m_wanted.owner,
                   .createdAt = now,
                   .expiresAt = now + m_files.options().uploadLifetime };
    outcomeOf(m_files.pool().write({}, [upload = std::move(upload)](db::Connection &c) {
        store::removeUpload(c, upload.id); // under the name before
        store::addUpload(c, upload);
        store::setReceived(c, upload.id, upload.length, upload.expiresAt);
        return true;
    }));
    m_isNoted = true;
}

void Deposit::forget()
{
    if (!std::exchange(m_isNoted, false))
        return;
    outcomeOf(m_files.pool().write({}, [id = m_id](db::Connection &c) {
        store::removeUpload(c, id);
        return true;
    }));
}

File Deposit::finish(const QByteArray &noted)
{
    checkRoom();
    m_part->sync();
    note(noted);
    for (int number = 2; !m_files.folder()->publish(m_id, m_name); ++number) {
        if (m_wanted.ifTaken == IfTaken::Refuse || number > MostNames)
            throw taken(m_name);
        m_name = numbered(m_wanted.name, number);
        note(noted); // the name is known before it is there
    }
    m_isFinished = true; // whatever comes: it is there
    const File file{ .name = m_name,
                     .size = size(),
                     .type = QString::fromLatin1(http::mediaTypeOf(m_name).type),
                     .sha256 = m_digest.result().toHex(),
                     .owner = m_wanted.owner,
                     .createdAt = m_files.clock().timestamp() };
    return outcomeOf(m_files.pool().write({}, [file, id = m_id](db::Connection &c) {
        store::setFinished(c, id, file.name);
        return store::add(c, file);
    }));
}

} // namespace godwit::files
