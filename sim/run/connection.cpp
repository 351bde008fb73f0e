// SPDX-License-Identifier: Apache-2.0
#include "sim/run/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/core/postgres.h"
#include "sim/drive/ascii.h"
#include "sim/pipeline/postgres_pipeline.h"

namespace parallax {
namespace {

/// The reference pipeline on PostgreSQL is refreshed while events come in, as real ones are: so
/// often, in batches.
constexpr unsigned batches_a_refresh = 1'024;

/// Faults that are a status of HTTP, or a browser's.
constexpr std::array<std::string_view, 4> http_faults{"status", "odd_success", "partial", "cors"};

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

/// What of a read names the table.
std::string& what_is_read(TargetPlan::Read& read) {
  if (read.kind == "http") return read.url;
  if (read.kind == "file") return read.path;
  if (read.kind == "kafka") return read.topic;
  return read.kind == "command" ? read.command : read.query;
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
  if (!target.send.policy.empty()) options.policy = target.send.policy;
  if (target.send.kind == "kafka") {
    // One group a folder: started again on it, the pipeline goes on where it was.
    std::error_code failed;
    const std::string folder = std::filesystem::absolute(data, failed).string();
    options.source = kafka_source(target.send, fmt::format("parallax-{:016x}", hash_text(folder)));
  }
  return Pipeline::start(options);
}

KafkaSource kafka_source(const TargetPlan::Send& send, std::string group) {
  return {{send.brokers, send.settings, send.timeout}, send.topic, std::move(group)};
}

Result<void> check_faults(const Scenario& scenario, const TargetPlan& target) {
  if (target.send.kind != "kafka") return {};
  for (std::size_t i = 0; i < scenario.faults.size(); ++i) {
    const std::string& fault = scenario.faults[i].fault;
    if (std::find(http_faults.begin(), http_faults.end(), fault) == http_faults.end()) continue;
    return Error{Error::Kind::invalid_input,
                 "the fault " + fault +
                     " answers in HTTP, which a Kafka topic does not speak; there, refused and "
                     "offline are a broker that is away, answer_lost a delivery nobody hears of, "
                     "cut_body half a batch, and duplicate, delay, reorder what they say",
                 fmt::format("/faults/{}", i)};
  }
  return {};
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
  for (const std::string& brokers : {target.send.brokers, target.read.brokers}) {
    if (brokers.empty()) continue;
    const Result<std::vector<std::string>> named = kafka::hosts_of(brokers);
    if (!named) return named.error();
    hosts.insert(hosts.end(), named->begin(), named->end());
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
  if (!target_->send.reference || consumes()) return {};
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
  if (!runs_pipeline()) return {};
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
  options.whole_answers = format.answers_by_event();
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
  if (send.kind == "kafka") return make_kafka();
  if (send.kind == "duckdb") return make_duckdb_target({send.path, send.table, send.column});
  if (send.kind == "postgres") return make_postgres();
  return make_http_target(http_options(format));
}

Result<std::unique_ptr<Target>> Connection::make_kafka() const {
  const TargetPlan::Send& send = target_->send;
  KafkaTargetOptions options;
  options.cluster = kafka_source(send, "").cluster;
  options.topic = send.topic;
  options.message_key = send.message_key;
  options.headers = send.headers;
  options.acks = send.acks;
  options.compression = send.compression;
  options.idempotence = send.idempotence;
  options.batches_max = send.connections;
  options.clock_header = send.simulated_clock;
  return make_kafka_target(options);
}

Result<std::unique_ptr<Target>> Connection::make_postgres() const {
  const TargetPlan::Send& send = target_->send;
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

/// The embedded pipeline, or the reference on PostgreSQL, as if the target file had named it.
TargetPlan::Read Connection::resolved(std::string_view path, std::string_view query) const {
  TargetPlan::Read read = target_->read;
  if (read.kind != "embedded") return read;
  read.kind = runs_pipeline() ? "http" : "postgres";
  if (runs_pipeline()) read.url = pipeline_->url().append(path).append("?run_id={run_id}");
  read.dsn = target_->send.dsn;
  read.query = query;
  read.refresh = postgres_pipeline_refresh;
  return read;
}

Result<std::unique_ptr<RowReader>> Connection::reader_of(const TargetPlan::Read& read,
                                                         const TrackingPlan& plan) const {
  if (read.kind == "file") return make_file_reader(read.path, read.columns, plan);
  if (read.kind == "duckdb") return make_duckdb_reader(read.path, read.query, read.columns, plan);
  if (read.kind == "command")
    return make_command_reader(read.command, read.columns, read.timeout, plan);
  if (read.kind == "postgres")
    return make_postgres_reader({read.dsn, read.query, read.refresh, read.columns, read.timeout},
                                plan);
  if (read.kind == "clickhouse")
    return make_clickhouse_reader(
        {read.url, read.query, read.user, read.password, read.headers, read.columns, read.timeout},
        plan);
  if (read.kind == "kafka")
    return make_kafka_reader(
        {{read.brokers, read.settings, read.timeout}, read.topic, read.columns, read.timeout},
        plan);
  return make_http_reader({read.url, read.headers, read.columns, read.timeout}, plan);
}

Result<std::unique_ptr<RowReader>> Connection::make_reader() const {
  return reader_of(resolved("/v1/clean_events", postgres_pipeline_query), *plan_);
}

Result<std::unique_ptr<RowReader>> Connection::make_side_reader(SideTable table,
                                                                const TrackingPlan& plan) const {
  const bool is_rollup = table == SideTable::rollup;
  const bool is_ours = target_->read.kind == "embedded";
  const std::string& named = is_rollup ? target_->read.rollup : target_->read.rejected;
  // PostgreSQL alone checks no contract, so that the reference there rejects nothing.
  if (is_ours ? !runs_pipeline() && !is_rollup : named.empty()) return std::unique_ptr<RowReader>();
  TargetPlan::Read read =
      resolved(is_rollup ? "/v1/daily_totals" : "/v1/dead_letters", postgres_pipeline_totals);
  read.columns = columns_of(table);
  if (!is_ours) what_is_read(read) = named;
  return reader_of(read, plan);
}

std::string Connection::describe() const {
  const TargetPlan::Send& send = target_->send;
  std::string text = send.kind + " ";
  if (send.kind == "http") text += send.url;
  if (send.kind == "file") text += send.path;
  if (send.kind == "duckdb") text += send.table + " in " + send.path;
  if (send.kind == "kafka") text += "topic " + send.topic + " at " + send.brokers;
  if (send.kind == "command") text += send.command;
  if (send.kind == "postgres")
    text += (send.reference ? "" : send.table + " in ") + postgres::shown_dsn(send.dsn);
  if (embedded()) text = "embedded reference pipeline";
  if (!send.policy.empty()) text += " as " + send.policy;
  if (send.reference)
    text = (consumes() ? "embedded reference pipeline behind " : "reference pipeline on ") + text;
  for (std::size_t i = 0; i < send.bugs.size(); ++i)
    text += (i == 0 ? " with bug " : ", ") + send.bugs[i];
  return text;
}

}  // namespace parallax
