// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/router.h"

#include <algorithm>
#include <array>

using namespace Qt::StringLiterals;

namespace godwit::http {

namespace {

constexpr size_t methodCount = size_t(Method::Other) + 1;

QByteArrayView firstSegment(QByteArrayView path)
{
    const qsizetype slash = path.indexOf('/');
    return slash < 0 ? path : path.first(slash);
}

/// `.`, `..` and what decodes to them: never resolved, never matched.
bool isDotSegment(QByteArrayView segment)
{
    if (segment.isEmpty() || (segment[0] != '.' && segment[0] != '%'))
        return false;
    qsizetype dots = 0;
    while (!segment.isEmpty()) {
        if (segment[0] == '.')
            segment = segment.sliced(1);
        else if (segment.size() >= 3 && segment.first(3).compare("%2e", Qt::CaseInsensitive) == 0)
            segment = segment.sliced(3);
        else
            return false;
        ++dots;
    }
    return dots <= 2;
}

bool hasDotSegment(QByteArrayView path)
{
    for (;;) {
        const QByteArrayView segment = firstSegment(path);
        if (isDotSegment(segment))
            return true;
        if (segment.size() == path.size())
            return false;
        path = path.sliced(segment.size() + 1);
    }
}

/// By size first: most comparisons then end at an integer.
bool precedes(QByteArrayView a, QByteArrayView b)
{
    if (a.size() != b.size())
        return a.size() < b.size();
    return std::memcmp(a.data(), b.data(), size_t(a.size())) < 0;
}

[[noreturn]] void refuse(QByteArrayView pattern, const QString &why)
{
    throw Error::internal(u"the route %1 cannot be registered: %2"_s.arg(QString::fromUtf8(pattern), why));
}

enum class SegmentKind { Literal, Parameter, Rest };

SegmentKind kindOf(QByteArrayView segment, QByteArrayView pattern)
{
    if (!segment.contains('{') && !segment.contains('}')) {
        if (segment.contains('%') || segment.contains('?') || segment.contains('#'))
            refuse(pattern, u"a literal segment is written decoded, without a query"_s);
        return SegmentKind::Literal;
    }
    if (segment.size() < 3 || segment.front() != '{' || segment.back() != '}')
        refuse(pattern, u"a parameter is a whole segment, {name}"_s);
    QByteArrayView name = segment.sliced(1).chopped(1);
    const bool isRest = name.endsWith("...");
    if (isRest)
        name.chop(3);
    if (name.isEmpty() || name.contains('{') || name.contains('}') || name.contains('.'))
        refuse(pattern, u"a parameter needs a name"_s);
    return isRest ? SegmentKind::Rest : SegmentKind::Parameter;
}

} // namespace

/// The routes that end here, by method, and what may follow.
struct Router::Node
{
    struct Child
    {
        QByteArray segment;
        std::unique_ptr<Node> node;
    };
    using Routes = std::array<const Route *, methodCount>;

    std::vector<Child> literals; // ordered by precedes()
    std::unique_ptr<Node> parameter;
    Routes routes{};
    Routes restRoutes{}; // of {name...}
    bool isEnd = false, hasRest = false;

    Node &literal(QByteArrayView segment)
    {
        const auto at = place(segment);
        if (at != literals.end() && at->segment == segment)
            return *at->node;
        return *literals.insert(at, Child{ segment.toByteArray(), std::make_unique<Node>() })->node;
    }

    const Node *find(QByteArrayView segment) const
    {
        const auto at = const_cast<Node *>(this)->place(segment);
        return at != literals.end() && at->segment == segment ? at->node.get() : nullptr;
    }

    /// The routes of the best pattern for @p path (without its leading slash), or null. A literal that leads nowhere
    /// gives way to a parameter, and that to a rest.
    const Routes *match(QByteArrayView path, QVarLengthArray<QByteArrayView, 4> &parameters) const
    {
        const QByteArrayView segment = firstSegment(path);
        const bool isLast = segment.size() == path.size();
        const QByteArrayView following = isLast ? QByteArrayView() : path.sliced(segment.size() + 1);
        if (const Node *const child = find(segment)) {
            if (const Routes *const found = child->matchAfter(isLast, following, parameters))
                return found;
        }
        if (parameter && !segment.isEmpty() && !isDotSegment(segment)) {
            parameters.append(segment);
            if (const Routes *const found = parameter->matchAfter(isLast, following, parameters))
                return found;
            parameters.removeLast();
        }
        if (!hasRest || hasDotSegment(path))
            return nullptr;
        parameters.append(path);
        return &restRoutes;
    }

private:
    std::vector<Child>::iterator place(QByteArrayView segment)
    {
        return std::lower_bound(
            literals.begin(), literals.end(), segment,
            [](const Child &child, QByteArrayView wanted) { return precedes(child.segment, wanted); });
    }

    const Routes *matchAfter(bool isLast, QByteArrayView following,
                             QVarLengthArray<QByteArrayView, 4> &parameters) const
    {
        if (isLast)
            return isEnd ? &routes : nullptr;
        return match(following, parameters);
    }
};

Router::Router() : m_root(std::make_unique<Node>()) { }
Router::~Router() = default;
Router::Router(Router &&) noexcept = default;

Route &Router::get(QByteArrayView pattern, Handler handler)
{
    return add(Method::Get, pattern, std::move(handler));
}

Route &Router::post(QByteArrayView pattern, Handler handler)
{
    return add(Method::Post, pattern, std::move(handler));
}

Route &Router::put(QByteArrayView pattern, Handler handler)
{
    return add(Method::Put, pattern, std::move(handler));
}

Route &Router::patch(QByteArrayView pattern, Handler handler)
{
    return add(Method::Patch, pattern, std::move(handler));
}

Route &Router::del(QByteArrayView pattern, Handler handler)
{
    return add(Method::Delete, pattern, std::move(handler));
}

Route &Router::options(QByteArrayView pattern, Handler handler)
{
    return add(Method::Options, pattern, std::move(handler));
}

Route &Router::webSocket(QByteArrayView pattern, Handler handler)
{
    Route &route = add(Method::Get, pattern, std::move(handler));
    route.kind = Route::Kind::WebSocket;
    return route;
}

Route &Router::add(Method method, QByteArrayView pattern, Handler handler)
{
    if (!pattern.startsWith('/'))
        refuse(pattern, u"a pattern starts with /"_s);
    Node *node = m_root.get();
    Node::Routes *routes = nullptr;
    for (QByteArrayView left = pattern.sliced(1); !routes;) {
        const QByteArrayView segment = firstSegment(left);
        const bool isLast = segment.size() == left.size();
        switch (kindOf(segment, pattern)) {
        case SegmentKind::Literal:
            if (segment.isEmpty() && !isLast)
                refuse(pattern, u"it has an empty segment"_s);
            if (isDotSegment(segment))
                refuse(pattern, u"dot segments are never matched"_s);
            node = &node->literal(segment);
            break;
        case SegmentKind::Parameter:
            if (!node->parameter)
                node->parameter = std::make_unique<Node>();
            node = node->parameter.get();
            break;
        case SegmentKind::Rest:
            if (!isLast)
                refuse(pattern, u"nothing can follow {name...}"_s);
            node->hasRest = true;
            routes = &node->restRoutes;
            continue;
        }
        if (isLast) {
            node->isEnd = true;
            routes = &node->routes;
        } else {
            left = left.sliced(segment.size() + 1);
        }
    }
    const Route *&slot = (*routes)[size_t(method)];
    if (slot)
        refuse(pattern,
               u"%1 %2 matches the same paths"_s.arg(QString::fromLatin1(toName(method)),
                                                     QString::fromUtf8(slot->pattern)));
    auto route = std::make_unique<Route>();
    route->method = method;
    route->pattern = pattern.toByteArray();
    route->handler = std::move(handler.call);
    route->leastRole = handler.leastRole;
    route->index = qsizetype(m_routes.size());
    slot = route.get();
    m_routes.push_back(std::move(route));
    return *m_routes.back();
}

static QByteArray allowedMethods(const std::array<const Route *, methodCount> &routes)
{
    QByteArray allow;
    for (size_t i = 0; i < methodCount; ++i) {
        if (routes[i] && Method(i) != Method::Options)
            allow += toName(Method(i)).toByteArray() + ", ";
        if (routes[i] && Method(i) == Method::Get && routes[i]->kind == Route::Kind::Plain)
            allow += "HEAD, ";
    }
    return allow + "OPTIONS";
}

Router::Match Router::match(Method method, QByteArrayView path, QVarLengthArray<QByteArrayView, 4> &parameters) const
{
    parameters.clear();
    const Node::Routes *const routes = path.startsWith('/') ? m_root->match(path.sliced(1), parameters) : nullptr;
    if (!routes)
        return {};
    const Route *const route = (*routes)[size_t(method == Method::Head ? Method::Get : method)];
    if (route)
        return { .route = route, .allow = {} };
    return { .route = nullptr, .allow = allowedMethods(*routes) };
}

std::vector<const Route *> Router::routes() const
{
    std::vector<const Route *> all;
    all.reserve(m_routes.size());
    for (const auto &route : m_routes)
        all.push_back(route.get());
    return all;
}

} // namespace godwit::http
