// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/pages/searchpage.h"

#include "monitor/pages/searchdelegate.h"
#include "monitor/widgets/emptystate.h"
#include "monitor/widgets/icons.h"
#include "monitor/widgets/theme.h"
#include "shared/protocol/routes.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QCoreApplication>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPlainTextEdit>
#include <QPointer>
#include <QShortcut>
#include <QSplitter>
#include <QStackedLayout>
#include <QTextOption>

namespace godwit::pages {

using namespace Qt::StringLiterals;
using models::SearchModel;
using protocol::Document;
using protocol::SearchHit;
using widgets::textFont;
using widgets::Tokens;
using widgets::Type;
namespace space = widgets::space;

static QString pathOf(const char *route)
{
    return QString::fromLatin1(route);
}

SearchPage::SearchPage(net::Session &session, QWidget *parent)
    : Page(tr("Search"), u"search"_s, parent),
      m_session(session)
{
    setSubtitle(tr("Full text over documents, messages, files, tasks and users"));
    m_debounce.setSingleShot(true);
    m_debounce.setInterval(debounce);
    auto *split = new QSplitter;
    split->setChildrenCollapsible(false);
    split->setHandleWidth(space::m);
    split->setStyleSheet(u"QSplitter::handle { background: transparent; }"_s);
    split->addWidget(makeResults());
    split->addWidget(makePreview());
    split->setStretchFactor(0, 3);
    split->setStretchFactor(1, 2);
    content()->addWidget(makeHead());
    content()->addWidget(split, 1);
    connectParts();
    searchNow();
}

SearchPage::~SearchPage()
{
    m_searching.request_stop();
    m_previewing.request_stop();
}

QWidget *SearchPage::makeHead()
{
    m_field = new QLineEdit;
    m_field->setObjectName(u"searchField"_s);
    m_field->setAccessibleName(tr("Search"));
    m_field->setPlaceholderText(tr("What are you looking for? (Ctrl+F)"));
    m_field->setClearButtonEnabled(true);
    m_field->addAction(widgets::lineIcon(u"search"_s, Tokens::of(*this).mutedText), QLineEdit::LeadingPosition);
    m_field->installEventFilter(this);
    m_kind = new QComboBox;
    m_kind->setObjectName(u"kind"_s);
    m_kind->setAccessibleName(tr("Kind"));
    m_kind->setToolTip(tr("Only hits of this kind"));
    m_kind->addItem(tr("All kinds"), QString());
    m_kind->addItem(tr("Documents"), u"document"_s);
    m_kind->addItem(tr("Messages"), u"message"_s);
    m_kind->addItem(tr("Files"), u"file"_s);
    m_kind->addItem(tr("Tasks"), u"task"_s);
    m_kind->addItem(tr("Users"), u"user"_s);
    m_figures = new QLabel;
    m_figures->setObjectName(u"figures"_s);
    m_figures->setProperty("role", u"muted"_s);
    m_figures->setFont(textFont(Type::Caption));

    auto *head = new QWidget;
    auto *layout = new QVBoxLayout(head);
    layout->setContentsMargins({});
    layout->setSpacing(space::s);
    auto *row = new QHBoxLayout;
    row->setSpacing(space::s);
    row->addWidget(m_field, 1);
    row->addWidget(m_kind);
    layout->addLayout(row);
    layout->addWidget(m_figures);
    return head;
}

QWidget *SearchPage::makeResults()
{
    m_hits = new QListView;
    m_hits->setObjectName(u"hits"_s);
    m_hits->setAccessibleName(tr("Hits"));
    m_hits->setModel(&m_model);
    m_hits->setItemDelegate(new SearchDelegate(m_hits));
    m_hits->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_hits->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_hits->setUniformItemSizes(true);
    m_hits->setMouseTracking(true);
    m_hits->setFrameShape(QFrame::NoFrame);
    m_empty = new widgets::EmptyState;
    connect(m_empty, &widgets::EmptyState::actionTriggered, this, &SearchPage::actOnNothing);
    auto *card = new QFrame;
    card->setProperty("role", u"card"_s);
    m_stack = new QStackedLayout(card);
    m_stack->setContentsMargins(1, 1, 1, 1);
    m_stack->addWidget(m_hits);
    m_stack->addWidget(m_empty);
    return card;
}

QWidget *SearchPage::makePreview()
{
    m_title = new QLabel;
    m_title->setFont(textFont(Type::Heading));
    m_title->setWordWrap(true);
    m_title->setTextFormat(Qt::PlainText);
    m_source = new QLabel;
    m_source->setProperty("role", u"muted"_s);
    m_source->setFont(textFont(Type::Caption));
    m_source->setWordWrap(true);
    m_source->setTextFormat(Qt::PlainText);
    m_source->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_body = new QPlainTextEdit;
    m_body->setObjectName(u"document"_s);
    m_body->setAccessibleName(tr("Document"));
    m_body->setReadOnly(true);
    m_body->document()->setDocumentMargin(0);
    m_body->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_body->setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    m_body->setFrameShape(QFrame::NoFrame);
    m_body->setStyleSheet(u"QPlainTextEdit { border: none; padding: 0; }"_s);

    auto *card = new QFrame;
    card->setProperty("role", u"card"_s);
    auto *layout = new QVBoxLayout(card);
    layout->setContentsMargins(space::l, space::l, space::l, space::l);
    layout->setSpacing(space::s);
    layout->addWidget(m_title);
    layout->addWidget(m_source);
    layout->addWidget(m_body, 1);
    card->hide();
    m_preview = card;
    return card;
}

void SearchPage::connectParts()
{
    connect(m_field, &QLineEdit::textChanged, &m_debounce, qOverload<>(&QTimer::start));
    connect(m_field, &QLineEdit::returnPressed, this, &SearchPage::searchNow);
    connect(m_kind, &QComboBox::currentIndexChanged, this, &SearchPage::searchNow);
    connect(&m_debounce, &QTimer::timeout, this, &SearchPage::searchNow);
    connect(m_hits->selectionModel(), &QItemSelectionModel::currentChanged, this, &SearchPage::choose);
    connect(new QShortcut(QKeySequence::Find, this), &QShortcut::activated, this, [this] {
        m_field->setFocus();
        m_field->selectAll();
    });
}

QWidget *SearchPage::firstFocus()
{
    return m_field;
}

/// Up and down walk through the hits without leaving the field.
bool SearchPage::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == m_field && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (key == Qt::Key_Up || key == Qt::Key_Down || key == Qt::Key_PageUp || key == Qt::Key_PageDown) {
            QCoreApplication::sendEvent(m_hits, event);
            return true;
        }
    }
    return Page::eventFilter(watched, event);
}

void SearchPage::searchNow()
{
    m_debounce.stop();
    m_searching.request_stop();
    m_searching = std::stop_source();
    const QString text = m_field->text().trimmed();
    if (text.isEmpty()) {
        m_model.clear();
        m_figures->clear();
        m_preview->hide();
        showNothing(
            u"search"_s, tr("Type to search"),
            tr("All words must be there; the best hits come first. \"two words\" stand side by side, pre* begins a "
               "word, -word must not be there, title:word stands in the title. Import documents on the Tasks "
               "page to have something to find."));
        return;
    }
    m_figures->setText(tr("Searching…"));
    search(text, m_kind->currentData().toString(), m_searching.get_token());
}

/// The empty state's button: what was suggested, or the same again.
void SearchPage::actOnNothing()
{
    if (!m_suggestion.isEmpty())
        m_field->setText(m_suggestion);
    searchNow();
}

QCoro::Task<> SearchPage::search(QString text, QString kind, std::stop_token stop)
{
    const QPointer<SearchPage> self = this;
    QUrlQuery query{ { u"q"_s, QString::fromLatin1(QUrl::toPercentEncoding(text)) },
                     { u"limit"_s, QString::number(hitLimit) } };
    if (!kind.isEmpty())
        query.addQueryItem(u"kind"_s, kind);
    const Result<client::Answer> answer = co_await m_session.api().get(pathOf(protocol::routes::search), query, stop);
    if (!self || stop.stop_requested())
        co_return;
    if (answer) {
        showHits(*answer, text);
    } else {
        m_figures->clear();
        m_model.clear();
        m_preview->hide();
        showNothing(u"error"_s, tr("The search failed"), answer.error().message());
        m_empty->setAction(tr("Try again"));
    }
    Q_EMIT answered();
}

void SearchPage::showHits(const client::Answer &answer, const QString &text)
{
    QList<SearchHit> hits;
    const QJsonArray items = answer.array();
    for (const auto &item : items) {
        if (const Result<SearchHit> hit = SearchHit::fromJson(item.toObject()))
            hits.append(*hit);
    }
    m_model.setHits(hits);
    const QString cache = QString::fromLatin1(answer.header("X-Cache"));
    QString figures = hits.size() == 1 ? tr("1 hit") : tr("%L1 hits").arg(hits.size());
    if (hits.size() == hitLimit)
        figures = tr("The best %L1 hits").arg(hitLimit);
    figures += tr(" · %L1 ms").arg(answer.elapsed.count());
    if (!cache.isEmpty())
        figures += tr(" · cache: %1").arg(cache);
    m_figures->setText(figures);
    if (hits.isEmpty()) {
        m_preview->hide();
        return showNoHits(text, QUrl::fromPercentEncoding(answer.header("X-Suggestion")));
    }
    m_stack->setCurrentWidget(m_hits);
    m_hits->setCurrentIndex(m_model.index(0));
}

void SearchPage::showNoHits(const QString &text, const QString &suggestion)
{
    if (suggestion.isEmpty())
        return showNothing(u"empty"_s, tr("Nothing found for “%1”").arg(text),
                           tr("Try fewer or other words, or import more documents on the Tasks page."));
    showNothing(u"search"_s, tr("Did you mean “%1”?").arg(suggestion), tr("Nothing found for “%1”").arg(text));
    m_suggestion = suggestion;
    m_empty->setAction(tr("Search for “%1”").arg(suggestion));
}

void SearchPage::showNothing(const QString &icon, const QString &title, const QString &text)
{
    m_empty->setContent(icon, title, text);
    m_empty->setAction({});
    m_suggestion.clear();
    m_stack->setCurrentWidget(m_empty);
}

void SearchPage::choose(const QModelIndex &hit)
{
    m_previewing.request_stop();
    m_previewing = std::stop_source();
    if (!hit.isValid())
        return;
    if (hit.data(SearchModel::KindRole).toString() == "document"_L1) {
        preview(hit.data(SearchModel::IdRole).toLongLong(), m_previewing.get_token());
        return;
    }
    Document shown;
    shown.title = hit.data(SearchModel::TitleRole).toString();
    shown.body = hit.data(SearchModel::SnippetRole).value<models::MarkedText>().text;
    showDocument(shown);
}

QCoro::Task<> SearchPage::preview(qint64 id, std::stop_token stop)
{
    const QPointer<SearchPage> self = this;
    const QString path = u"%1/%2"_s.arg(pathOf(protocol::routes::documents)).arg(id);
    const Result<client::Answer> answer = co_await m_session.api().get(path, {}, stop);
    if (!self || stop.stop_requested())
        co_return;
    const Result<Document> document
        = answer.and_then([](const client::Answer &a) { return Document::fromJson(a.object()); });
    if (document) {
        showDocument(*document);
    } else {
        Document problem;
        problem.title = tr("The document could not be read");
        problem.body = document.error().message();
        showDocument(problem);
    }
}

void SearchPage::showDocument(const Document &document)
{
    m_title->setText(document.title);
    m_source->setText(document.source);
    m_source->setVisible(!document.source.isEmpty());
    m_body->setPlainText(document.body);
    m_preview->show();
}

} // namespace godwit::pages
