// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/core/ids.h"

#include <QRandomGenerator>

#include <algorithm>

namespace godwit {

static void writeHex(quint64 value, char *out)
{
    for (int i = 15; i >= 0; --i, value >>= 4)
        out[i] = "0123456789abcdef"[value & 15];
}

QByteArray makeRequestId()
{
    // splitmix64 over a random start: one addition and three multiplications an id, every value once a period.
    static thread_local quint64 state = QRandomGenerator::system()->generate64();
    quint64 z = (state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    QByteArray id(16, Qt::Uninitialized);
    writeHex(z ^ (z >> 31), id.data());
    return id;
}

bool isRequestId(QByteArrayView text)
{
    constexpr qsizetype longest = 128;
    const auto isAllowed = [](char c) {
        const char lower = char(c | 0x20);
        return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    };
    return !text.isEmpty() && text.size() <= longest && std::all_of(text.begin(), text.end(), isAllowed);
}

QByteArray makeSecretId()
{
    quint64 random[2];
    QRandomGenerator::system()->fillRange(random); // generate() would fill half of each
    QByteArray id(32, Qt::Uninitialized);
    writeHex(random[0], id.data());
    writeHex(random[1], id.data() + 16);
    return id;
}

} // namespace godwit
