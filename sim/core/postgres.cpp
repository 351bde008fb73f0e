// SPDX-License-Identifier: Apache-2.0
#include "sim/core/postgres.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cassert>
#include <optional>

namespace parallax::postgres {
namespace {

struct ResultDeleter {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, ResultDeleter>;

struct OptionsDeleter {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, OptionsDeleter>;

/// libpq's messages have several lines and end with one.
std::string one_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text.empty() ? "the connection broke" : text;
}

}  // namespace

struct Connection::State {
  State(PGconn* raw, std::string shown, Micros wait_max)
      : handle(raw), name(std::move(shown)), timeout(wait_max) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { PQfinish(handle); }

  PGconn* handle;
  std::string name;  ///< For Error::where.
  Micros timeout;

  Error error(Error::Kind kind, std::string what) const { return {kind, std::move(what), name}; }
  Error broken() const { return error(Error::Kind::io, one_line(PQerrorMessage(handle))); }
  Error late() const {
    return error(Error::Kind::timeout, "no answer within " + format_duration(timeout));
  }

  /// Waits until the socket can be read, or written where `write`. An Error when it takes too long.
  Result<void> wait(bool write) const {
    pollfd watched{PQsocket(handle), static_cast<short>(write ? POLLOUT | POLLIN : POLLIN), 0};
    if (watched.fd < 0) return broken();
    const auto limit = static_cast<int>(std::clamp<Micros>(timeout / millisecond, 1, 3'600'000));
    if (::poll(&watched, 1, limit) == 0) return late();
    return {};
  }

  /// Puts everything written on its way.
  Result<void> flush() const {
    for (;;) {
      const int left = PQflush(handle);
      if (left == 0) return {};
      if (left < 0) return broken();
      if (const Result<void> ready = wait(true); !ready) return ready;
      // The server may be stuck in writing to us: take what it says, or both wait for ever.
      if (PQconsumeInput(handle) == 0) return broken();
    }
  }

  /// The next answer of the statement; null after the last one.
  Result<Answer> next() const {
    while (PQisBusy(handle) == 1) {
      if (const Result<void> ready = wait(false); !ready) return ready.error();
      if (PQconsumeInput(handle) == 0) return broken();
    }
    return Answer(PQgetResult(handle));
  }

  /// All answers to what was sent: the last one, or the first Error.
  Result<Answer> finish() const {
    if (const Result<void> sent = flush(); !sent) return sent.error();
    Answer last;
    std::optional<Error> failed;
    for (;;) {
      Result<Answer> answer = next();
      if (!answer) return answer.error();
      if (!*answer) break;
      const ExecStatusType status = PQresultStatus(answer->get());
      if (status == PGRES_FATAL_ERROR && !failed)
        failed = PQstatus(handle) == CONNECTION_BAD
                     ? broken()
                     : error(Error::Kind::protocol, refusal(answer->get()));
      last = std::move(*answer);
      if (status == PGRES_COPY_IN) break;  // it stands open until copy_end
    }
    if (failed) return *failed;
    if (!last) return broken();
    return last;
  }

  static std::string refusal(const PGresult* result) {
    const char* message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    return message != nullptr ? one_line(message) : one_line(PQresultErrorMessage(result));
  }
};

Connection::Connection(std::unique_ptr<State> state) : state_(std::move(state)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

Result<Connection> Connection::open(const std::string& dsn, Micros timeout) {
  const std::string name = shown_dsn(dsn);
  char* message = nullptr;
  const Options readable(PQconninfoParse(dsn.c_str(), &message));
  PQfreemem(message);
  // libpq's own message would repeat the DSN, and with it the password.
  if (!readable)
    return Error{Error::Kind::invalid_input, "not a DSN such as postgresql://user@host/db", name};
  auto state = std::make_unique<State>(PQconnectStart(dsn.c_str()), name, timeout);
  if (state->handle == nullptr) return state->error(Error::Kind::io, "no memory for a connection");
  // To be called as if it had last said that it writes: PQconnectPoll's manual.
  PostgresPollingStatusType status = PGRES_POLLING_WRITING;
  while (PQstatus(state->handle) != CONNECTION_BAD && status != PGRES_POLLING_OK) {
    if (status == PGRES_POLLING_FAILED) break;
    if (const Result<void> ready = state->wait(status == PGRES_POLLING_WRITING); !ready)
      return ready.error();
    status = PQconnectPoll(state->handle);
  }
  if (PQstatus(state->handle) != CONNECTION_OK) return state->broken();
  PQsetnonblocking(state->handle, 1);
  PQsetNoticeProcessor(
      state->handle, [](void*, const char*) {}, nullptr);
  return Connection(std::move(state));
}

Result<Rows> Connection::query(const std::string& sql, const std::vector<std::string>& params) {
  std::vector<const char*> texts;
  for (const std::string& param : params) texts.push_back(param.c_str());
  if (PQsendQueryParams(state_->handle, sql.c_str(), static_cast<int>(texts.size()), nullptr,
                        texts.data(), nullptr, nullptr, 0) == 0)
    return state_->broken();
  const Result<Answer> answer = state_->finish();
  if (!answer) return answer.error();
  PGresult* const result = answer->get();
  Rows out;
  for (int column = 0; column < PQnfields(result); ++column)
    out.columns.emplace_back(PQfname(result, column));
  for (int row = 0; row < PQntuples(result); ++row) {
    std::vector<std::string>& cells = out.rows.emplace_back();
    for (int column = 0; column < PQnfields(result); ++column)
      cells.emplace_back(PQgetvalue(result, row, column),
                         static_cast<std::size_t>(PQgetlength(result, row, column)));
  }
  return out;
}

Result<void> Connection::run(const std::string& script) {
  if (PQsendQuery(state_->handle, script.c_str()) == 0) return state_->broken();
  const Result<Answer> answer = state_->finish();
  return answer ? Result<void>() : answer.error();
}

Result<void> Connection::copy_begin(const std::string& copy) {
  if (PQsendQuery(state_->handle, copy.c_str()) == 0) return state_->broken();
  const Result<Answer> answer = state_->finish();
  if (!answer) return answer.error();
  assert(PQresultStatus(answer->get()) == PGRES_COPY_IN);
  return {};
}

Result<void> Connection::copy_put(std::string_view rows) {
  constexpr std::size_t piece_bytes_max = 1U << 20U;
  while (!rows.empty()) {
    const std::string_view piece = rows.substr(0, piece_bytes_max);
    const int taken = PQputCopyData(state_->handle, piece.data(), static_cast<int>(piece.size()));
    if (taken < 0) return state_->broken();
    if (const Result<void> sent = state_->flush(); !sent) return sent;
    if (taken > 0) rows.remove_prefix(piece.size());
  }
  return {};
}

Result<void> Connection::copy_end() {
  for (int taken = 0; taken == 0;) {
    taken = PQputCopyEnd(state_->handle, nullptr);
    if (taken < 0) return state_->broken();
    if (const Result<void> sent = state_->flush(); !sent) return sent;
  }
  const Result<Answer> answer = state_->finish();
  return answer ? Result<void>() : answer.error();
}

namespace {

/// The value that libpq would use: the DSN's, else the environment's, else its own default.
std::string setting(const PQconninfoOption* dsn, const PQconninfoOption* defaults,
                    std::string_view keyword) {
  for (const PQconninfoOption* from : {dsn, defaults})
    for (const PQconninfoOption* at = from; at != nullptr && at->keyword != nullptr; ++at)
      if (at->keyword == keyword && at->val != nullptr && *at->val != '\0') return at->val;
  return {};
}

}  // namespace

Result<std::vector<std::string>> hosts_of(const std::string& dsn) {
  const Options given(PQconninfoParse(dsn.c_str(), nullptr));
  if (!given)
    return Error{Error::Kind::invalid_input, "not a DSN such as postgresql://user@host/db", "dsn"};
  const Options defaults(PQconndefaults());
  if (!setting(given.get(), nullptr, "service").empty())
    return Error{Error::Kind::invalid_input, "a service file hides the host: name it", "dsn"};
  std::vector<std::string> hosts;
  for (const std::string_view keyword : {"host", "hostaddr"}) {
    std::string list = setting(given.get(), defaults.get(), keyword);
    while (!list.empty()) {
      const std::size_t comma = std::min(list.find(','), list.size());
      const std::string host = list.substr(0, comma);
      const bool socket = host.empty() || host.front() == '/' || host.front() == '@';
      if (!socket) hosts.push_back(host);
      list.erase(0, comma + 1);
    }
  }
  return hosts;
}

std::string shown_dsn(const std::string& dsn) {
  const Options given(PQconninfoParse(dsn.c_str(), nullptr));
  if (!given) return "a database";
  const Options defaults(PQconndefaults());
  const auto of = [&](std::string_view keyword) {
    return setting(given.get(), defaults.get(), keyword);
  };
  std::string database = of("dbname");
  if (database.empty()) database = of("user");
  const std::string host = of("host").empty() ? of("hostaddr") : of("host");
  return database + " on " + (host.empty() ? "this machine" : host) + ":" + of("port");
}

void append_copy_text(std::string_view text, std::string& out) {
  for (const char c : text) {
    switch (c) {
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += c;
    }
  }
}

}  // namespace parallax::postgres
