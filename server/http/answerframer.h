// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/http/responsewriter.h"

namespace godwit::http {

/// Finds the end of a chunked content in bytes that come in pieces of any size.
class ChunkFollower
{
public:
    /// Takes bytes up to the end of the content; returns how many. Data, without its framing, is appended to @p data
    /// unless that is null.
    qsizetype take(QByteArrayView bytes, QByteArray *data);
    bool isComplete() const { return m_state == State::Complete; }

private:
    enum class State : quint8 { Size, RestOfLine, Data, DataEnd, Trailer, Complete };
    State m_state = State::Size;
    qint64 m_missing = 0;
    qsizetype m_lineSize = 0;
};

/// Frames the answers that a QHttpServer writes, which knows nothing of HEAD, of 204 and 304, of `Connection` or of
/// HTTP/1.0: puts right their heads, and knows where they end.
class AnswerFramer
{
public:
    enum class State : quint8 { Head, Content, Complete };

    void begin(const Framing &framing);
    /// Takes the next bytes of the answer; what is to be sent is appended to @p out. Bytes behind its end are dropped.
    State take(QByteArrayView bytes, QByteArray &out);
    bool isComplete() const { return m_state == State::Complete; }
    /// Whether the answer says that it is the connection's last.
    bool closes() const { return m_closes; }
    /// Whether the answer says neither its length nor that it is chunked: only close() ends it.
    bool endsWithConnection() const { return m_state == State::Content && m_form == ContentForm::UntilClose; }

private:
    void finishHead(QByteArray &out);
    void takeField(QByteArrayView line, QByteArray &fields);
    void takeContent(QByteArrayView bytes, QByteArray &out);

    Framing m_framing;
    QByteArray m_head;
    ChunkFollower m_chunks;
    qint64 m_missing = -1; // of a Sized content; -1: no length said
    ContentForm m_form = ContentForm::UntilClose;
    State m_state = State::Head;
    bool m_closes = false, m_isChunked = false, m_hasDate = false;
};

} // namespace godwit::http
