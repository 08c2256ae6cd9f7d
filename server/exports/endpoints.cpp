// SPDX-FileCopyrightText: 2026 The Godwit developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/exports/endpoints.h"

#include "server/exports/exportbody.h"
#include "server/http/bind.h"
#include "server/http/contentdisposition.h"

using namespace Qt::StringLiterals;

namespace godwit::exports {

using http::Response;

namespace {

struct ExportRequest
{
    qint64 rows = 0;
    Filter filter{};
    QString filteredBy{}; ///< one of the filter's parameters; empty: there is none

    static Result<ExportRequest> fromQuery(http::QueryReader &reader)
    {
        constexpr qint64 most = 1'000'000'000;
        ExportRequest request{ .rows = reader.integer("rows"_L1, 10'000, 0, most), .filter = Filter::read(reader) };
        for (const auto name : { "series"_L1, "from"_L1, "to"_L1, "step"_L1 }) {
            if (reader.has(name))
                request.filteredBy = name;
        }
        return reader.finish(std::move(request));
    }
};

/// A file's name, taken apart: `messages.csv`.
struct Wanted
{
    explicit Wanted(const QString &file)
    {
        const qsizetype dot = file.lastIndexOf(u'.');
        name = file.first(std::max<qsizetype>(dot, 0));
        const auto known = formatFrom(QStringView(file).sliced(dot + 1));
        dataset = findDataset(name);
        if (!known || (!dataset && !isSequence()))
            throw Error(Error::Code::NotFound, u"there is %1 as .csv, .json and .ndjson"_s.arg(names().join(u", "_s)));
        format = *known;
    }
    bool isFiltered() const { return dataset && dataset->isFiltered(); }
    bool isSequence() const { return name == "sequence"_L1; }
    static QStringList names() { return QStringList{ u"sequence"_s } + datasetNames(); }

    QString name;
    const Dataset *dataset = nullptr; ///< null: the sequence
    Format format = Format::Csv;
};

} // namespace

static QCoro::Task<Response> exportDataset(Service &service, async::Context context, protocol::Principal caller,
                                           http::Path<QString> file, http::Query<ExportRequest> request)
{
    const Wanted wanted(*file);
    if (!request->filteredBy.isEmpty() && !wanted.isFiltered()) // who asks for a part is not to get all
        throw Error(Error::Code::InvalidArgument, u"\"%1\" is for readings"_s.arg(request->filteredBy));
    std::shared_ptr<http::Body> body;
    if (wanted.isSequence()) {
        body = std::make_shared<SequenceBody>(request->rows, wanted.format);
    } else {
        auto beginning
            = service.begin(context, std::move(caller),
                            { .dataset = wanted.dataset, .format = wanted.format, .filter = request->filter });
        body = std::make_shared<ExportBody>(co_await std::move(beginning));
    }
    Response response = Response::stream(contentTypeOf(wanted.format), std::move(body));
    response.add("Content-Disposition", http::contentDisposition(http::Disposition::Attachment, *file));
    response.add("X-Content-Type-Options", "nosniff");
    response.add("Cache-Control", "no-store");
    co_return response;
}

void addExportRoutes(http::Router &router, Service &service)
{
    router.get("/api/export/{file}", http::bind(exportDataset, service));
}

} // namespace godwit::exports
