// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/widgets/logindialog.h"

#include "monitor/widgets/theme.h"

#include <QBoxLayout>
#include <QCheckBox>
#include <QDialogButtonBox>
#include <QHostAddress>
#include <QLabel>
#include <QLineEdit>
#include <QPointer>
#include <QPushButton>

namespace godwit::widgets {

using namespace Qt::StringLiterals;

static QLabel *note(const QString &role)
{
    auto *label = new QLabel;
    label->setProperty("role", role);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->hide();
    return label;
}

static bool isReadableOnItsWay(const QUrl &server)
{
    return server.scheme() == "http"_L1 && server.host() != "localhost"_L1 && !QHostAddress(server.host()).isLoopback();
}

LoginDialog::LoginDialog(net::Session &session, net::KeptLogin &kept, const Texts &texts, QWidget *parent)
    : QDialog(parent),
      m_session(session),
      m_kept(kept)
{
    setWindowTitle(tr("Log in"));
    setFixedWidth(420);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    m_submit = buttons->addButton(tr("Log in"), QDialogButtonBox::AcceptRole);
    m_submit->setObjectName(u"submit"_s);
    m_submit->setProperty("role", u"primary"_s);
    m_submit->setDefault(true);
    // Else Return would mean it while the other one is disabled.
    buttons->button(QDialogButtonBox::Cancel)->setAutoDefault(false);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(space::xl, space::l, space::xl, space::l);
    layout->setSpacing(space::l);
    layout->addWidget(makeHead(texts.reason));
    layout->addWidget(makeFields(texts.user));
    layout->addWidget(buttons);

    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(buttons, &QDialogButtonBox::accepted, this, &LoginDialog::submit);
    connectParts();
    showFields();
    fit();
}

/// A layout gives wrapped text its height only where the window has it.
void LoginDialog::fit()
{
    layout()->activate();
    setFixedHeight(layout()->totalHeightForWidth(width()));
}

LoginDialog::~LoginDialog()
{
    m_stop.request_stop();
}

QWidget *LoginDialog::makeHead(const QString &reason)
{
    auto *title = new QLabel(tr("Log in to %1").arg(m_session.server().authority()));
    title->setFont(textFont(Type::Title));
    title->setTextFormat(Qt::PlainText);
    title->setWordWrap(true);
    auto *why = note(u"muted"_s);
    why->setObjectName(u"reason"_s);
    why->setText(reason);
    why->setVisible(!reason.isEmpty() && reason != client::Credentials::plainReason()); // the title says that much
    auto *warning = note(u"warning"_s);
    warning->setText(tr("This connection is not encrypted: whoever listens on the network can read the password."));
    warning->setVisible(isReadableOnItsWay(m_session.server()));

    auto *head = new QWidget;
    auto *layout = new QVBoxLayout(head);
    layout->setContentsMargins({});
    layout->setSpacing(space::xs);
    layout->addWidget(title);
    layout->addWidget(why);
    layout->addWidget(warning);
    return head;
}

QWidget *LoginDialog::makeFields(const QString &user)
{
    m_user = new QLineEdit(user);
    m_user->setObjectName(u"user"_s);
    m_password = new QLineEdit;
    m_password->setObjectName(u"password"_s);
    m_password->setEchoMode(QLineEdit::Password);
    m_password->setInputMethodHints(Qt::ImhHiddenText | Qt::ImhNoPredictiveText | Qt::ImhNoAutoUppercase);
    auto *userName = new QLabel(tr("&User"));
    userName->setBuddy(m_user);
    auto *passwordName = new QLabel(tr("&Password"));
    passwordName->setBuddy(m_password);
    m_problem = note(u"danger"_s);
    m_problem->setObjectName(u"problem"_s);
    m_stay = new QCheckBox(tr("&Stay logged in"));
    m_stay->setObjectName(u"stay"_s);
    m_stay->setToolTip(tr("Keeps the login, not the password, in this desktop's keyring"));
    m_aboutStay = note(u"muted"_s);
    m_aboutStay->setObjectName(u"aboutStay"_s);
    m_aboutStay->setFont(textFont(Type::Caption));

    auto *fields = new QWidget;
    auto *layout = new QVBoxLayout(fields);
    layout->setContentsMargins({});
    layout->setSpacing(space::xs);
    layout->addWidget(userName);
    layout->addWidget(m_user);
    layout->addSpacing(space::s);
    layout->addWidget(passwordName);
    layout->addWidget(m_password);
    layout->addWidget(m_problem);
    layout->addSpacing(space::s);
    layout->addWidget(m_stay, 0, Qt::AlignLeft);
    layout->addWidget(m_aboutStay);
    return fields;
}

void LoginDialog::connectParts()
{
    for (QLineEdit *field : { m_user, m_password })
        connect(field, &QLineEdit::textEdited, this, &LoginDialog::showFields);
    connect(m_stay, &QCheckBox::toggled, this, [this](bool isWanted) {
        m_aboutStay->hide();
        fit();
        if (isWanted)
            askKeyring();
    });
    connect(&m_countdown, &QTimer::timeout, this, &LoginDialog::showFields);
    m_countdown.setInterval(std::chrono::milliseconds(250));
    connect(this, &QDialog::rejected, this, [this] { m_stop.request_stop(); });
}

void LoginDialog::showEvent(QShowEvent *event)
{
    QDialog::showEvent(event);
    (m_user->text().isEmpty() ? m_user : m_password)->setFocus();
}

void LoginDialog::submit()
{
    if (m_submit->isEnabled())
        logIn(m_user->text().trimmed(), m_password->text());
}

QCoro::Task<> LoginDialog::logIn(QString user, QString password)
{
    const QPointer<LoginDialog> self = this;
    m_isAsking = true;
    m_problem->hide();
    showFields();
    fit();
    m_kept.setKeeping(m_stay->isChecked());
    const Result<void> outcome
        = co_await m_session.credentials().logIn(std::move(user), std::move(password), m_stop.get_token());
    if (!self)
        co_return;
    m_isAsking = false;
    if (outcome) {
        accept();
        co_return;
    }
    showFields();
    if (outcome.error().code() != Error::Code::Cancelled)
        showRefusal(outcome.error());
}

void LoginDialog::showRefusal(const Error &error)
{
    m_problem->setText(error.message());
    m_problem->show();
    fit();
    if (const Decider *decider = error.decider(); decider && decider->retryAfter.count() > 0) {
        m_blockedUntil = Clock::system().now() + decider->retryAfter;
        m_countdown.start();
    }
    showFields();
    m_password->setFocus();
    m_password->selectAll();
}

void LoginDialog::askKeyring()
{
    m_kept.check(this, [this](const Result<void> &outcome) {
        if (outcome || !m_stay->isChecked())
            return;
        m_stay->setChecked(false);
        m_stay->setEnabled(false);
        m_aboutStay->setText(
            outcome.error().code() == Error::Code::Conflict
                ? tr("%1. This login lasts until this window is closed.").arg(outcome.error().message())
                : tr("No keyring answers on this desktop, and a login is kept nowhere else: it lasts "
                     "until this window is closed."));
        m_aboutStay->show();
        fit();
    });
}

void LoginDialog::showFields()
{
    const auto wait = std::chrono::ceil<std::chrono::seconds>(m_blockedUntil - Clock::system().now()).count();
    const bool isBlocked = m_countdown.isActive() && wait > 0;
    if (!isBlocked)
        m_countdown.stop();
    for (QWidget *field : std::initializer_list<QWidget *>{ m_user, m_password })
        field->setEnabled(!m_isAsking);
    m_submit->setEnabled(!m_isAsking && !isBlocked && !m_user->text().trimmed().isEmpty()
                         && !m_password->text().isEmpty());
    m_submit->setText(m_isAsking ? tr("Logging in…") : isBlocked ? tr("Try again in %1 s").arg(wait) : tr("Log in"));
}

} // namespace godwit::widgets
