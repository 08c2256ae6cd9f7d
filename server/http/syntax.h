// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArrayView>

#include <array>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/// The few rules of RFC 3986, 9110 and 9112 that several readers of bytes share.
namespace godwit::http::syntax {

using CharacterSet = std::array<bool, 256>;

constexpr CharacterSet charactersOf(const char *extra)
{
    CharacterSet set{};
    for (size_t c = 0; c < set.size(); ++c)
        set[c] = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    for (; *extra; ++extra)
        set[size_t(static_cast<unsigned char>(*extra))] = true;
    return set;
}

/// RFC 9110, 5.6.2: what methods and names of fields are made of.
inline bool isTokenCharacter(char c)
{
    static constexpr CharacterSet set = charactersOf("!#$%&'*+-.^_`|~");
    return set[static_cast<unsigned char>(c)];
}

inline char toLower(char c)
{
    return c >= 'A' && c <= 'Z' ? char(c | 0x20) : c;
}

/// What @p c stands for, -1 if it is none.
inline int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const char lower = toLower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// @p lower must be in lower case.
inline bool equalsLower(QByteArrayView text, QByteArrayView lower)
{
    if (text.size() != lower.size())
        return false;
    for (qsizetype i = 0; i < text.size(); ++i) {
        if (toLower(text[i]) != lower[i])
            return false;
    }
    return true;
}

inline bool equalsIgnoringCase(QByteArrayView a, QByteArrayView b)
{
    if (a.size() != b.size())
        return false;
    for (qsizetype i = 0; i < a.size(); ++i) {
        if (toLower(a[i]) != toLower(b[i]))
            return false;
    }
    return true;
}

inline bool isBlank(char c)
{
    return c == ' ' || c == '\t';
}

inline QByteArrayView trimmed(QByteArrayView text)
{
    while (!text.isEmpty() && isBlank(text.front()))
        text = text.sliced(1);
    while (!text.isEmpty() && isBlank(text.back()))
        text.chop(1);
    return text;
}

/// Calls @p visit with each element of a comma-separated list (RFC 9110, 5.6.1), until it returns false.
template<class Visit>
void forEachElement(QByteArrayView list, Visit visit)
{
    while (!list.isEmpty()) {
        const qsizetype comma = list.indexOf(',');
        const QByteArrayView element = trimmed(comma < 0 ? list : list.first(comma));
        if (!element.isEmpty() && !visit(element))
            return;
        list = comma < 0 ? QByteArrayView() : list.sliced(comma + 1);
    }
}

/// The first control character (below 0x20, or 0x7f) in [p, end), or end.
inline const char *firstControl(const char *p, const char *end)
{
#ifdef __SSE2__
    for (; end - p >= 16; p += 16) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i *>(p));
        const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
        const __m128i found = _mm_or_si128(low, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f)));
        if (const int mask = _mm_movemask_epi8(found))
            return p + __builtin_ctz(unsigned(mask));
    }
#endif
    while (p < end && static_cast<unsigned char>(*p) >= 0x20 && *p != 0x7f)
        ++p;
    return p;
}

/// `host [":" port]` as RFC 3986, 3.2 has it, without user information. Empty is allowed where @p mayBeEmpty.
bool isAuthority(QByteArrayView text, bool mayBeEmpty);

} // namespace godwit::http::syntax
