// SPDX-License-Identifier: Apache-2.0
// ClickHouse's HTTP interface: against a stand-in that holds requests against what the manual says
// of current versions, and against the server of Debian 12, which is of 2018.
#include <httplib.h>

#include <functional>
#include <thread>

#include "sim/read/reader.h"
#include "tests/connect/clickhouse_server.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

const TrackingPlan plan;

/// Answers as the test says, and keeps what it was asked.
class StandIn {
 public:
  using Handle = std::function<void(const httplib::Request&, httplib::Response&)>;
  explicit StandIn(Handle handle) {
    server_.Post(".*", [this, handle](const httplib::Request& request, httplib::Response& answer) {
      asked.push_back(request);
      handle(request, answer);
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~StandIn() {
    server_.stop();
    thread_.join();
  }
  StandIn(const StandIn&) = delete;
  StandIn& operator=(const StandIn&) = delete;
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  std::vector<httplib::Request> asked;

 private:
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

Result<RowSet> read_from(ClickHouseReaderOptions options, const std::string& run_id = "r-1") {
  if (options.query.empty()) options.query = "select * from clean_events";
  options.timeout = 10 * second;
  const auto reader = make_clickhouse_reader(options, plan);
  REQUIRE(reader);
  return reader.value()->read(run_id);
}

void give_rows(const httplib::Request& /*request*/, httplib::Response& answer) {
  answer.set_content("{\"user_id\":\"u-1\",\"sequence_id\":\"7\"}\n{\"user_id\":\"u-2\"}\n",
                     "application/x-ndjson");
}

}  // namespace

TEST_CASE("a read of ClickHouse is one POST as its manual says", "[connect][clickhouse]") {
  StandIn server(give_rows);
  ClickHouseReaderOptions options;
  options.url = server.url() + "/?database=shop";
  options.query = "select * from clean_events where run_id = {run_id:String};\n";
  options.user = "reader";
  options.password = "open sesame";
  options.headers = {{"X-Team", "data"}};
  const auto rows = read_from(options, "r 1&x");
  REQUIRE(rows);
  CHECK(rows->complete);
  REQUIRE(rows->rows.size() == 2);
  CHECK(rows->rows[0].sequence == 7);
  REQUIRE(server.asked.size() == 1);
  const httplib::Request& asked = server.asked.front();
  CHECK(asked.target ==
        "/?database=shop&wait_end_of_query=1&date_time_output_format=iso&readonly=2"
        "&param_run_id=r%201%26x");
  CHECK(asked.body ==
        "select * from clean_events where run_id = {run_id:String}\nFORMAT JSONEachRow");
  CHECK(asked.get_header_value("X-ClickHouse-User") == "reader");
  CHECK(asked.get_header_value("X-ClickHouse-Key") == "open sesame");
  CHECK(asked.get_header_value("X-Team") == "data");
}

TEST_CASE("what the server refuses is told in its words, and asked once", "[connect][clickhouse]") {
  StandIn server([](const httplib::Request&, httplib::Response& answer) {
    answer.status = 404;
    answer.set_content("Code: 60. DB::Exception: Table default.clean_events does not exist",
                       "text/plain");
  });
  ClickHouseReaderOptions options;
  options.url = server.url();
  const auto rows = read_from(options);
  REQUIRE_FALSE(rows);
  CHECK(rows.error().kind == Error::Kind::protocol);
  CHECK(rows.error().what.find("answered 404: Code: 60. DB::Exception: Table") == 0);
  CHECK(server.asked.size() == 1);
}

TEST_CASE("where no setting may be changed the query is asked without", "[connect][clickhouse]") {
  for (const char* const code : {"115", "164"}) {
    StandIn server([&](const httplib::Request& request, httplib::Response& answer) {
      if (!request.has_param("readonly")) return give_rows(request, answer);
      answer.status = 500;
      answer.set_content("Code: " + std::string(code) + ". DB::Exception: no", "text/plain");
    });
    ClickHouseReaderOptions options;
    options.url = server.url();
    const auto rows = read_from(options);
    REQUIRE(rows);
    CHECK(rows->rows.size() == 2);
    REQUIRE(server.asked.size() == 2);
    CHECK(server.asked[1].target == "/?wait_end_of_query=1");
  }
}

TEST_CASE("an answer that is cut short is incomplete", "[connect][clickhouse]") {
  StandIn server([](const httplib::Request&, httplib::Response& answer) {
    answer.set_content_provider(
        1'000, "application/x-ndjson", [](std::size_t, std::size_t, httplib::DataSink& sink) {
          const std::string row = "{\"user_id\":\"u-1\"}\n{\"user_id\":\"u-2";
          sink.write(row.data(), row.size());
          return false;
        });
  });
  ClickHouseReaderOptions options;
  options.url = server.url();
  const auto rows = read_from(options);
  REQUIRE(rows);
  CHECK_FALSE(rows->complete);
  CHECK(rows->rows.size() == 1);
}

TEST_CASE("rows come from the ClickHouse server of Debian 12", "[connect][clickhouse]") {
  if (!ClickHouseServer::is_installed()) {
    WARN("clickhouse-server is not installed: only the stand-in was asked");
    return;
  }
  const ClickHouseServer& server = ClickHouseServer::instance();
  server.run(
      "create table clean_events (event_id UUID, event_name String, user_id String, run_id String, "
      "sequence_id Int64, revenue Decimal(18, 2), event_ts DateTime, is_server_authoritative "
      "UInt8) "
      "engine = MergeTree order by event_ts");
  server.run(
      "insert into clean_events select '00000000-0000-4000-8000-000000000001', 'purchase', "
      "concat('u-', toString(number)), 'r-1', number, toDecimal64(9.99, 2), "
      "toDateTime('2026-03-02 00:00:01'), 1 from numbers(20000)");
  ClickHouseReaderOptions options;
  options.url = server.url() + "/?database=default";
  options.query = "select * from clean_events where run_id = 'r-1' order by sequence_id";
  for (const bool as_reader : {false, true}) {
    options.user = as_reader ? "reader" : "";
    options.password = as_reader ? "open sesame" : "";
    const auto rows = read_from(options);
    if (!rows) FAIL(rows.error().text());
    CHECK(rows->complete);
    REQUIRE(rows->rows.size() == 20'000);
    const CanonicalRow& row = rows->rows[19'999];
    CHECK(row.sequence == 19'999);
    CHECK(row.user == user_key_of("u-19999"));
    CHECK(row.event_ts == *parse_rfc3339("2026-03-02T00:00:01Z"));
    CHECK(row.server_authoritative == true);
  }
  options.password = "wrong";
  const auto refused = read_from(options);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().what.find("password") != std::string::npos);
  CHECK(refused.error().text().find("wrong") == std::string::npos);
  // An error in the middle of a result: nothing of it is handed over.
  options.user = options.password = "";
  options.query =
      "select concat('u-', toString(number)) as user_id, throwIf(number = 150000) as x from "
      "system.numbers limit 200000";
  const auto broken = read_from(options);
  REQUIRE_FALSE(broken);
  CHECK(broken.error().what.find("answered 500: Code: 395") == 0);
}

}  // namespace parallax::test
