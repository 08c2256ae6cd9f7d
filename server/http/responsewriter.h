// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/response.h"

namespace godwit::http {

class OutputQueue;

/// The circumstances of a request that decide how its answer is framed.
struct Framing
{
    int minorVersion = 1;
    bool headOnly = false; ///< HEAD
    bool closes = false; ///< the connection ends after this
    bool wantsKeepAlive = false; ///< HTTP/1.0 has to be told
};

/// How the content of an answer goes over the wire.
enum class ContentForm : quint8 {
    Complete, ///< has been written, or there is none
    Sized, ///< a Body that says its size
    Chunked,
    UntilClose, ///< HTTP/1.0: the end of the connection ends it
};

/// Appends the head of @p response and, unless it has a Body, its content to @p output. Content-Length, Date and
/// Connection are decided here: what the response says of them, or of Transfer-Encoding, is left out.
ContentForm writeResponse(OutputQueue &output, const Response &response, const Framing &framing);

/// `Date: Sun, 22 Nov 2026 17:00:00 GMT\r\n`, made once a second a thread.
QByteArrayView dateField();

namespace detail {
/// Five digits and CRLF: what a full piece of a stream needs, so that nothing moves afterwards.
constexpr qsizetype ChunkHeadRoom = 7;
void closeChunk(QByteArray &out, qsizetype begin);
} // namespace detail

/// Appends one chunk with what @p fill appends to the buffer that it is given. Nothing where that is nothing.
template<class Fill>
auto writeChunk(QByteArray &out, Fill fill)
{
    const qsizetype begin = out.size();
    out.resize(begin + detail::ChunkHeadRoom);
    const auto result = fill(out);
    detail::closeChunk(out, begin);
    return result;
}
/// The last chunk.
void endChunks(QByteArray &out);

} // namespace godwit::http
