// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/widgets/theme.h"

#include <QApplication>
#include <QFile>
#include <QStyleFactory>
#include <QtGlobal>

#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
#include <QStyleHints>
#endif

namespace godwit::widgets {

using namespace Qt::StringLiterals;

Theme::Theme(QApplication &application, QObject *parent)
    : QObject(parent),
      m_application(application),
      m_systemPalette(application.palette())
{
    m_application.setStyle(QStyleFactory::create(u"Fusion"_s));
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    connect(QGuiApplication::styleHints(), &QStyleHints::colorSchemeChanged, this, [this] {
        if (m_scheme == Scheme::System)
            apply();
    });
#endif
    apply();
}

void Theme::setScheme(Scheme scheme)
{
    if (m_scheme == scheme)
        return;
    m_scheme = scheme;
    apply();
}

bool Theme::isDark() const
{
    return m_scheme == Scheme::System ? systemIsDark() : m_scheme == Scheme::Dark;
}

bool Theme::systemIsDark() const
{
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    return QGuiApplication::styleHints()->colorScheme() == Qt::ColorScheme::Dark;
#else
    return m_systemPalette.color(QPalette::Window).lightness() < 128;
#endif
}

void Theme::apply()
{
    const Tokens &tokens = isDark() ? Tokens::dark() : Tokens::light();
    m_application.setPalette(paletteOf(tokens));
    m_application.setStyleSheet(styleSheetOf(tokens));
    Q_EMIT changed();
}

QPalette paletteOf(const Tokens &tokens)
{
    QPalette palette;
    palette.setColor(QPalette::Window, tokens.window);
    palette.setColor(QPalette::WindowText, tokens.text);
    palette.setColor(QPalette::Base, tokens.surface);
    palette.setColor(QPalette::AlternateBase, tokens.window);
    palette.setColor(QPalette::Text, tokens.text);
    palette.setColor(QPalette::PlaceholderText, tokens.mutedText);
    palette.setColor(QPalette::Button, tokens.surface);
    palette.setColor(QPalette::ButtonText, tokens.text);
    palette.setColor(QPalette::BrightText, tokens.danger);
    palette.setColor(QPalette::Link, tokens.accent);
    palette.setColor(QPalette::LinkVisited, tokens.accent);
    palette.setColor(QPalette::Highlight, tokens.accent);
    palette.setColor(QPalette::HighlightedText, tokens.onAccent);
    palette.setColor(QPalette::ToolTipBase, tokens.text);
    palette.setColor(QPalette::ToolTipText, tokens.surface);
    palette.setColor(QPalette::Light, tokens.surface);
    palette.setColor(QPalette::Midlight, tokens.sunken);
    palette.setColor(QPalette::Mid, tokens.border);
    palette.setColor(QPalette::Dark, tokens.control);
    palette.setColor(QPalette::Shadow, tokens.border);
    for (const auto role : { QPalette::WindowText, QPalette::Text, QPalette::ButtonText })
        palette.setColor(QPalette::Disabled, role, tokens.control);
    return palette;
}

QString styleSheetOf(const Tokens &tokens)
{
    QFile file(u":/themes/godwit.qss"_s);
    if (!file.open(QIODevice::ReadOnly))
        qFatal("the style sheet is missing from the program");
    QString sheet = QString::fromUtf8(file.readAll());
    const std::initializer_list<std::pair<QLatin1StringView, QColor>> values = {
        { "window"_L1, tokens.window },
        { "surface"_L1, tokens.surface },
        { "sunken"_L1, tokens.sunken },
        { "border"_L1, tokens.border },
        { "control"_L1, tokens.control },
        { "text"_L1, tokens.text },
        { "mutedText"_L1, tokens.mutedText },
        { "accent"_L1, tokens.accent },
        { "onAccent"_L1, tokens.onAccent },
        { "accentSoft"_L1, tokens.accentSoft },
        { "ok"_L1, tokens.ok },
        { "okSoft"_L1, tokens.okSoft },
        { "warning"_L1, tokens.warning },
        { "warningSoft"_L1, tokens.warningSoft },
        { "danger"_L1, tokens.danger },
        { "grid"_L1, tokens.grid },
        { "dangerSoft"_L1, tokens.dangerSoft },
    };
    for (const auto &[name, colour] : values)
        sheet.replace(u"@%1@"_s.arg(name), colour.name());
    // A style sheet cannot colour an image: there is one for each theme.
    sheet.replace("@check@"_L1, tokens.isDark ? ":/icons/check-dark.svg"_L1 : ":/icons/check-light.svg"_L1);
    const auto chevron = [&tokens](QStringView to) {
        return u":/icons/chevron-%1-%2.svg"_s.arg(to, tokens.isDark ? u"dark" : u"light");
    };
    sheet.replace("@chevronUp@"_L1, chevron(u"up"));
    sheet.replace("@chevronDown@"_L1, chevron(u"down"));
    return sheet;
}

} // namespace godwit::widgets
