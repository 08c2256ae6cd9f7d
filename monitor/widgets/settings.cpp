// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/widgets/settings.h"

#include "shared/protocol/routes.h"

#include <QSettings>

namespace godwit::widgets {

using namespace Qt::StringLiterals;

Theme::Scheme Settings::scheme() const
{
    const QString name = value(u"theme"_s);
    if (name == "light"_L1)
        return Theme::Scheme::Light;
    return name == "dark"_L1 ? Theme::Scheme::Dark : Theme::Scheme::System;
}

void Settings::setScheme(Theme::Scheme scheme)
{
    switch (scheme) {
    case Theme::Scheme::System:
        return m_store.remove(u"theme"_s);
    case Theme::Scheme::Light:
        return setValue(u"theme"_s, u"light"_s);
    case Theme::Scheme::Dark:
        return setValue(u"theme"_s, u"dark"_s);
    }
}

QUrl Settings::server() const
{
    return QUrl(value(u"server"_s, QString::fromLatin1(protocol::routes::defaultAddress)));
}

void Settings::setServer(const QUrl &server)
{
    setValue(u"server"_s, server.toString());
}

QByteArray Settings::geometry(const QString &window) const
{
    return m_store.value(u"geometry/%1"_s.arg(window)).toByteArray();
}

void Settings::setGeometry(const QString &window, const QByteArray &geometry)
{
    m_store.setValue(u"geometry/%1"_s.arg(window), geometry);
}

QString Settings::value(const QString &key, const QString &fallback) const
{
    return m_store.value(key, fallback).toString();
}

void Settings::setValue(const QString &key, const QString &value)
{
    m_store.setValue(key, value);
}

} // namespace godwit::widgets
