// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/widgets/account.h"

#include "monitor/widgets/logindialog.h"
#include "monitor/widgets/theme.h"

#include <QCoreApplication>
#include <QDir>
#include <QLabel>
#include <QMenu>
#include <QVBoxLayout>
#include <QWidgetAction>

namespace godwit::widgets {

using namespace Qt::StringLiterals;
using client::Credentials;
using Kind = Credentials::Kind;

/// Of a file or a key; no two servers have the same.
static QString nameOf(const QUrl &server)
{
    return u"%1-%2-%3"_s.arg(server.scheme(), server.host())
        .arg(server.port(server.scheme() == "https"_L1 ? 443 : 80))
        .replace(u':', u'_');
}

static net::KeptLogin::Options keptOptions(const QUrl &server, const QString &folder)
{
    const QString name = nameOf(server);
    return { .key = u"%1 %2"_s.arg(QCoreApplication::applicationName(), name),
             .lockFile = folder.isEmpty() ? QString() : QDir(folder).filePath(u"login-%1.lock"_s.arg(name)) };
}

Account::Account(net::Session &session, const Settings &settings, Options options, QWidget &window)
    : m_session(session),
      m_settings(settings),
      m_window(window),
      m_kept(session.credentials(), options.keyring ? *options.keyring : m_systemKeyring,
             keptOptions(session.server(), options.dataFolder))
{
    Credentials &credentials = m_session.credentials();
    connect(&credentials, &Credentials::loginNeeded, this, &Account::onLoginNeeded);
    connect(&credentials, &Credentials::changed, this, &Account::changed);
    connect(&credentials, &Credentials::principalChanged, this, &Account::changed);
    connect(&m_session, &net::Session::identified, this, &Account::changed);
    connect(&m_kept, &net::KeptLogin::failed, this, &Account::failed);
    connect(&m_kept, &net::KeptLogin::keptChanged, this,
            [this](bool isKept) { m_settings.setValue(settingsKey(), isKept ? u"kept"_s : QString()); });
    // The keyring is not asked, and cannot ask the user, unless there is something to be had.
    if (!m_settings.value(settingsKey()).isEmpty())
        m_kept.restore();
}

Account::~Account()
{
    delete m_dialog;
}

QString Account::settingsKey() const
{
    return u"login/%1"_s.arg(nameOf(m_session.server()));
}

QString Account::text() const
{
    const Credentials &credentials = m_session.credentials();
    if (!credentials.loginNeededFor().isEmpty())
        return tr("Not logged in");
    switch (credentials.kind()) {
    case Kind::Login:
    case Kind::File:
        return credentials.principal() ? credentials.principal()->name : tr("Logging in…");
    case Kind::Local:
        return tr("Local access");
    case Kind::Nobody:
        return m_session.user();
    }
    Q_UNREACHABLE();
}

QString Account::detail() const
{
    const Credentials &credentials = m_session.credentials();
    if (!credentials.loginNeededFor().isEmpty())
        return credentials.loginNeededFor();
    const auto &principal = credentials.principal();
    const QString role = principal ? protocol::toString(principal->role) : QString();
    switch (credentials.kind()) {
    case Kind::Login:
        return role.isEmpty() ? tr("By a login that was kept") : tr("Logged in with the role %1").arg(role);
    case Kind::File:
        return role.isEmpty() ? tr("By the token of a file") : tr("By the token of a file, with the role %1").arg(role);
    case Kind::Local:
        return role.isEmpty() ? tr("To your own server on this machine; in chat you are %1").arg(m_session.user())
                              : tr("To your own server on this machine, with the role %1; in chat you are %2")
                                    .arg(role, m_session.user());
    case Kind::Nobody:
        return tr("Connected without a login");
    }
    Q_UNREACHABLE();
}

void Account::fill(QMenu &menu)
{
    auto *who = new QLabel(text());
    who->setFont(textFont(Type::Heading));
    auto *how = new QLabel(detail());
    how->setProperty("role", u"muted"_s);
    auto *head = new QWidget;
    auto *layout = new QVBoxLayout(head);
    layout->setContentsMargins(space::m, space::s, space::l, space::s);
    layout->setSpacing(2);
    for (QLabel *label : { who, how }) {
        label->setTextFormat(Qt::PlainText);
        layout->addWidget(label);
    }
    auto *heading = new QWidgetAction(&menu);
    heading->setDefaultWidget(head);
    QAction *const first = menu.actions().value(0);
    menu.insertAction(first, heading);
    menu.insertSeparator(first);

    const bool isSomebody = m_session.credentials().principal().has_value();
    connect(menu.addAction(isSomebody ? tr("Log in as another…") : tr("Log in…")), &QAction::triggered, this,
            &Account::askForLogin);
    if (isLoggedIn())
        connect(menu.addAction(tr("Log out")), &QAction::triggered, this, &Account::logOut);
}

void Account::askForLogin()
{
    showDialog({});
}

void Account::onLoginNeeded(const QString &reason)
{
    Q_EMIT changed();
    // Not from inside the request that met the refusal.
    QMetaObject::invokeMethod(this, [this, reason] { showDialog(reason); }, Qt::QueuedConnection);
}

void Account::showDialog(const QString &reason)
{
    if (m_dialog || (!reason.isEmpty() && m_session.credentials().loginNeededFor().isEmpty()))
        return;
    m_dialog = new LoginDialog(m_session, m_kept, { .user = m_settings.value(u"login/user"_s), .reason = reason },
                               &m_window);
    m_dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(m_dialog, &QDialog::accepted, this, [this] {
        const QString name = m_session.credentials().principal()->name;
        m_settings.setValue(u"login/user"_s, name);
        Q_EMIT notified(tr("Logged in as %1").arg(name));
    });
    if (!reason.isEmpty()) { // nobody has to answer it if a token turns up after all
        connect(&m_session.credentials(), &Credentials::principalChanged, m_dialog, [this] {
            if (m_session.credentials().principal() && !isLoggedIn())
                m_dialog->reject();
        });
    }
    m_dialog->open();
}

void Account::logOut()
{
    m_session.credentials().logOut();
}

} // namespace godwit::widgets
