// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/models/markedtext.h"
#include "shared/protocol/search.h"

#include <QAbstractListModel>
#include <QList>

namespace godwit::models {

/// The answer to one search, best hit first as the server ranked it.
class SearchModel : public QAbstractListModel
{
    Q_OBJECT

public:
    enum Role {
        IdRole = Qt::UserRole, ///< qint64
        KindRole,
        TitleRole,
        SnippetRole, ///< MarkedText: plain text, never HTML
        RelevanceRole, ///< double in (0, 1]
    };

    explicit SearchModel(QObject *parent = nullptr) : QAbstractListModel(parent) { }

    void setHits(const QList<protocol::SearchHit> &hits);
    void clear() { setHits({}); }

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;

private:
    struct Row
    {
        protocol::SearchHit hit;
        MarkedText snippet; // read once, painted often
    };

    QList<Row> m_rows;
};

} // namespace godwit::models

Q_DECLARE_METATYPE(godwit::models::MarkedText)
