// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/traceparent.h"

#include <QRandomGenerator>

#include <algorithm>

namespace godwit::async {

namespace {

/// Hexadecimal digits in lower case, which is all that the standard allows.
bool readHex(QByteArrayView text, quint64 &value)
{
    value = 0;
    for (const char c : text) {
        if (c >= '0' && c <= '9')
            value = value << 4 | quint64(c - '0');
        else if (c >= 'a' && c <= 'f')
            value = value << 4 | quint64(c - 'a' + 10);
        else
            return false;
    }
    return true;
}

void writeHex(quint64 value, int digits, char *out)
{
    for (int i = digits - 1; i >= 0; --i, value >>= 4)
        out[i] = "0123456789abcdef"[value & 15];
}

/// splitmix64, as in core/ids.cpp.
quint64 nextRandom()
{
    static thread_local quint64 state = QRandomGenerator::system()->generate64();
    quint64 z = (state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

} // namespace

std::optional<std::array<quint64, 2>> TraceParent::parseTraceId(QByteArrayView text)
{
    std::array<quint64, 2> id{};
    if (text.size() != 32 || !readHex(text.first(16), id[0]) || !readHex(text.last(16), id[1]) || (!id[0] && !id[1]))
        return {};
    return id;
}

std::optional<TraceParent> TraceParent::parse(QByteArrayView text)
{
    constexpr qsizetype size = 55;
    if (text.size() < size || text[2] != '-' || text[35] != '-' || text[52] != '-')
        return {};
    quint64 version = 0, flags = 0;
    TraceParent parent;
    if (!readHex(text.first(2), version) || version == 0xff)
        return {};
    if (version == 0 ? text.size() != size : text.size() > size && text[size] != '-')
        return {};
    const auto id = parseTraceId(text.sliced(3, 32));
    if (!id || !readHex(text.sliced(36, 16), parent.spanId) || parent.spanId == 0
        || !readHex(text.sliced(53, 2), flags))
        return {};
    parent.traceId = *id;
    parent.flags = quint8(flags & 1); // of the others, level 1 says nothing
    return parent;
}

QByteArray TraceParent::toHeader() const
{
    QByteArray text("00-00000000000000000000000000000000-0000000000000000-00");
    writeHex(traceId[0], 16, text.data() + 3);
    writeHex(traceId[1], 16, text.data() + 19);
    writeHex(spanId, 16, text.data() + 36);
    writeHex(flags, 2, text.data() + 53);
    return text;
}

QByteArray TraceParent::traceIdText() const
{
    QByteArray text(32, Qt::Uninitialized);
    writeHex(traceId[0], 16, text.data());
    writeHex(traceId[1], 16, text.data() + 16);
    return text;
}

QByteArray TraceParent::spanIdText(quint64 id)
{
    QByteArray text(16, Qt::Uninitialized);
    writeHex(id, 16, text.data());
    return text;
}

TraceParent TraceParent::random()
{
    return { .traceId = { nextRandom() | 1, nextRandom() }, .spanId = randomSpanId() };
}

quint64 TraceParent::randomSpanId()
{
    return nextRandom() | 1; // not zero
}

QByteArray validTraceState(QByteArrayView text)
{
    constexpr qsizetype mostCharacters = 512, mostMembers = 32;
    const auto isPrintable = [](char c) { return c >= 0x20 && c <= 0x7e; };
    if (text.isEmpty() || text.size() > mostCharacters || !std::all_of(text.begin(), text.end(), isPrintable))
        return {};
    qsizetype members = 0;
    for (const QByteArray &part : text.toByteArray().split(',')) {
        const QByteArray member = part.trimmed();
        if (member.isEmpty())
            continue; // allowed
        const qsizetype equals = member.indexOf('=');
        const auto isOfKey = [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '*' || c == '/'
                || c == '@';
        };
        const bool isKey = equals > 0 && equals <= 256 && std::all_of(member.begin(), member.begin() + equals, isOfKey);
        if (!isKey || member.indexOf('=', equals + 1) >= 0 || equals + 1 == member.size() || ++members > mostMembers)
            return {};
    }
    return members > 0 ? text.toByteArray() : QByteArray();
}

} // namespace godwit::async
