// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QHBoxLayout;
class QLabel;
class QVBoxLayout;

namespace godwit::widgets {

/// One page of a window: a title with a line of explanation, a tool area to its right, and the content below.
class Page : public QWidget
{
    Q_OBJECT

public:
    /// @param icon names a file in resources/icons/monitor, without `.svg`.
    Page(const QString &title, const QString &icon, QWidget *parent = nullptr);

    const QString &title() const { return m_title; }
    const QString &iconName() const { return m_icon; }
    /// One quiet line under the title; hidden while empty.
    void setSubtitle(const QString &text);

    /// Right of the title; add widgets from left to right.
    QHBoxLayout *toolBar() const { return m_toolBar; }
    /// Below the title, with the page's margins and spacing.
    QVBoxLayout *content() const { return m_content; }

    /// The picture stands still while data is still collected.
    virtual void setPaused(bool paused);
    bool isPaused() const { return m_paused; }

    /// Where the keyboard belongs when the page is shown; none by default.
    virtual QWidget *firstFocus() { return nullptr; }

Q_SIGNALS:
    /// Something to tell the user in passing: shown as a toast by the window.
    void notified(const QString &text);
    /// The same, for what went wrong.
    void failed(const QString &text);
    /// The user wants to log in.
    void loginRequested();

private:
    QString m_title, m_icon;
    QLabel *m_subtitle = nullptr;
    QHBoxLayout *m_toolBar = nullptr;
    QVBoxLayout *m_content = nullptr;
    bool m_paused = false;
};

} // namespace godwit::widgets
