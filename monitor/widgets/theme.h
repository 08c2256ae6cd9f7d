// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QFont>
#include <QObject>
#include <QPalette>

#include <array>

class QApplication;
class QWidget;

namespace godwit::widgets {

/// Distances in device-independent pixels: the only ones that layouts use.
namespace space {
inline constexpr int xs = 4, s = 8, m = 12, l = 16, xl = 24, xxl = 32;
} // namespace space

/// The colours of one theme by their purpose. Every text colour has at least 4.5:1 on every surface that it is meant
/// for (WCAG 2.1 AA; tst_theme checks it), every line of a chart 3:1.
struct Tokens
{
    bool isDark = false;
    QColor window; ///< behind everything
    QColor surface; ///< tiles, tables, inputs
    QColor sunken; ///< what lies behind a bar, a hovered row, the side navigation
    QColor border; ///< quiet separation
    QColor control; ///< the frame of what can be operated (3:1)
    QColor text, mutedText;
    QColor accent, onAccent, accentSoft; ///< accentSoft: behind what is selected; takes `text` and `accent`
    QColor ok, warning, danger; ///< as text, icon or line
    QColor okSoft, warningSoft, dangerSoft; ///< behind text of the same kind
    QColor grid; ///< lines of charts
    std::array<QColor, 5> series; ///< lines of charts, in order of use

    static const Tokens &light();
    static const Tokens &dark();
    /// Those that @p widget is drawn with now. Ask again on QEvent::PaletteChange.
    static const Tokens &of(const QWidget &widget);
};

/// Sizes of type, relative to the system's font.
enum class Type { Caption, Body, Heading, Title, Figure };
/// Figure has tabular digits where the font offers them.
QFont textFont(Type type);

/// Applies the design to a program: palette, style sheet and fonts. Follows the system unless told otherwise.
class Theme : public QObject
{
    Q_OBJECT

public:
    enum class Scheme { System, Light, Dark };

    explicit Theme(QApplication &application, QObject *parent = nullptr);

    void setScheme(Scheme scheme);
    Scheme scheme() const { return m_scheme; }
    bool isDark() const;

Q_SIGNALS:
    void changed();

private:
    bool systemIsDark() const;
    void apply();

    QApplication &m_application;
    QPalette m_systemPalette; // as it was before ours
    Scheme m_scheme = Scheme::System;
};

QPalette paletteOf(const Tokens &tokens);
/// resources/themes/godwit.qss with `@name@` replaced by the tokens.
QString styleSheetOf(const Tokens &tokens);

} // namespace godwit::widgets
