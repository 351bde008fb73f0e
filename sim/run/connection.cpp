// SPDX-License-Identifier: Apache-2.0
#include "sim/run/connection.h"

#include <algorithm>

#include "sim/core/postgres.h"
#include "sim/drive/ascii.h"
#include "sim/pipeline/postgres_pipeline.h"

namespace parallax {
namespace {

/// The reference pipeline on PostgreSQL is refreshed while events come in, as real ones are: so
/// often, in batches.
constexpr unsigned batches_a_refresh = 1'024;

/// What a format of a vendor says in headers, unless the target file says it otherwise.
void add_missing(const std::vector<std::pair<std::string, std::string>>& wanted,
                 std::vector<std::pair<std::string, std::string>>& headers) {
  for (const auto& header : wanted) {
    const bool given = std::any_of(headers.begin(), headers.end(), [&](const auto& own) {
      return equals_ignoring_case(own.first, header.first);
    });
    if (!given) headers.push_back(header);
  }
}

}  // namespace

Result<std::unique_ptr<Pipeline>> start_pipeline(const TrackingPlan& plan, const TargetPlan& target,
                                                 const std::filesystem::path& data) {
  PipelineOptions options;
  options.data = data;
  options.contract = plan;
  for (const std::string& text : target.send.bugs) {
    Result<BugSwitch> bug = parse_bug(text);
    if (!bug) return bug.error();
    options.bugs.push_back(*bug);
  }
  return Pipeline::start(options);
}

Result<void> check_hosts(const TargetPlan& target, const std::vector<std::string>& allowed) {
  std::vector<std::string> hosts;
  for (const std::string& url : {target.send.url, target.read.url, target.settle.url})
    if (!url.empty()) hosts.push_back(host_of_url(url));
  for (const std::string& dsn : {target.send.dsn, target.read.dsn}) {
    if (dsn.empty()) continue;
    const Result<std::vector<std::string>> of_dsn = postgres::hosts_of(dsn);
    if (!of_dsn) return of_dsn.error();
    hosts.insert(hosts.end(), of_dsn->begin(), of_dsn->end());
  }
  for (const std::string& host : hosts) {
    const std::string authority = host.find(':') == std::string::npos ? host : "[" + host + "]";
    if (is_loopback_url("tcp://" + authority)) continue;
    if (std::find(allowed.begin(), allowed.end(), host) != allowed.end()) continue;
    return Error{Error::Kind::invalid_input,
                 "the target's host " + host + " is not this machine: add --allow-host " + host +
                     " if traffic may go there",
                 {}};
  }
  return {};
}

Result<void> Connection::install() const {
  if (!target_->send.reference) return {};
  PostgresPipelineOptions options;
  options.dsn = target_->send.dsn;
  options.contract = *plan_;
  for (const std::string& text : target_->send.bugs) {
    Result<BugSwitch> bug = parse_postgres_bug(text);
    if (!bug) return bug.error();
    options.bugs.push_back(*bug);
  }
  const Result<void> done = install_postgres_pipeline(options);
  const bool gone =
      !done && (done.error().kind == Error::Kind::io || done.error().kind == Error::Kind::timeout);
  return gone ? Result<void>() : done;
}

Result<void> Connection::start() {
  if (!embedded()) return {};
  pipeline_.reset();
  Result<std::unique_ptr<Pipeline>> made = start_pipeline(*plan_, *target_, data_);
  if (!made) return made.error();
  pipeline_ = std::move(*made);
  return {};
}

void Connection::stop() {
  if (pipeline_) pipeline_->stop();
}

Result<void> Connection::crash() {
  if (pipeline_) pipeline_->crash();
  return start();
}

HttpTargetOptions Connection::http_options(const WireFormat& format) const {
  const TargetPlan::Send& send = target_->send;
  HttpTargetOptions options;
  options.url = embedded() ? pipeline_->url() + std::string(format.path()) : send.url;
  options.content_type = format.content_type();
  options.headers = send.headers;
  add_missing(format.headers(), options.headers);
  options.gzip = send.gzip;
  options.connections = send.connections;
  options.timeout = send.timeout;
  options.clock_header = send.simulated_clock;
  return options;
}

Result<std::unique_ptr<Target>> Connection::make_target(const WireFormat& format) const {
  const TargetPlan::Send& send = target_->send;
  if (send.kind == "file") return make_file_target(send.path);
  if (send.kind == "command") return make_command_target(send.command, send.timeout);
  if (send.kind != "postgres") return make_http_target(http_options(format));
  PostgresTargetOptions options;
  options.dsn = send.dsn;
  options.table = send.table;
  options.event_column = send.column;
  options.timeout = send.timeout;
  if (send.simulated_clock) options.time_column = "ingestion_ts";
  if (send.reference) {
    options.table = postgres_pipeline_table;
    options.refresh = postgres_pipeline_refresh;
    options.batches_a_refresh = batches_a_refresh;
  }
  return make_postgres_target(options);
}

Result<std::unique_ptr<RowReader>> Connection::make_postgres_rows() const {
  const TargetPlan::Read& read = target_->read;
  const bool ours = read.kind == "embedded";
  PostgresReaderOptions options;
  options.dsn = ours ? target_->send.dsn : read.dsn;
  options.query = ours ? std::string(postgres_pipeline_query) : read.query;
  options.refresh = ours ? std::string(postgres_pipeline_refresh) : read.refresh;
  options.columns = read.columns;
  options.timeout = read.timeout;
  return make_postgres_reader(options, *plan_);
}

Result<std::unique_ptr<RowReader>> Connection::make_reader() const {
  const TargetPlan::Read& read = target_->read;
  if (read.kind == "file") return make_file_reader(read.path, read.columns, *plan_);
  if (read.kind == "duckdb") return make_duckdb_reader(read.path, read.query, read.columns, *plan_);
  if (read.kind == "command")
    return make_command_reader(read.command, read.columns, read.timeout, *plan_);
  if (read.kind == "postgres" || target_->send.reference) return make_postgres_rows();
  HttpReaderOptions options;
  options.url =
      read.kind == "embedded" ? pipeline_->url() + "/v1/clean_events?run_id={run_id}" : read.url;
  options.headers = read.headers;
  options.columns = read.columns;
  options.timeout = read.timeout;
  return make_http_reader(options, *plan_);
}

std::string Connection::describe() const {
  const TargetPlan::Send& send = target_->send;
  std::string text = send.kind + " ";
  if (send.kind == "http") text += send.url;
  if (send.kind == "file") text += send.path;
  if (send.kind == "command") text += send.command;
  if (send.kind == "postgres")
    text += (send.reference ? "" : send.table + " in ") + postgres::shown_dsn(send.dsn);
  if (embedded()) text = "embedded reference pipeline";
  if (send.reference) text = "reference pipeline on " + text;
  for (std::size_t i = 0; i < send.bugs.size(); ++i)
    text += (i == 0 ? " with bug " : ", ") + send.bugs[i];
  return text;
}

}  // namespace parallax
