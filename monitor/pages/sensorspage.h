// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "monitor/models/readings.h"
#include "monitor/net/session.h"
#include "monitor/widgets/page.h"

#include <QTimer>

#include <array>
#include <stop_token>

class QButtonGroup;
class QLabel;
class QStackedWidget;

namespace godwit::charts {
class ReadingChart;
}

namespace godwit::widgets {
class EmptyState;
}

namespace godwit::pages {

/// Temperature, humidity and pressure: live over /ws/realtime, or an hour, a day, a month of the history. Says plainly
/// where they come from. Draws nothing while hidden.
class SensorsPage : public widgets::Page
{
    Q_OBJECT

public:
    explicit SensorsPage(net::Session &session, const Clock &clock = Clock::system(), QWidget *parent = nullptr);
    ~SensorsPage() override;

    const models::LiveReadings &live() const { return m_live; }
    std::chrono::minutes span() const { return m_span; }
    /// Five minutes are live; an hour, a day and thirty days are asked for.
    void setSpan(std::chrono::minutes span);
    void setPaused(bool paused) override;
    QWidget *firstFocus() override;

protected:
    void showEvent(QShowEvent *event) override;

private:
    void makeSpanButtons();
    QWidget *makeCharts();
    bool isLive() const;
    void receive(const QString &text);
    void showConnection(const client::ConnectionState &state);
    void showSource();
    void draw();
    void askForHistory();
    QCoro::Task<> loadHistory(std::stop_token stop);
    QCoro::Task<Result<QJsonObject>> ask(QString path, QUrlQuery query, std::stop_token stop);
    static std::array<QString, models::readingCount> seriesOf(const QJsonObject &list, const QString &source);

    net::Session &m_session;
    std::unique_ptr<client::Socket> m_socket;
    models::LiveReadings m_live;
    std::chrono::minutes m_span{ 5 };
    std::array<models::ReadingLines, models::readingCount> m_past;
    std::stop_source m_asking;

    QTimer m_drawTimer; // time goes on without samples as well
    QTimer m_historyTimer;
    QStackedWidget *m_stack = nullptr;
    widgets::EmptyState *m_empty = nullptr;
    QButtonGroup *m_spans = nullptr;
    QLabel *m_source = nullptr;
    QList<charts::ReadingChart *> m_charts;
};

} // namespace godwit::pages
