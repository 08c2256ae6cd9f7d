// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/files/uploadlimits.h"

#include "server/files/uploaderror.h"

using namespace Qt::StringLiterals;

namespace godwit::files {

void checkLimits(db::Connection &connection, const Upload &upload, const Options &options, qint64 besides)
{
    if (store::find(connection, upload.name))
        throw Error(Error::Code::Conflict, u"there is a file \"%1\" already"_s.arg(upload.name));
    if (const int begun = store::unfinishedOf(connection, upload.owner); begun >= options.uploadsPerUser)
        throw Error(Error::Code::ResourceExhausted, u"too many uploads are begun and not ended"_s)
            .withDecider({ .kind = Decider::Kind::Bulkhead,
                           .name = u"uploads of a user"_s,
                           .limit = double(options.uploadsPerUser),
                           .used = double(begun),
                           .retryAfter = std::chrono::minutes(1) });
    const qint64 announced = store::announcedOf(connection, upload.owner), most = options.mostAnnounced();
    if (most > 0 && upload.length > most)
        throw UploadError(UploadError::Reason::NoSpace, u"an upload may announce %1 bytes at most"_s.arg(most));
    if (most > 0 && announced > most - upload.length)
        throw Error(
            Error::Code::ResourceExhausted,
            u"the uploads of a user may announce %1 bytes that have not been sent yet, and not %2 more than %3"_s
                .arg(most)
                .arg(upload.length)
                .arg(announced))
            .withDecider({ .kind = Decider::Kind::Bulkhead,
                           .name = u"announced bytes of a user"_s,
                           .limit = double(most),
                           .used = double(announced),
                           .retryAfter = std::chrono::minutes(1) });
    if (options.quota > 0 && store::bytesInUse(connection) + besides > options.quota - upload.length)
        throw UploadError(UploadError::Reason::NoSpace, u"the quota of all files leaves no room for it"_s);
}

} // namespace godwit::files
