// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/metrics/registry.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <cmath>
#include <sstream>

namespace godwit::metrics {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

/// One figure without labels, asked when it is shown.
class Figure final : public prometheus::Collectable
{
public:
    Figure(MetricFamily family, std::function<double()> value) : m_family(std::move(family)), m_value(std::move(value))
    {
    }

    std::vector<MetricFamily> Collect() const override
    {
        const double value = m_value();
        if (std::isnan(value))
            return {};
        MetricFamily family = m_family;
        ClientMetric &metric = family.metric.emplace_back();
        (family.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
        return { family };
    }

private:
    const MetricFamily m_family;
    const std::function<double()> m_value;
};

class Constant final : public prometheus::Collectable
{
public:
    explicit Constant(MetricFamily family) : m_family(std::move(family)) { }
    std::vector<MetricFamily> Collect() const override { return { m_family }; }

private:
    const MetricFamily m_family;
};

} // namespace

Registry::Registry() = default;
Registry::~Registry() = default;

void Registry::add(std::unique_ptr<prometheus::Collectable> collectable)
{
    m_collectables.push_back(std::move(collectable));
}

void Registry::addGauge(std::string name, std::string help, std::function<double()> value)
{
    add(std::make_unique<Figure>(MetricFamily{ std::move(name), std::move(help), MetricType::Gauge, {} },
                                 std::move(value)));
}

void Registry::addCounter(std::string name, std::string help, std::function<double()> value)
{
    add(std::make_unique<Figure>(MetricFamily{ std::move(name), std::move(help), MetricType::Counter, {} },
                                 std::move(value)));
}

void Registry::addLabels(std::string name, std::string help, std::vector<std::pair<std::string, std::string>> labels)
{
    ClientMetric metric;
    metric.gauge.value = 1;
    for (auto &[label, value] : labels)
        metric.label.push_back({ std::move(label), std::move(value) });
    add(std::make_unique<Constant>(MetricFamily{ std::move(name), std::move(help), MetricType::Gauge, { metric } }));
}

QByteArray Registry::text() const
{
    std::vector<MetricFamily> families;
    for (const auto &collectable : m_collectables) {
        for (MetricFamily &family : collectable->Collect())
            families.push_back(std::move(family));
    }
    std::ostringstream text;
    prometheus::TextSerializer().Serialize(text, families);
    return QByteArray::fromStdString(text.str());
}

} // namespace godwit::metrics
