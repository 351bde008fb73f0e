// SPDX-License-Identifier: Apache-2.0
// ClickHouse's HTTP interface: https://clickhouse.com/docs/interfaces/http
#include <algorithm>

#include "sim/read/http_call.h"
#include "sim/read/ndjson.h"

namespace parallax {
namespace {

/// Codes with which a server refuses settings: unknown ones (older servers), and any where the user
/// may change none.
constexpr std::string_view unknown_setting = "Code: 115";
constexpr std::string_view settings_are_fixed = "Code: 164";

/// The query without a statement's end, behind which no FORMAT may stand.
std::string bare(std::string query) {
  const auto end = query.find_last_not_of("; \t\r\n");
  query.resize(end == std::string::npos ? 0 : end + 1);
  return query;
}

/// One SELECT by POST, rows as JSONEachRow. The server makes the whole result before it answers, so
/// that an error in its middle is a status and not a text behind some rows.
class ClickHouseReader final : public NdjsonReader {
 public:
  ClickHouseReader(const ClickHouseReaderOptions& options, const TrackingPlan& plan)
      : NdjsonReader(options.columns, plan), options_(options), query_(bare(options.query)) {}

 private:
  Result<bool> stream(std::string_view run_id, const TakeBytes& take) override;
  Result<HttpCall> call(std::string_view run_id, bool with_settings) const;
  std::string source() const override { return options_.url; }

  ClickHouseReaderOptions options_;
  std::string query_;
};

Result<HttpCall> ClickHouseReader::call(std::string_view run_id, bool with_settings) const {
  std::string url = options_.url;
  if (url.find('/', url.find("://") + 3) == std::string::npos) url += '/';
  url += url.find('?') == std::string::npos ? '?' : '&';
  url += "wait_end_of_query=1";
  // Times with their zone, and nothing but reading.
  if (with_settings) url += "&date_time_output_format=iso&readonly=2";
  if (query_.find("{run_id:") != std::string::npos)
    url = with_run_id(url + "&param_run_id={run_id}", run_id);
  const Result<HttpAddress> address = split_url(url);
  if (!address) return address.error();
  HttpCall made{"POST", *address, options_.url, options_.headers, "", options_.timeout};
  if (!options_.user.empty()) made.headers.emplace_back("X-ClickHouse-User", options_.user);
  if (!options_.password.empty()) made.headers.emplace_back("X-ClickHouse-Key", options_.password);
  made.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
  made.body = query_ + "\nFORMAT JSONEachRow";
  return made;
}

Result<bool> ClickHouseReader::stream(std::string_view run_id, const TakeBytes& take) {
  const Result<HttpCall> first = call(run_id, true);
  if (!first) return first.error();
  Result<bool> read = call_http(*first, take);
  const auto refused_for = [&](std::string_view code) {
    return !read && read.error().what.find(code) != std::string::npos;
  };
  if (!refused_for(unknown_setting) && !refused_for(settings_are_fixed)) return read;
  return call_http(*call(run_id, false), take);
}

}  // namespace

Result<std::unique_ptr<RowReader>> make_clickhouse_reader(const ClickHouseReaderOptions& options,
                                                          const TrackingPlan& plan) {
  const auto address = split_url(options.url);
  if (!address) return address.error();
  if (bare(options.query).empty())
    return Error{Error::Kind::invalid_input, "a clickhouse reader needs a query", "query"};
  return std::unique_ptr<RowReader>(std::make_unique<ClickHouseReader>(options, plan));
}

}  // namespace parallax
