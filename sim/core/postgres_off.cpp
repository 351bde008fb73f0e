// SPDX-License-Identifier: Apache-2.0
// What stands in for postgres.cpp where libpq was not found.
#include "sim/core/postgres.h"

namespace parallax::postgres {
namespace {

Error missing() {
  return {Error::Kind::unsupported,
          "this Parallax was built without PostgreSQL: install libpq-dev and build it again",
          "postgres"};
}

}  // namespace

struct Connection::State {};

Connection::Connection(std::unique_ptr<State> state) : state_(std::move(state)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

Result<Connection> Connection::open(const std::string& /*dsn*/, Micros /*timeout*/) {
  return missing();
}
Result<Rows> Connection::query(const std::string& /*sql*/,
                               const std::vector<std::string>& /*params*/) {
  return missing();
}
Result<void> Connection::run(const std::string& /*script*/) { return missing(); }
Result<void> Connection::copy_begin(const std::string& /*copy*/) { return missing(); }
Result<void> Connection::copy_put(std::string_view /*rows*/) { return missing(); }
Result<void> Connection::copy_end() { return missing(); }
Result<std::vector<std::string>> hosts_of(const std::string& /*dsn*/) { return missing(); }
std::string shown_dsn(const std::string& /*dsn*/) { return "a database"; }
void append_copy_text(std::string_view /*text*/, std::string& /*out*/) {}

}  // namespace parallax::postgres
