// SPDX-License-Identifier: Apache-2.0
#include "sim/core/postgres.h"

#include <algorithm>
#include <chrono>

#include "sim/read/ndjson.h"

namespace parallax {
namespace {

using Clock = std::chrono::steady_clock;

/// Rows fetched in one go: what is in memory at a time.
constexpr const char* fetch_page = "fetch forward 5000 from parallax_rows";

/// The query as a subquery: a statement's end would break it.
std::string bare(std::string query) {
  const auto end = query.find_last_not_of("; \t\r\n");
  query.resize(end == std::string::npos ? 0 : end + 1);
  return query;
}

/// Rows come as JSON, made by the server: numbers keep their digits, times are RFC 3339 in UTC, and
/// they are read as every other JSON row.
class PostgresReader final : public NdjsonReader {
 public:
  PostgresReader(const PostgresReaderOptions& options, const TrackingPlan& plan)
      : NdjsonReader(options.columns, plan),
        options_(options),
        query_(bare(options.query)),
        name_(postgres::shown_dsn(options.dsn)) {}

 private:
  Result<bool> stream(std::string_view run_id, const TakeBytes& take) override;
  Result<void> begin(postgres::Connection& session, std::string_view run_id) const;
  std::string source() const override { return name_; }

  PostgresReaderOptions options_;
  std::string query_;
  std::string name_;
};

Result<void> PostgresReader::begin(postgres::Connection& session, std::string_view run_id) const {
  const std::string limit = std::to_string(std::max<Micros>(options_.timeout / millisecond, 1));
  if (const Result<void> set =
          session.run("set timezone = 'UTC'; set statement_timeout = " + limit);
      !set)
    return set;
  if (!options_.refresh.empty())
    if (const Result<void> fresh = session.run(options_.refresh); !fresh) return fresh;
  if (const Result<void> begun = session.run("begin isolation level repeatable read read only");
      !begun)
    return begun;
  std::vector<std::string> params;
  if (query_.find("$1") != std::string::npos) params.emplace_back(run_id);
  const Result<postgres::Rows> declared = session.query(
      "declare parallax_rows no scroll cursor for select row_to_json(parallax_row)::text from (" +
          query_ + "\n) as parallax_row",
      params);
  return declared ? Result<void>() : declared.error();
}

Result<bool> PostgresReader::stream(std::string_view run_id, const TakeBytes& take) {
  const Clock::time_point deadline = Clock::now() + std::chrono::microseconds(options_.timeout);
  Result<postgres::Connection> session = postgres::Connection::open(options_.dsn, options_.timeout);
  if (!session) return session.error();
  if (const Result<void> begun = begin(*session, run_id); !begun) return begun.error();
  std::string lines;
  for (bool first = true;; first = false) {
    const Result<postgres::Rows> page = session->query(fetch_page);
    // What came before the break stands, and proves no absence.
    if (!page && !first) return false;
    if (!page) return page.error();
    if (page->rows.empty()) return true;
    lines.clear();
    for (const std::vector<std::string>& row : page->rows) {
      const std::size_t at = lines.size();
      lines.append(row.front());
      // A column of type json keeps the line ends it was written with; in JSON they are blanks.
      std::replace(lines.begin() + static_cast<std::ptrdiff_t>(at), lines.end(), '\n', ' ');
      lines += '\n';
    }
    if (!take(lines) || Clock::now() > deadline) return false;
  }
}

}  // namespace

Result<std::unique_ptr<RowReader>> make_postgres_reader(const PostgresReaderOptions& options,
                                                        const TrackingPlan& plan) {
  // Asks no server; where libpq is missing or the DSN cannot be read, this says so.
  if (const auto hosts = postgres::hosts_of(options.dsn); !hosts) return hosts.error();
  if (bare(options.query).empty())
    return Error{Error::Kind::invalid_input, "a postgres reader needs a query", "query"};
  return std::unique_ptr<RowReader>(std::make_unique<PostgresReader>(options, plan));
}

}  // namespace parallax
