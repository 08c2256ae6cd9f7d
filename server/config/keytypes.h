// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/config/keys.h"
#include "server/config/units.h"

#include <algorithm>
#include <utility>

/// How a key of each type is read and written; only for the tables of keys.
namespace godwit::config {

using namespace Qt::StringLiterals;

/// As TOML has them.
QString quoted(const QString &text);
QString quotedList(const QStringList &texts);

/// What a key is named and says; the functions below add how its value is read.
struct About
{
    QLatin1StringView section, name, help;
};

// Each takes a function from Config & to the member, which serves for reading and for writing.
template<class Member>
auto constMember(Member member)
{
    return [member](const Config &config) { return member(const_cast<Config &>(config)); };
}

template<class Member>
Key text(About about, QString expected, Member member)
{
    return { about.section,
             about.name,
             about.help,
             Key::Type::Text,
             std::move(expected),
             [member](Config &config, const QStringList &values) {
                 member(config) = values.first();
                 return true;
             },
             [get = constMember(member)](const Config &config) { return quoted(get(config)); } };
}

template<class Member>
Key boolean(About about, Member member)
{
    return { about.section,
             about.name,
             about.help,
             Key::Type::Boolean,
             u"true or false"_s,
             [member](Config &config, const QStringList &values) {
                 const QString value = values.first().toLower();
                 const bool isTrue = value == "true"_L1 || value == "1"_L1 || value == "on"_L1 || value == "yes"_L1;
                 const bool isFalse = value == "false"_L1 || value == "0"_L1 || value == "off"_L1 || value == "no"_L1;
                 member(config) = isTrue;
                 return isTrue || isFalse;
             },
             [get = constMember(member)](const Config &config) { return get(config) ? u"true"_s : u"false"_s; } };
}

template<class Member>
Key integer(About about, qint64 least, qint64 most, Member member)
{
    return { about.section,
             about.name,
             about.help,
             Key::Type::Integer,
             u"a whole number from %1 to %2"_s.arg(least).arg(most),
             [member, least, most](Config &config, const QStringList &values) {
                 bool ok = false;
                 const qint64 value = values.first().toLongLong(&ok);
                 if (!ok || value < least || value > most)
                     return false;
                 member(config) = std::remove_cvref_t<decltype(member(config))>(value);
                 return true;
             },
             [get = constMember(member)](const Config &config) { return QString::number(get(config)); } };
}

template<class Member>
Key duration(About about, std::chrono::milliseconds least, std::chrono::milliseconds most, Member member)
{
    return { about.section,
             about.name,
             about.help,
             Key::Type::Duration,
             u"a duration from %1 to %2 such as \"30s\", \"250ms\" or \"5m\""_s.arg(toText(least), toText(most)),
             [member, least, most](Config &config, const QStringList &values) {
                 const auto value = durationFrom(values.first());
                 if (!value || *value < least || *value > most)
                     return false;
                 member(config) = *value;
                 return true;
             },
             [get = constMember(member)](const Config &config) { return quoted(toText(get(config))); } };
}

template<class Member>
Key size(About about, qint64 least, qint64 most, Member member)
{
    return { about.section,
             about.name,
             about.help,
             Key::Type::Size,
             u"a size from %1 to %2 such as \"64KiB\" or \"8MiB\""_s.arg(sizeToText(least), sizeToText(most)),
             [member, least, most](Config &config, const QStringList &values) {
                 const auto value = sizeFrom(values.first());
                 if (!value || *value < least || *value > most)
                     return false;
                 member(config) = std::remove_cvref_t<decltype(member(config))>(*value);
                 return true;
             },
             [get = constMember(member)](const Config &config) { return quoted(sizeToText(get(config))); } };
}

template<class Member, class IsValid>
Key texts(About about, QString expected, Member member, IsValid isValid)
{
    return { about.section,
             about.name,
             about.help,
             Key::Type::Texts,
             std::move(expected),
             [member, isValid](Config &config, const QStringList &values) {
                 member(config) = values;
                 return std::all_of(values.begin(), values.end(), isValid);
             },
             [get = constMember(member)](const Config &config) { return quotedList(get(config)); } };
}

/// One of a few words; the enumerators are in the words' order.
template<class Member>
Key choice(About about, QStringList words, Member member)
{
    return { about.section,
             about.name,
             about.help,
             Key::Type::Text,
             u"one of "_s + words.join(u", "_s),
             [member, words](Config &config, const QStringList &values) {
                 const qsizetype index = words.indexOf(values.first());
                 if (index >= 0)
                     member(config) = std::remove_cvref_t<decltype(member(config))>(index);
                 return index >= 0;
             },
             [get = constMember(member), words](const Config &config) { return quoted(words[int(get(config))]); } };
}

inline constexpr qint64 KiB = 1024, MiB = 1024 * KiB, GiB = 1024 * MiB;

// The tables. Each adds some sections.
void addServerKeys(std::vector<Key> &keys);
void addLimitKeys(std::vector<Key> &keys);
void addResourceKeys(std::vector<Key> &keys);
void addFaultKeys(std::vector<Key> &keys);
void addOutboundKeys(std::vector<Key> &keys);
void addSensorKeys(std::vector<Key> &keys);

} // namespace godwit::config
