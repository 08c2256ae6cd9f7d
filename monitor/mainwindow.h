// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/net/session.h"
#include "monitor/widgets/account.h"
#include "monitor/widgets/connectionbadge.h"
#include "monitor/widgets/page.h"
#include "monitor/widgets/settings.h"
#include "monitor/widgets/theme.h"
#include "monitor/widgets/toast.h"

#include <QWidget>

class QButtonGroup;
class QFrame;
class QLabel;
class QStackedWidget;
class QToolButton;
class QVBoxLayout;

namespace godwit {

/// The monitor: pages on the left, the connection always in sight above them. Another server is another session with
/// new pages.
class MainWindow : public QWidget
{
    Q_OBJECT

public:
    struct Options
    {
        net::Session::Options session;
        QString dataFolder; ///< for the chat's outbox, which is only in memory if empty
        net::Keyring *keyring = nullptr; ///< for a login that is kept; the system's if null
    };

    MainWindow(Options options, widgets::Theme &theme, widgets::Settings settings);
    ~MainWindow() override;

    void connectTo(const QUrl &server);
    /// By its name, as in "overview"; false if there is none.
    bool showPage(const QString &name);
    int currentPage() const;
    widgets::Page *page(int index) const;
    net::Session &session() { return *m_session; }
    widgets::Account &account() { return *m_account; }

protected:
    void changeEvent(QEvent *event) override;
    void closeEvent(QCloseEvent *event) override;

private:
    QWidget *makeTopBar();
    QWidget *makeNavigation();
    QWidget *makeStatusLine();
    void makeShortcuts();
    void makePages();
    void addPage(widgets::Page *page);
    widgets::Page *makeChat();
    void select(int index);
    void setPaused(bool paused);
    void nextScheme();
    void askForServer();
    void showShortcuts();
    void showStatus(const client::ConnectionState &state);
    void showAccount();
    void openAccountMenu();
    void drawIcons();
    void dropPages();

    Options m_options;
    widgets::Theme &m_theme;
    widgets::Settings m_settings;
    std::unique_ptr<net::Session> m_session;
    std::unique_ptr<widgets::Account> m_account;

    QStackedWidget *m_pages = nullptr;
    QVBoxLayout *m_navigation = nullptr;
    QButtonGroup *m_navigationButtons = nullptr;
    widgets::ConnectionBadge *m_badge = nullptr;
    QToolButton *m_server = nullptr;
    QToolButton *m_who = nullptr;
    QToolButton *m_pause = nullptr;
    QToolButton *m_themeButton = nullptr;
    QToolButton *m_help = nullptr;
    QLabel *m_status = nullptr;
    QLabel *m_user = nullptr;
    widgets::Toast *m_toast = nullptr;
};

} // namespace godwit
