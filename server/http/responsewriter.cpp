// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/responsewriter.h"

#include "server/http/httpdate.h"
#include "server/http/outputqueue.h"
#include "server/http/pen.h"
#include "server/http/syntax.h"

#include <charconv>
#include <cstring>
#include <ctime>

using namespace Qt::StringLiterals;

namespace godwit::http {

namespace {

/// What this file decides on its own.
bool isFramingField(QByteArrayView name)
{
    switch (name.size()) {
    case 4:
        return syntax::equalsLower(name, "date");
    case 10:
        return syntax::equalsLower(name, "connection");
    case 14:
        return syntax::equalsLower(name, "content-length");
    case 17:
        return syntax::equalsLower(name, "transfer-encoding");
    default:
        return false;
    }
}

bool mayHaveContent(Status status)
{
    return int(status) >= 200 && status != Status::NoContent && status != Status::NotModified;
}

/// What a status line and a Date cost at most, and what Content-Length and Connection do.
constexpr qsizetype FixedRoom = 64 + 48 + 48 + 32;

qsizetype roomFor(const Response &response)
{
    qsizetype room = FixedRoom + response.contentType().size() + 20;
    for (const Header &header : response.headers())
        room += header.name.size() + header.value.size() + 4;
    return room;
}

ContentForm formOf(const Response &response, const Framing &framing)
{
    if (!response.body() || framing.headOnly || !mayHaveContent(response.status()))
        return ContentForm::Complete;
    if (response.body()->size() >= 0)
        return ContentForm::Sized;
    return framing.minorVersion == 0 ? ContentForm::UntilClose : ContentForm::Chunked;
}

} // namespace

QByteArrayView dateField()
{
    static thread_local std::time_t second = -1;
    static thread_local QByteArray field;
    const std::time_t now = std::time(nullptr);
    if (now != second) {
        second = now;
        field = "Date: " + toHttpDate(Timestamp(std::chrono::seconds(now))) + "\r\n";
    }
    return field;
}

ContentForm writeResponse(OutputQueue &output, const Response &response, const Framing &framing)
{
    const ContentForm form = formOf(response, framing);
    const QByteArray &content = response.content();
    const bool hasContent = mayHaveContent(response.status());
    const bool writesContent = hasContent && !framing.headOnly && !response.body();
    const bool isLarge = writesContent && content.size() >= OutputQueue::LargeContent;
    QByteArray &out = output.buffer();
    const qsizetype begin = out.size();
    out.resize(begin + roomFor(response) + (writesContent && !isLarge ? content.size() : 0));
    Pen pen(out.data() + begin);
    pen << "HTTP/1.1 " << qint64(response.status()) << " " << reasonPhrase(response.status()) << "\r\n" << dateField();
    if (hasContent && !response.contentType().isEmpty())
        pen << "Content-Type: " << response.contentType() << "\r\n";
    for (const Header &header : response.headers()) {
        if (!isFramingField(header.name))
            pen << header.name << ": " << header.value << "\r\n";
    }
    const qint64 size = response.body() ? response.body()->size() : content.size();
    if (form == ContentForm::Chunked)
        pen << "Transfer-Encoding: chunked\r\n";
    else if (hasContent && size >= 0)
        pen << "Content-Length: " << size << "\r\n";
    const bool closes = framing.closes || form == ContentForm::UntilClose;
    // 426 comes with Upgrade, which is for this connection only: RFC 9110, 7.8
    if (response.status() == Status::UpgradeRequired)
        pen << (closes ? "Connection: close, upgrade\r\n" : "Connection: upgrade\r\n");
    else if (closes)
        pen << "Connection: close\r\n";
    else if (framing.wantsKeepAlive)
        pen << "Connection: keep-alive\r\n";
    pen << "\r\n";
    if (writesContent && !isLarge)
        pen << content;
    out.truncate(pen.at() - out.constData());
    if (isLarge)
        output.setContent(content);
    return form;
}

void detail::closeChunk(QByteArray &out, qsizetype begin)
{
    const qsizetype size = out.size() - begin - ChunkHeadRoom;
    if (size == 0) {
        out.truncate(begin);
        return;
    }
    char head[20];
    char *end = std::to_chars(head, head + 16, size, 16).ptr;
    *end++ = '\r';
    *end++ = '\n';
    const qsizetype used = end - head;
    if (used > ChunkHeadRoom) { // a rare giant
        out.replace(begin, ChunkHeadRoom, head, used);
    } else {
        char *const to = out.data() + begin;
        memcpy(to, head, size_t(used));
        if (used < ChunkHeadRoom) { // an event or a last piece: little moves
            memmove(to + used, to + ChunkHeadRoom, size_t(size));
            out.truncate(begin + used + size);
        }
    }
    out.append("\r\n", 2);
}

void endChunks(QByteArray &out)
{
    out.append("0\r\n\r\n", 5);
}

} // namespace godwit::http
