// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/mainwindow.h"

#include "monitor/pages/chatpage.h"
#include "monitor/pages/overviewpage.h"
#include "monitor/pages/searchpage.h"
#include "monitor/pages/sensorspage.h"
#include "monitor/pages/taskspage.h"
#include "monitor/widgets/icons.h"
#include "monitor/widgets/shortcuts.h"

#include <QButtonGroup>
#include <QCloseEvent>
#include <QDateTime>
#include <QDir>
#include <QInputDialog>
#include <QLabel>
#include <QMenu>
#include <QShortcut>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace godwit {

using namespace Qt::StringLiterals;
using widgets::Page;
using widgets::Theme;
using Phase = client::ConnectionState::Phase;

MainWindow::~MainWindow()
{
    dropPages(); // they use the session
}

void MainWindow::connectTo(const QUrl &server)
{
    dropPages();
    m_options.session.server = server;
    m_session = std::make_unique<net::Session>(m_options.session);
    m_account = std::make_unique<widgets::Account>(
        *m_session, m_settings,
        widgets::Account::Options{ .dataFolder = m_options.dataFolder, .keyring = m_options.keyring }, *this);
    connect(m_account.get(), &widgets::Account::changed, this, &MainWindow::showAccount);
    connect(m_account.get(), &widgets::Account::notified, m_toast,
            [this](const QString &text) { m_toast->show(text); });
    connect(m_account.get(), &widgets::Account::failed, m_toast,
            [this](const QString &text) { m_toast->show(text, widgets::Toast::Kind::Failure); });
    connect(m_badge, &widgets::ConnectionBadge::loginRequested, m_account.get(), &widgets::Account::askForLogin);
    m_badge->follow(m_session->metrics());
    connect(&m_session->metrics(), &client::Connection::stateChanged, this, &MainWindow::showStatus);
    m_server->setText(server.authority());
    showAccount();
    makePages();
    select(0);
    m_session->metrics().start();
}

void MainWindow::makePages()
{
    auto *overview = new pages::OverviewPage(*m_session);
    connect(overview, &pages::OverviewPage::staleChanged, m_badge, &widgets::ConnectionBadge::setStale);
    addPage(overview);
    addPage(makeChat());
    addPage(new pages::TasksPage(*m_session));
    addPage(new pages::SearchPage(*m_session));
    addPage(new pages::SensorsPage(*m_session));
    drawIcons();
}

Page *MainWindow::makeChat()
{
    chat::Rooms::Options options{ .user = m_session->user(), .joined = {}, .outboxFile = {} };
    options.joined = m_settings.value(u"chat/rooms"_s).split(u'\n', Qt::SkipEmptyParts);
    if (!m_options.dataFolder.isEmpty()) {
        // One outbox a server: what was written for one is never sent to another.
        const QUrl &server = m_session->server();
        const QString name = u"outbox-%1-%2.json"_s.arg(server.host()).arg(server.port(80));
        options.outboxFile = QDir(m_options.dataFolder).filePath(QString(name).replace(u':', u'_'));
    }
    auto *page = new pages::ChatPage(*m_session, options);
    connect(page, &pages::ChatPage::unreadChanged, m_navigationButtons, [this, page](int unread) {
        if (QAbstractButton *button = m_navigationButtons->button(m_pages->indexOf(page)))
            button->setText(unread > 0 ? tr("%1 (%2)").arg(page->title()).arg(unread) : page->title());
    });
    return page;
}

void MainWindow::addPage(Page *page)
{
    const int index = m_pages->addWidget(page);
    auto *button = new QToolButton;
    button->setText(page->title());
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    button->setIconSize(QSize(24, 18));
    button->setCheckable(true);
    button->setProperty("role", u"navigation"_s);
    button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    button->setToolTip(tr("%1 (Ctrl+%2)").arg(page->title()).arg(index + 1));
    m_navigation->insertWidget(index, button);
    m_navigationButtons->addButton(button, index);
    page->setPaused(m_pause->isChecked());
    connect(page, &Page::loginRequested, m_account.get(), &widgets::Account::askForLogin);
    connect(page, &Page::notified, m_toast, [this](const QString &text) { m_toast->show(text); });
    connect(page, &Page::failed, m_toast,
            [this](const QString &text) { m_toast->show(text, widgets::Toast::Kind::Failure); });
}

void MainWindow::dropPages()
{
    if (auto *chat = findChild<pages::ChatPage *>())
        m_settings.setValue(u"chat/rooms"_s, chat->chat().rooms().joined().join(u'\n'));
    // Hidden, for a stack shows the next page when its current one goes; from the last, for the buttons have the pages'
    // numbers.
    m_pages->hide();
    for (int i = m_pages->count() - 1; i >= 0; --i) {
        delete m_pages->widget(i);
        delete m_navigationButtons->button(i);
    }
    m_pages->show();
    m_account.reset();
    m_session.reset();
}

Page *MainWindow::page(int index) const
{
    return qobject_cast<Page *>(m_pages->widget(index));
}

int MainWindow::currentPage() const
{
    return m_pages->currentIndex();
}

bool MainWindow::showPage(const QString &name)
{
    for (int i = 0; i < m_pages->count(); ++i) {
        if (page(i)->iconName() == name) {
            select(i);
            return true;
        }
    }
    return false;
}

void MainWindow::select(int index)
{
    Page *const chosen = page(index);
    if (!chosen)
        return;
    m_pages->setCurrentIndex(index);
    m_navigationButtons->button(index)->setChecked(true);
    setWindowTitle(tr("%1 - Godwit Monitor").arg(chosen->title()));
    if (QWidget *focus = chosen->firstFocus())
        focus->setFocus(Qt::OtherFocusReason);
    drawIcons();
}

void MainWindow::setPaused(bool paused)
{
    for (int i = 0; i < m_pages->count(); ++i)
        page(i)->setPaused(paused);
    m_pause->setText(paused ? tr("Resume") : tr("Pause"));
    drawIcons();
}

void MainWindow::nextScheme()
{
    static constexpr std::array order{ Theme::Scheme::System, Theme::Scheme::Light, Theme::Scheme::Dark };

    const auto now = std::find(order.begin(), order.end(), m_theme.scheme());
    const auto next = std::next(now) == order.end() ? order.begin() : std::next(now);
    m_theme.setScheme(*next);
    m_settings.setScheme(*next);
    static constexpr std::array texts{ QT_TR_NOOP("The colours follow the system"), QT_TR_NOOP("Light colours"),
                                       QT_TR_NOOP("Dark colours") };
    m_toast->show(tr(texts[static_cast<std::size_t>(next - order.begin())]));
    drawIcons();
}

void MainWindow::askForServer()
{
    bool isChosen = false;
    const QString text = QInputDialog::getText(this, tr("Connect to a server"), tr("Address of the server:"),
                                               QLineEdit::Normal, m_options.session.server.toString(), &isChosen);
    if (!isChosen)
        return;
    const QUrl url = QUrl::fromUserInput(text.trimmed());
    if (!url.scheme().startsWith("http"_L1) || url.host().isEmpty()) {
        m_toast->show(tr("\"%1\" is not an address such as http://host:8420").arg(text), widgets::Toast::Kind::Failure);
        return;
    }
    m_settings.setServer(url);
    connectTo(url);
}

void MainWindow::showShortcuts()
{
    widgets::ShortcutsDialog({ { u"Ctrl+1 \u2026 Ctrl+5"_s, tr("Overview, Chat, Tasks, Search, Sensors") },
                               { u"Ctrl+N"_s, tr("Start a task (Tasks)") },
                               { u"Ctrl+F"_s, tr("Search field (Search), find in the room (Chat)") },
                               { u"Ctrl+K"_s, tr("Go to a room (Chat)") },
                               { u"Ctrl+P"_s, tr("Pause and resume the picture") },
                               { u"Ctrl+[  Ctrl+]"_s, tr("Shorter, longer time in the charts") },
                               { u"Ctrl+R"_s, tr("Try to connect now") },
                               { u"Ctrl+L"_s, tr("Connect to another server") },
                               { u"Ctrl+U"_s, tr("Who you are here: log in and out") },
                               { u"Ctrl+T"_s, tr("Light, dark or the system's colours") },
                               { u"F1  Ctrl+?"_s, tr("This sheet") },
                               { u"Ctrl+Q"_s, tr("Quit") } },
                             this)
        .exec();
}

void MainWindow::showStatus(const client::ConnectionState &state)
{
    const QString at = QDateTime::currentDateTime().toString(u"HH:mm:ss"_s);
    switch (state.phase) {
    case Phase::Online:
        return m_status->setText(tr("Connected since %1").arg(at));
    case Phase::Waiting:
        return m_status->setText(tr("%1: %2 (attempt %3)").arg(at, state.reason).arg(state.failures));
    case Phase::Ended:
        return m_status->setText(tr("%1: %2").arg(at, state.reason));
    case Phase::Unauthenticated: // why stands in the dialog and at the badge
        return m_status->setText(tr("Not logged in since %1").arg(at));
    case Phase::Connecting:
    case Phase::Offline:
        return; // what was said before still says why
    }
}

void MainWindow::showAccount()
{
    m_who->setVisible(m_session->credentials().loginNeededFor().isEmpty()); // else the badge says it, and asks
    m_who->setText(m_account->text());
    m_who->setToolTip(m_account->detail());
    m_who->setAccessibleName(tr("Account: %1").arg(m_account->text()));
    // A login's name stands above already, and who is not logged in does not know yet what it will be.
    const bool isOther = m_who->isVisibleTo(this) && m_account->text() != m_session->user();
    m_user->setText(isOther ? tr("In chat: %1").arg(m_session->user()) : QString());
}

void MainWindow::openAccountMenu()
{
    if (!m_who->isVisible())
        return m_account->askForLogin();
    QMenu menu;
    m_account->fill(menu);
    menu.exec(m_who->mapToGlobal(QPoint(0, m_who->height())));
}

void MainWindow::drawIcons()
{
    const widgets::Tokens &tokens = widgets::Tokens::of(*this);
    m_who->setIcon(widgets::lineIcon(u"user"_s, tokens.mutedText));
    for (int i = 0; i < m_pages->count(); ++i) {
        const QColor colour = i == m_pages->currentIndex() ? tokens.accent : tokens.mutedText;
        m_navigationButtons->button(i)->setIcon(widgets::lineIcon(page(i)->iconName(), colour));
    }
    m_server->setIcon(widgets::lineIcon(u"server"_s, tokens.mutedText));
    m_pause->setIcon(widgets::lineIcon(m_pause->isChecked() ? u"play"_s : u"pause"_s, tokens.text));
    m_help->setIcon(widgets::lineIcon(u"keyboard"_s, tokens.mutedText));
    const QString scheme = m_theme.scheme() == Theme::Scheme::Light ? u"sun"_s
        : m_theme.scheme() == Theme::Scheme::Dark                   ? u"moon"_s
                                                                    : u"system"_s;
    m_themeButton->setIcon(widgets::lineIcon(scheme, tokens.mutedText));
}

void MainWindow::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange && m_help)
        drawIcons();
    QWidget::changeEvent(event);
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    m_settings.setGeometry(u"monitor"_s, saveGeometry());
    QWidget::closeEvent(event);
}

} // namespace godwit
