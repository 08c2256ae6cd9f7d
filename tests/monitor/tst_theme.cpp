// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "monitor/widgets/theme.h"

#include <QApplication>
#include <QDirIterator>
#include <QSignalSpy>
#include <QSpinBox>
#include <QStyleOptionSpinBox>
#include <QSvgRenderer>
#include <QTest>
#include <QWidget>

#include <cmath>

using namespace Qt::StringLiterals;
using namespace godwit;
using widgets::Theme;
using widgets::Tokens;

class tst_Theme : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void textIsReadable_data();
    void textIsReadable();
    void styleSheetIsWhole();
    void switchesAtRunTime();
    void iconsAreDrawable();
    void spinBoxesHaveButtons();
};

/// WCAG 2.1, relative luminance and contrast ratio.
static double luminance(const QColor &colour)
{
    const auto linear = [](double channel) {
        return channel <= 0.03928 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF());
}

static double contrast(const QColor &a, const QColor &b)
{
    const double x = luminance(a) + 0.05;
    const double y = luminance(b) + 0.05;
    return std::max(x, y) / std::min(x, y);
}

void tst_Theme::textIsReadable_data()
{
    QTest::addColumn<QColor>("text");
    QTest::addColumn<QColor>("ground");
    QTest::addColumn<double>("least");
    for (const Tokens *tokens : { &Tokens::light(), &Tokens::dark() }) {
        const QString theme = tokens->isDark ? u"dark "_s : u"light "_s;
        const auto row = [&theme](const QString &name, const QColor &text, const QColor &ground, double least = 4.5) {
            QTest::newRow(qPrintable(QString(theme + name))) << text << ground << least;
        };
        const std::initializer_list<std::pair<QString, QColor>> grounds
            = { { u"window"_s, tokens->window }, { u"surface"_s, tokens->surface }, { u"sunken"_s, tokens->sunken } };
        for (const auto &[name, ground] : grounds) {
            row(u"text on "_s + name, tokens->text, ground);
            row(u"muted on "_s + name, tokens->mutedText, ground);
            row(u"accent on "_s + name, tokens->accent, ground);
        }
        row(u"ok"_s, tokens->ok, tokens->surface);
        row(u"warning"_s, tokens->warning, tokens->surface);
        row(u"danger"_s, tokens->danger, tokens->surface);
        row(u"selected"_s, tokens->text, tokens->accentSoft);
        row(u"selected accent"_s, tokens->accent, tokens->accentSoft);
        row(u"primary button"_s, tokens->onAccent, tokens->accent);
        row(u"badge ok"_s, tokens->ok, tokens->okSoft);
        row(u"badge warning"_s, tokens->warning, tokens->warningSoft);
        row(u"badge danger"_s, tokens->danger, tokens->dangerSoft);
        row(u"frame of a control"_s, tokens->control, tokens->surface, 3.0);
        for (const QColor &line : tokens->series)
            row(u"line "_s + line.name(), line, tokens->surface, 3.0);
    }
}

void tst_Theme::textIsReadable()
{
    QFETCH(QColor, text);
    QFETCH(QColor, ground);
    QFETCH(double, least);
    const double ratio = contrast(text, ground);
    QVERIFY2(ratio >= least, qPrintable(u"%1 on %2 has %3:1"_s.arg(text.name(), ground.name()).arg(ratio)));
}

static QtMessageHandler previous;
static QStringList warnings;

void tst_Theme::styleSheetIsWhole()
{
    for (const Tokens *tokens : { &Tokens::light(), &Tokens::dark() }) {
        const QString sheet = widgets::styleSheetOf(*tokens);
        QVERIFY2(!QString(sheet).remove(u"@...@"_s).contains(u'@'), "a name in the sheet is not a token");
        previous = qInstallMessageHandler(
            [](QtMsgType, const QMessageLogContext &, const QString &text) { warnings += text; });
        QWidget widget;
        widget.setStyleSheet(sheet); // Qt tells of faults on the log only
        widget.ensurePolished();
        qInstallMessageHandler(previous);
        QCOMPARE(warnings, QStringList());
    }
}

void tst_Theme::switchesAtRunTime()
{
    Theme theme(*qApp);
    QWidget widget;
    widget.show();
    QSignalSpy changed(&theme, &Theme::changed);
    theme.setScheme(Theme::Scheme::Dark);
    QVERIFY(theme.isDark());
    QVERIFY(Tokens::of(widget).isDark);
    theme.setScheme(Theme::Scheme::Light);
    QVERIFY(!Tokens::of(widget).isDark);
    QCOMPARE(changed.count(), 2);
    theme.setScheme(Theme::Scheme::System);
    QVERIFY(!theme.isDark()); // the offscreen platform is light
}

void tst_Theme::iconsAreDrawable()
{
    int count = 0;
    QDirIterator files(u":/icons"_s, { u"*.svg"_s }, QDir::Files);
    while (files.hasNext()) {
        const QString path = files.next();
        QVERIFY2(QSvgRenderer(path).isValid(), qPrintable(path));
        ++count;
    }
    QVERIFY(count > 20);
}

/// A style sheet that gives a spin box a frame takes away its arrows, too.
void tst_Theme::spinBoxesHaveButtons()
{
    Theme theme(*qApp);
    QSpinBox box;
    box.setMaximum(10);
    box.resize(200, box.sizeHint().height());
    box.show();
    QStyleOptionSpinBox option;
    option.initFrom(&box);
    option.subControls = QStyle::SC_All;
    option.stepEnabled = QAbstractSpinBox::StepUpEnabled | QAbstractSpinBox::StepDownEnabled;
    const QColor ground = box.palette().color(QPalette::Base);
    for (const auto button : { QStyle::SC_SpinBoxUp, QStyle::SC_SpinBoxDown }) {
        const QRect rect = box.style()->subControlRect(QStyle::CC_SpinBox, &option, button, &box);
        QVERIFY2(rect.width() >= 20 && rect.height() >= 10, "too small to be hit");
        const QImage drawn = box.grab(rect.adjusted(4, 2, -4, -2)).toImage();
        QSet<QRgb> colours;
        for (int y = 0; y < drawn.height(); ++y) {
            for (int x = 0; x < drawn.width(); ++x)
                colours.insert(drawn.pixel(x, y));
        }
        QVERIFY2(colours.size() > 2 && colours.contains(ground.rgb()), "no arrow");
        const int before = box.value();
        QTest::mouseClick(&box, Qt::LeftButton, {}, rect.center());
        QCOMPARE(box.value(), button == QStyle::SC_SpinBoxUp ? before + 1 : before - 1);
    }
}

QTEST_MAIN(tst_Theme)
#include "tst_theme.moc"
