// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/widgets/theme.h"

#include <QByteArray>
#include <QUrl>

class QSettings;

namespace godwit::widgets {

/// What a program remembers from one run to the next, by name. One instance a program; the tests give a file.
class Settings
{
public:
    explicit Settings(QSettings &store) : m_store(store) { }

    Theme::Scheme scheme() const;
    void setScheme(Theme::Scheme scheme);

    QUrl server() const; ///< the default address if none was kept
    void setServer(const QUrl &server);

    QByteArray geometry(const QString &window) const;
    void setGeometry(const QString &window, const QByteArray &geometry);

    QString value(const QString &key, const QString &fallback = {}) const;
    void setValue(const QString &key, const QString &value);

private:
    QSettings &m_store;
};

} // namespace godwit::widgets
