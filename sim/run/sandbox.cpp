// SPDX-License-Identifier: Apache-2.0
#include "sim/run/sandbox.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <system_error>

#include "sim/core/duckdb.h"
#include "sim/run/answer_wire.h"

namespace parallax {
namespace fs = std::filesystem;
namespace {

using Clock = std::chrono::steady_clock;

/// What the process may have on top of the database's own limit: code, stacks, texts of functions
/// that the database does not count.
constexpr std::uint64_t memory_beside = std::uint64_t{1} << 30U;

/// Memory that is mapped now, in bytes; nothing where /proc does not say.
std::optional<std::uint64_t> mapped_now() {
  std::ifstream in("/proc/self/statm");
  std::uint64_t pages = 0;
  if (!(in >> pages)) return std::nullopt;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

void limit(int what, std::uint64_t most) {
  const rlimit bounds{most, most};
  ::setrlimit(static_cast<__rlimit_resource>(what), &bounds);
}

/// Limits of the operating system, behind those of the database.
void limit_process(const SandboxLimits& limits) {
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_CPU, static_cast<std::uint64_t>(limits.time / second) * 4 + 1);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // They map terabytes.
  if (const auto mapped = mapped_now()) limit(RLIMIT_AS, *mapped + limits.memory + memory_beside);
#endif
}

/// A failure of the SQL, without the trace and the class that DuckDB puts around its sentence.
Error sql_error(const std::string& message) { return {Error::Kind::invalid_input, message, {}}; }

struct Statements {
  duckdb_extracted_statements list = nullptr;
  idx_t count = 0;
  ~Statements() { duckdb_destroy_extracted(&list); }
};

struct Prepared {
  duckdb_prepared_statement statement = nullptr;
  ~Prepared() { duckdb_destroy_prepare(&statement); }
};

Result<AnswerTable> run_statements(duckdb::Connection& connection, const std::string& sql,
                                   const SandboxLimits& limits) {
  Statements statements;
  statements.count = duckdb_extract_statements(connection.raw(), sql.c_str(), &statements.list);
  if (statements.count == 0) {
    const char* const message = duckdb_extract_statements_error(statements.list);
    return sql_error(message != nullptr ? message : "there is no statement in it");
  }
  AnswerTable answer;
  for (idx_t i = 0; i < statements.count; ++i) {
    Prepared prepared;
    if (duckdb_prepare_extracted_statement(connection.raw(), statements.list, i,
                                           &prepared.statement) != DuckDBSuccess)
      return sql_error(duckdb_prepare_error(prepared.statement));
    const bool last = i + 1 == statements.count;
    if (last && duckdb_prepared_statement_type(prepared.statement) != DUCKDB_STATEMENT_TYPE_SELECT)
      return sql_error("the last statement has to be a SELECT: its rows are the answer");
    duckdb_result raw{};
    const duckdb_state done = duckdb_execute_prepared(prepared.statement, &raw);
    duckdb::Rows rows(raw);
    if (done != DuckDBSuccess) return sql_error(duckdb_result_error(rows.raw()));
    if (!last) continue;
    if (duckdb_row_count(rows.raw()) > limits.rows)
      return sql_error(fmt::format("the answer has more than {} rows", limits.rows));
    answer = answer_table(rows);
  }
  return answer;
}

Result<AnswerTable> run_locked(const fs::path& file, const std::string& sql,
                               const SandboxLimits& limits) {
  duckdb::OpenOptions options;
  options.read_only = true;
  options.threads = 2;
  options.memory_limit = fmt::format("{}MiB", limits.memory >> 20U);
  auto database = duckdb::Database::open(file, options);
  if (!database) return database.error();
  auto connection = database->connect();
  if (!connection) return connection.error();
  const Result<void> locked = connection->run(
      "set timezone = 'UTC'; set temp_directory = ''; set enable_external_access = false; "
      "set allow_community_extensions = false; set lock_configuration = true");
  if (!locked) return locked.error();
  return run_statements(*connection, sql, limits);
}

/// The other side of the pipe; does not return. `_exit`: nothing of the parent is to be flushed or
/// destroyed twice.
[[noreturn]] void be_child(int out, const fs::path& file, const std::string& sql,
                           const SandboxLimits& limits) {
  limit_process(limits);
  const Result<AnswerTable> answer = run_locked(file, sql, limits);
  std::string text = encode_answer(answer);
  if (text.size() > limits.answer)
    text = encode_answer(sql_error("the answer is too large; return only the columns asked for"));
  for (std::string_view rest = text; !rest.empty();) {
    const ssize_t written = ::write(out, rest.data(), rest.size());
    if (written <= 0) ::_exit(1);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  ::_exit(0);
}

/// Everything that the child says, until it closes the pipe or the time is over.
bool read_until(int in, Clock::time_point deadline, std::string& out) {
  std::string block(std::size_t{1} << 16U, '\0');
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd waits{in, POLLIN, 0};
    const int ready = ::poll(&waits, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
    if (ready <= 0) continue;
    const ssize_t got = ::read(in, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return true;
    out.append(block, 0, static_cast<std::size_t>(got));
  }
}

Error system_error(const char* what) {
  return {Error::Kind::io, std::generic_category().message(errno), what};
}

}  // namespace

Result<AnswerTable> run_in_sandbox(const fs::path& file, const std::string& sql,
                                   const SandboxLimits& limits) {
  int ends[2];
  if (::pipe(ends) != 0) return system_error("pipe");
  std::fflush(nullptr);  // The child must not print what waits here.
  const pid_t child = ::fork();
  if (child < 0) return system_error("fork");
  if (child == 0) {
    ::close(ends[0]);
    be_child(ends[1], file, sql, limits);
  }
  ::close(ends[1]);
  std::string text;
  const bool in_time =
      read_until(ends[0], Clock::now() + std::chrono::microseconds(limits.time), text);
  ::close(ends[0]);
  if (!in_time) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!in_time)
    return Error{
        Error::Kind::timeout, "the query was stopped after " + format_duration(limits.time), {}};
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return decode_answer(text);
  return Error{Error::Kind::io,
               WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU
                   ? "the query used too much processor time"
                   : "the query needs more memory than it may have, or crashed the database",
               {}};
}

Result<AnswerTable> read_answer_csv(const fs::path& file) {
  auto database = duckdb::Database::open({});
  if (!database) return database.error();
  auto connection = database->connect();
  if (!connection) return connection.error();
  auto rows = connection->query(
      "from read_csv(" + duckdb::quote_literal(file.string()) +
      ", all_varchar = true, header = true, delim = ',', quote = '\"', escape = '\"', nullstr = "
      "'', allow_quoted_nulls = false)");
  if (!rows) return Error{Error::Kind::invalid_input, rows.error().what, file.string()};
  return answer_table(*rows);
}

}  // namespace parallax
