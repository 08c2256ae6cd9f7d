// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/config/tomlfile.h"

#include <toml++/toml.h>

#include <algorithm>
#include <string_view>

using namespace Qt::StringLiterals;

namespace godwit::config {

namespace {

QString toQString(std::string_view text)
{
    return QString::fromUtf8(text.data(), qsizetype(text.size()));
}

void setValue(TomlEntry &entry, const toml::node &node)
{
    if (const auto *text = node.as_string()) {
        entry.type = TomlEntry::Type::Text;
        entry.values = { toQString(text->get()) };
    } else if (const auto *integer = node.as_integer()) {
        entry.type = TomlEntry::Type::Integer;
        entry.values = { QString::number(integer->get()) };
    } else if (const auto *boolean = node.as_boolean()) {
        entry.type = TomlEntry::Type::Boolean;
        entry.values = { boolean->get() ? u"true"_s : u"false"_s };
    } else if (const auto *array = node.as_array()) {
        const bool areTexts
            = std::all_of(array->begin(), array->end(), [](const toml::node &element) { return element.is_string(); });
        entry.type = areTexts ? TomlEntry::Type::Texts : TomlEntry::Type::Other;
        for (const toml::node &element : *array) {
            if (areTexts)
                entry.values.append(toQString(element.as_string()->get()));
        }
    }
}

void collect(const toml::table &table, const QString &section, std::vector<TomlEntry> &entries)
{
    for (const auto &[key, node] : table) {
        const QString name = toQString(key.str());
        if (const auto *inner = node.as_table()) {
            collect(*inner, section.isEmpty() ? name : QString(section + u'.' + name), entries);
            continue;
        }
        TomlEntry entry{
            .section = section, .name = name, .line = int(key.source().begin.line), .type = {}, .values = {}
        };
        entry.type = TomlEntry::Type::Other;
        setValue(entry, node);
        entries.push_back(std::move(entry));
    }
}

} // namespace

Result<std::vector<TomlEntry>> readToml(const QByteArray &document, const QString &fileName)
{
    try {
        const toml::table table = toml::parse(std::string_view(document.constData(), size_t(document.size())));
        std::vector<TomlEntry> entries;
        collect(table, {}, entries);
        std::sort(entries.begin(), entries.end(),
                  [](const TomlEntry &a, const TomlEntry &b) { return a.line < b.line; });
        return entries;
    } catch (const toml::parse_error &error) {
        return failure(Error::Code::InvalidArgument,
                       u"%1:%2: %3"_s.arg(fileName).arg(error.source().begin.line).arg(toQString(error.description())));
    }
}

} // namespace godwit::config
