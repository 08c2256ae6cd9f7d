// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/search.h"

#include "shared/core/jsonreader.h"

using namespace Qt::StringLiterals;

namespace godwit::protocol {

QJsonObject SearchHit::toJson() const
{
    return {
        { u"id"_s, id },           { u"kind"_s, kind },           { u"title"_s, title },
        { u"snippet"_s, snippet }, { u"relevance"_s, relevance },
    };
}

Result<SearchHit> SearchHit::fromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    SearchHit hit{
        .id = reader.integer("id"_L1),
        .kind = reader.string("kind"_L1),
        .title = reader.string("title"_L1),
        .snippet = reader.string("snippet"_L1),
        .relevance = reader.number("relevance"_L1),
    };
    return reader.finish(std::move(hit));
}

QJsonObject Document::toJson() const
{
    return { { u"id"_s, id }, { u"title"_s, title }, { u"body"_s, body }, { u"source"_s, source } };
}

Result<Document> Document::fromJson(const QJsonObject &json)
{
    JsonReader reader(json);
    Document document{
        .id = reader.integer("id"_L1),
        .title = reader.string("title"_L1),
        .body = reader.string("body"_L1),
        .source = reader.string("source"_L1, QString()),
    };
    return reader.finish(std::move(document));
}

} // namespace godwit::protocol
