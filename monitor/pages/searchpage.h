// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/models/searchmodel.h"
#include "monitor/net/session.h"
#include "monitor/widgets/page.h"

#include <QTimer>

#include <stop_token>

class QComboBox;
class QLabel;
class QLineEdit;
class QListView;
class QPlainTextEdit;
class QStackedLayout;

namespace godwit::widgets {
class EmptyState;
}

namespace godwit::pages {

/// Finds as one types: ranked hits left, the chosen document right. A new letter gives up the former request.
class SearchPage : public widgets::Page
{
    Q_OBJECT

public:
    static constexpr std::chrono::milliseconds debounce{ 200 };
    static constexpr int hitLimit = 50;

    /// @p session must outlive it.
    explicit SearchPage(net::Session &session, QWidget *parent = nullptr);
    ~SearchPage() override;

    const models::SearchModel &model() const { return m_model; }
    QLineEdit *field() const { return m_field; }
    QWidget *firstFocus() override;

Q_SIGNALS:
    /// Hits, none, or an error are shown.
    void answered();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QWidget *makeHead();
    QWidget *makeResults();
    QWidget *makePreview();
    void connectParts();
    void searchNow();
    void actOnNothing();
    QCoro::Task<> search(QString text, QString kind, std::stop_token stop);
    QCoro::Task<> preview(qint64 id, std::stop_token stop);
    void choose(const QModelIndex &hit);
    void showDocument(const protocol::Document &document);
    void showHits(const client::Answer &answer, const QString &text);
    void showNoHits(const QString &text, const QString &suggestion);
    void showNothing(const QString &icon, const QString &title, const QString &text);

    net::Session &m_session;
    models::SearchModel m_model;
    QTimer m_debounce;
    std::stop_source m_searching, m_previewing;
    QString m_suggestion; // what would find something; empty: none
    QLineEdit *m_field = nullptr;
    QComboBox *m_kind = nullptr;
    QLabel *m_figures = nullptr;
    QListView *m_hits = nullptr;
    QStackedLayout *m_stack = nullptr;
    widgets::EmptyState *m_empty = nullptr;
    QWidget *m_preview = nullptr;
    QLabel *m_title = nullptr, *m_source = nullptr;
    QPlainTextEdit *m_body = nullptr;
};

} // namespace godwit::pages
