// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/widgets/theme.h"

#include <QApplication>
#include <QWidget>

namespace godwit::widgets {

const Tokens &Tokens::light()
{
    static const Tokens tokens{
        .isDark = false,
        .window = 0xf4f5f7,
        .surface = 0xffffff,
        .sunken = 0xe9ecf0,
        .border = 0xdadfe6,
        .control = 0x868f9c,
        .text = 0x19212c,
        .mutedText = 0x535e6d,
        .accent = 0x0b6a73,
        .onAccent = 0xffffff,
        .accentSoft = 0xd9edee,
        .ok = 0x17693a,
        .warning = 0x7d5200,
        .danger = 0xab2018,
        .okSoft = 0xdff3e5,
        .warningSoft = 0xfcefcf,
        .dangerSoft = 0xfde5e2,
        .grid = 0xe6e9ee,
        .series = { 0x1f66c9, 0xbf5212, 0x0b7d78, 0x7a4bc4, 0x5c6875 },
    };
    return tokens;
}

const Tokens &Tokens::dark()
{
    static const Tokens tokens{
        .isDark = true,
        .window = 0x11151a,
        .surface = 0x191f26,
        .sunken = 0x222a33,
        .border = 0x2b343e,
        .control = 0x6d7887,
        .text = 0xe7ebf0,
        .mutedText = 0xa3aebc,
        .accent = 0x58c4c9,
        .onAccent = 0x05272a,
        .accentSoft = 0x17383c,
        .ok = 0x62d090,
        .warning = 0xebb855,
        .danger = 0xff8f85,
        .okSoft = 0x16321f,
        .warningSoft = 0x382b0d,
        .dangerSoft = 0x431d1b,
        .grid = 0x262e38,
        .series = { 0x6ea8fe, 0xf0955c, 0x45c7be, 0xb698f6, 0x9aa6b4 },
    };
    return tokens;
}

const Tokens &Tokens::of(const QWidget &widget)
{
    return widget.palette().color(QPalette::Window).lightness() < 128 ? dark() : light();
}

QFont textFont(Type type)
{
    QFont font = QApplication::font();
    const double body = font.pointSizeF() > 0 ? font.pointSizeF() : 10;
    switch (type) {
    case Type::Caption:
        font.setPointSizeF(body * 0.9);
        break;
    case Type::Body:
        break;
    case Type::Heading:
        font.setPointSizeF(body * 1.05);
        font.setWeight(QFont::DemiBold);
        break;
    case Type::Title:
        font.setPointSizeF(body * 1.5);
        font.setWeight(QFont::DemiBold);
        break;
    case Type::Figure:
        font.setPointSizeF(body * 1.7);
        font.setWeight(QFont::DemiBold);
        break;
    }
    return font;
}

} // namespace godwit::widgets
