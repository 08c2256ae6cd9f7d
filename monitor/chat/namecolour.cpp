// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/chat/namecolour.h"

#include <QRegularExpression>
#include <QTextBoundaryFinder>

#include <cmath>

namespace godwit::chat {

using namespace Qt::StringLiterals;
using widgets::Tokens;

namespace {

/// Relative luminance, WCAG 2.1.
double luminance(const QColor &colour)
{
    const auto linear = [](double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF());
}

double contrast(const QColor &a, const QColor &b)
{
    const double x = luminance(a), y = luminance(b);
    return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

/// FNV-1a: qHash is seeded anew in each process.
quint32 stableHash(const QString &text)
{
    quint32 hash = 2166136261U;
    const QByteArray bytes = text.toUtf8();
    for (const char byte : bytes)
        hash = (hash ^ static_cast<quint8>(byte)) * 16777619U;
    return hash;
}

/// What a reader takes for one character, such as an emoji with its modifier.
QString firstCharacter(const QString &word)
{
    QTextBoundaryFinder finder(QTextBoundaryFinder::Grapheme, word);
    return word.first(std::max(qsizetype(1), finder.toNextBoundary()));
}

} // namespace

QString initials(const QString &name)
{
    static const QRegularExpression separator(uR"([\s._\-@]+)"_s);
    const QStringList words = name.split(separator, Qt::SkipEmptyParts);
    if (words.isEmpty())
        return u"?"_s;
    QString letters = firstCharacter(words.first());
    if (words.size() > 1)
        letters += firstCharacter(words.last());
    return letters.toUpper();
}

QColor nameColour(const QString &name, const Tokens &tokens)
{
    constexpr double enough = 4.5;
    constexpr float step = 0.02F;
    // Twelve hues that can be told apart; neighbours in a list of names rarely share one.
    const float hue = static_cast<float>(stableHash(name) % 12) / 12.0F + 0.02F;
    const float saturation = tokens.isDark ? 0.62F : 0.58F;
    float lightness = tokens.isDark ? 0.62F : 0.46F;
    QColor colour = QColor::fromHslF(hue, saturation, lightness);
    while (contrast(colour, tokens.sunken) < enough && lightness > step && lightness < 1 - step) {
        lightness += tokens.isDark ? step : -step;
        colour = QColor::fromHslF(hue, saturation, lightness);
    }
    return colour;
}

void paintAvatar(QPainter &painter, const QRectF &rect, const QString &name, const Tokens &tokens)
{
    const QColor colour = nameColour(name, tokens);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour);
    painter.drawEllipse(rect);
    QFont letters = widgets::textFont(widgets::Type::Caption);
    letters.setWeight(QFont::DemiBold);
    letters.setPixelSize(static_cast<int>(rect.height() * 0.4));
    painter.setFont(letters);
    painter.setPen(tokens.isDark ? tokens.window : tokens.surface);
    painter.drawText(rect, Qt::AlignCenter, initials(name));
    painter.restore();
}

} // namespace godwit::chat
