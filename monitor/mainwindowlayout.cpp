// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
// What the main window is made of; mainwindow.cpp says what it does.
#include "monitor/mainwindow.h"

#include <QApplication>
#include <QButtonGroup>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QShortcut>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

namespace godwit {

using namespace Qt::StringLiterals;
namespace space = widgets::space;

MainWindow::MainWindow(Options options, widgets::Theme &theme, widgets::Settings settings)
    : m_options(std::move(options)),
      m_theme(theme),
      m_settings(settings)
{
    m_pages = new QStackedWidget;
    m_navigationButtons = new QButtonGroup(this);
    auto *middle = new QHBoxLayout;
    middle->setSpacing(0);
    middle->addWidget(makeNavigation());
    middle->addWidget(m_pages, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(makeTopBar());
    layout->addLayout(middle, 1);
    layout->addWidget(makeStatusLine());
    m_toast = new widgets::Toast(this);
    makeShortcuts();
    connect(m_navigationButtons, &QButtonGroup::idClicked, this, &MainWindow::select);
    connect(m_pause, &QToolButton::toggled, this, &MainWindow::setPaused);

    setMinimumSize(900, 760);
    resize(1280, 840);
    restoreGeometry(m_settings.geometry(u"monitor"_s));
    connectTo(m_options.session.server);
}

static QToolButton *quietButton(const QString &toolTip)
{
    auto *button = new QToolButton;
    button->setProperty("role", u"quiet"_s);
    button->setIconSize(QSize(18, 18));
    button->setToolTip(toolTip);
    button->setAccessibleName(toolTip);
    return button;
}

QWidget *MainWindow::makeTopBar()
{
    m_server = new QToolButton;
    m_server->setObjectName(u"serverAddress"_s);
    m_server->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_server->setIconSize(QSize(20, 16));
    m_server->setToolTip(tr("Connect to another server (Ctrl+L)"));
    connect(m_server, &QToolButton::clicked, this, &MainWindow::askForServer);
    m_badge = new widgets::ConnectionBadge;
    m_who = new QToolButton;
    m_who->setObjectName(u"account"_s);
    m_who->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_who->setIconSize(QSize(20, 16));
    connect(m_who, &QToolButton::clicked, this, &MainWindow::openAccountMenu);
    m_pause = new QToolButton;
    m_pause->setProperty("role", u"button"_s);
    m_pause->setText(tr("Pause"));
    m_pause->setIconSize(QSize(18, 16));
    m_pause->setCheckable(true);
    m_pause->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_pause->setToolTip(tr("Hold the picture; data is still collected (Ctrl+P)"));
    m_themeButton = quietButton(tr("Light, dark or the system's colours (Ctrl+T)"));
    connect(m_themeButton, &QToolButton::clicked, this, &MainWindow::nextScheme);
    m_help = quietButton(tr("Keyboard shortcuts (F1)"));
    connect(m_help, &QToolButton::clicked, this, &MainWindow::showShortcuts);

    auto *bar = new QFrame;
    bar->setObjectName(u"topBar"_s);
    auto *layout = new QHBoxLayout(bar);
    layout->setContentsMargins(space::m, space::s, space::m, space::s);
    layout->setSpacing(space::s);
    layout->addWidget(m_server);
    layout->addWidget(m_badge);
    layout->addWidget(m_who);
    layout->addStretch();
    layout->addWidget(m_pause);
    layout->addWidget(m_themeButton);
    layout->addWidget(m_help);
    return bar;
}

QWidget *MainWindow::makeNavigation()
{
    static constexpr int width = 164;

    auto *side = new QFrame;
    side->setObjectName(u"navigation"_s);
    side->setFixedWidth(width);
    m_navigation = new QVBoxLayout(side);
    m_navigation->setContentsMargins(space::s, space::m, space::s, space::m);
    m_navigation->setSpacing(space::xs);
    m_navigation->addStretch();
    return side;
}

QWidget *MainWindow::makeStatusLine()
{
    m_status = new QLabel;
    m_status->setFont(widgets::textFont(widgets::Type::Caption));
    m_status->setTextFormat(Qt::PlainText);
    m_user = new QLabel;
    m_user->setObjectName(u"chatName"_s);
    m_user->setFont(m_status->font());
    m_user->setTextFormat(Qt::PlainText);
    m_user->setToolTip(tr("Your name in chat rooms"));

    auto *line = new QFrame;
    line->setObjectName(u"statusLine"_s);
    auto *layout = new QHBoxLayout(line);
    layout->setContentsMargins(space::m, space::xs, space::m, space::xs);
    layout->addWidget(m_status, 1);
    layout->addWidget(m_user);
    return line;
}

void MainWindow::makeShortcuts()
{
    const auto on = [this](const QKeySequence &keys, auto action) {
        connect(new QShortcut(keys, this), &QShortcut::activated, this, action);
    };
    for (int i = 0; i < 9; ++i)
        on(QKeySequence(Qt::CTRL | static_cast<Qt::Key>(Qt::Key_1 + i)), [this, i] { select(i); });
    on(QKeySequence(u"Ctrl+P"_s), [this] { m_pause->toggle(); });
    on(QKeySequence(u"Ctrl+R"_s), [this] { m_session->metrics().retryNow(); });
    on(QKeySequence(u"Ctrl+L"_s), [this] { askForServer(); });
    on(QKeySequence(u"Ctrl+U"_s), [this] { openAccountMenu(); });
    on(QKeySequence(u"Ctrl+T"_s), [this] { nextScheme(); });
    on(QKeySequence(u"F1"_s), [this] { showShortcuts(); });
    on(QKeySequence(u"Ctrl+?"_s), [this] { showShortcuts(); });
    on(QKeySequence(u"Ctrl+Q"_s), [this] { close(); });
}

} // namespace godwit
