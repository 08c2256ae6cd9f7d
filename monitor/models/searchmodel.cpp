// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/models/searchmodel.h"

namespace godwit::models {

void SearchModel::setHits(const QList<protocol::SearchHit> &hits)
{
    beginResetModel();
    m_rows.clear();
    m_rows.reserve(hits.size());
    for (const protocol::SearchHit &hit : hits)
        m_rows.append({ hit, parseMarked(hit.snippet) });
    endResetModel();
}

int SearchModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant SearchModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const Row &row = m_rows.at(index.row());
    switch (role) {
    case Qt::DisplayRole:
    case TitleRole:
        return row.hit.title;
    case Qt::AccessibleDescriptionRole:
        return row.snippet.text;
    case IdRole:
        return row.hit.id;
    case KindRole:
        return row.hit.kind;
    case SnippetRole:
        return QVariant::fromValue(row.snippet);
    case RelevanceRole:
        return row.hit.relevance;
    default:
        return {};
    }
}

} // namespace godwit::models
