// SPDX-License-Identifier: Apache-2.0
// Batches copied into a real PostgreSQL server, and strikes that break the connection for real.
#include "tests/connect/postgres_server.h"
#include "tests/drive/sending.h"
#include "tests/support/catch.h"

using parallax::drive_tests::send;

namespace parallax::test {
namespace {

struct Raw {
  std::string dsn = PostgresServer::instance().new_database();
  std::unique_ptr<Target> target;

  explicit Raw(const std::string& column = "jsonb") {
    sql(dsn,
        "create table raw_events (n bigint generated always as identity, at timestamptz "
        "default now(), event " +
            column + ")");
    PostgresTargetOptions options;
    options.dsn = dsn;
    options.timeout = 5 * second;
    auto made = make_postgres_target(options);
    REQUIRE(made);
    target = std::move(*made);
  }
  std::vector<std::string> events() const {
    return select(dsn, "select event::text from raw_events order by n");
  }
};

using Events = std::vector<std::string>;

}  // namespace

TEST_CASE("each event of a batch is a row, letter for letter", "[connect][postgres][drive]") {
  const Raw raw("text");
  const std::string odd = R"({"a":"tab \t, quote \", back \\, \u00e9 é, end \\."})";
  CHECK(send(*raw.target, R"({"batch":[{"a":1},)" + odd + "]}").receipt == Receipt::accepted);
  CHECK(send(*raw.target, R"({"batch":[{"a":3}]})").receipt == Receipt::accepted);
  CHECK(raw.events() == Events{R"({"a":1})", odd, R"({"a":3})"});
}

TEST_CASE("what a strike leaves in the table is what its receipt says",
          "[connect][postgres][drive]") {
  const Raw raw;
  const std::string body = R"({"batch":[{"a":1},{"a":2},{"a":3},{"a":4}]})";
  CHECK(send(*raw.target, body, Strike::before_send).receipt == Receipt::rejected);
  CHECK(send(*raw.target, body, Strike::answered, 503).receipt == Receipt::unknown);
  CHECK(send(*raw.target, body, Strike::answered, 400).receipt == Receipt::rejected);
  CHECK(send(*raw.target, body, Strike::during_body).receipt == Receipt::unknown);
  CHECK(raw.events().empty());
  CHECK(send(*raw.target, body, Strike::after_commit).receipt == Receipt::unknown);
  CHECK(raw.events().size() == 4);
  CHECK(send(*raw.target, body).receipt == Receipt::accepted);
  CHECK(raw.events().size() == 8);
}

TEST_CASE("a batch that the server refuses is rejected whole, and the next one is taken",
          "[connect][postgres][drive]") {
  const Raw raw;
  const SendResult refused = send(*raw.target, R"({"batch":[{"a":1},{"a":"\u0000"}]})");
  CHECK(refused.receipt == Receipt::rejected);
  CHECK(refused.error.find("unsupported Unicode escape sequence") != std::string::npos);
  CHECK(send(*raw.target, R"({"batch":[{"a":2}]})").receipt == Receipt::accepted);
  CHECK(raw.events() == Events{R"({"a": 2})"});
}

TEST_CASE("a session that was ended costs one unknown outcome at most, never a copy",
          "[connect][postgres][drive]") {
  const Raw raw;
  CHECK(send(*raw.target, R"({"batch":[{"a":1}]})").receipt == Receipt::accepted);
  sql(raw.dsn,
      "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and "
      "datname = current_database()");
  const SendResult cut = send(*raw.target, R"({"batch":[{"a":2}]})");
  CHECK(cut.receipt != Receipt::accepted);
  CHECK_FALSE(cut.error.empty());
  CHECK(send(*raw.target, R"({"batch":[{"a":3}]})").receipt == Receipt::accepted);
  CHECK(raw.events() == Events{R"({"a": 1})", R"({"a": 3})"});
}

TEST_CASE("no server, no table and no batch are rejected, and nothing is sent",
          "[connect][postgres][drive]") {
  PostgresTargetOptions nowhere;
  nowhere.dsn = "postgresql://u@127.0.0.1:1/x";
  CHECK(send(*make_postgres_target(nowhere).value(), R"({"batch":[{}]})").receipt ==
        Receipt::rejected);
  const Raw raw;
  PostgresTargetOptions no_table;
  no_table.dsn = raw.dsn;
  no_table.table = "missing";
  const SendResult refused = send(*make_postgres_target(no_table).value(), R"({"batch":[{}]})");
  CHECK(refused.receipt == Receipt::rejected);
  CHECK(refused.error.find("relation \"missing\" does not exist") != std::string::npos);
  CHECK(send(*raw.target, "{}").receipt == Receipt::rejected);
}

TEST_CASE("the simulated arrival goes into its column where there is one",
          "[connect][postgres][drive]") {
  const Raw raw;
  PostgresTargetOptions options;
  options.dsn = raw.dsn;
  options.time_column = "at";
  const auto target = make_postgres_target(options).value();
  SendRequest request;
  request.arrives = *parse_rfc3339("2026-03-02T00:00:01.5Z");
  request.body = R"({"batch":[{"a":1}]})";
  target->start(request);
  CHECK(target->wait().receipt == Receipt::accepted);
  CHECK(select(raw.dsn, "select extract(epoch from at) from raw_events") ==
        Events{"1772409601.500000"});
}

}  // namespace parallax::test
