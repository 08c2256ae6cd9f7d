// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

#include <prometheus/collectable.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace godwit::metrics {

class HttpMetrics;
class Sampler;

/// All that `/metrics` shows. Filled at start, then only read; what it asks must be safe from any thread.
class Registry
{
public:
    Registry();
    ~Registry();

    void add(std::unique_ptr<prometheus::Collectable> collectable);
    /// A figure that goes up and down; left out of the text while it is NaN.
    void addGauge(std::string name, std::string help, std::function<double()> value);
    /// A figure that only grows; @p name ends in `_total`.
    void addCounter(std::string name, std::string help, std::function<double()> value);
    /// Constant facts as labels of a gauge that is 1: a version.
    void addLabels(std::string name, std::string help, std::vector<std::pair<std::string, std::string>> labels);

    /// The text format of Prometheus, version 0.0.4.
    QByteArray text() const;

private:
    std::vector<std::unique_ptr<prometheus::Collectable>> m_collectables;
};

/// Answers by route and class of status, and latencies by route as histograms.
std::unique_ptr<prometheus::Collectable> collectHttp(const HttpMetrics &http);
/// The host and the connections, as of the last sample.
std::unique_ptr<prometheus::Collectable> collectSamples(const Sampler &sampler);

} // namespace godwit::metrics
