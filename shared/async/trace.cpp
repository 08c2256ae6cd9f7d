// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/async/trace.h"

#include "shared/core/error.h"

#include <algorithm>

namespace godwit::async {

quint64 Trace::wireIdOf(SpanId span) const
{
    // Another for each span of a trace, and the same each time one asks: multiplying by an odd number loses nothing.
    const quint64 id = m_self.spanId ^ (quint64(span) * 0x9e3779b97f4a7c15);
    return id ? id : 1;
}

QByteArray Trace::traceparentOf(SpanId span) const
{
    TraceParent parent = m_self;
    parent.spanId = wireIdOf(span);
    return parent.toHeader();
}

void Trace::add(Recorded &&span)
{
    const std::lock_guard lock(m_mutex);
    if (m_spans.empty())
        m_spans.reserve(8);
    m_spans.push_back(std::move(span));
}

std::vector<Trace::Recorded> Trace::spans() const
{
    std::vector<Recorded> spans;
    {
        const std::lock_guard lock(m_mutex);
        spans = m_spans;
    }
    std::ranges::sort(spans, {}, &Recorded::id);
    return spans;
}

void Span::begin(const TracePosition &position, const char *name, TimePoint start)
{
    const Trace::SpanId id = position.trace->begin();
    if (id == 0)
        return;
    m_trace = position.trace;
    m_span = { .id = id, .parent = position.span, .name = name, .start = start };
}

void Span::set(const char *name, QByteArray value)
{
    if (!m_trace)
        return;
    value.truncate(std::min(value.size(), Trace::mostAttributeBytes));
    m_span.attributes.emplace_back(name, std::move(value));
}

void Span::set(const char *name, qint64 value)
{
    if (m_trace)
        set(name, QByteArray::number(value));
}

void Span::fail(const QByteArray &why)
{
    m_span.hasFailed = true;
    set("error", why);
}

void Span::failWithCurrentException()
{
    if (!m_trace)
        return;
    try {
        throw;
    } catch (const Error &error) {
        fail(error.message().toUtf8());
    } catch (const std::exception &error) {
        fail(error.what());
    } catch (...) {
        fail("an exception of unknown type");
    }
}

void Span::end()
{
    if (!m_trace)
        return;
    m_span.end = std::chrono::steady_clock::now();
    std::exchange(m_trace, nullptr)->add(std::move(m_span));
}

} // namespace godwit::async
