// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <cstdlib>

#include <sys/wait.h>
#include <unistd.h>

#include "tests/core/ledger_records.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::test;

namespace {

/// Writes actions for ever and reports each flushed one through `pipe`. Never returns.
[[noreturn]] void flush_for_ever(const std::filesystem::path& file, int pipe) {
  Result<Journal> journal = Journal::create(file);
  if (!journal) std::_Exit(1);
  for (std::uint64_t id = 0;; ++id) {
    const Action action = some_action(id);
    journal->append(action);
    journal->append(some_emission(action, Source::client));
    if (!journal->flush()) std::_Exit(2);
    if (::write(pipe, &id, sizeof id) != sizeof id) std::_Exit(3);
  }
}

/// Lets the child report until `enough`, kills it, and returns the last id it reported.
std::uint64_t kill_after(std::uint64_t enough, int pipe, pid_t child) {
  std::uint64_t last = 0, id = 0;
  bool killed = false;
  while (::read(pipe, &id, sizeof id) == sizeof id) {
    last = id;
    if (last >= enough && !killed) killed = ::kill(child, SIGKILL) == 0;
  }
  return last;
}

}  // namespace

TEST_CASE("kill -9 loses no flushed record", "[core][ledger]") {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder / "0";
  const std::uint64_t enough = GENERATE(1U, 50U, 777U);
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::close(ends[0]);
    flush_for_ever(file, ends[1]);
  }
  ::close(ends[1]);
  const std::uint64_t last = kill_after(enough, ends[0], child);
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));

  const Result<Ledger> ledger = read_ledger(std::vector<std::filesystem::path>{file});
  REQUIRE(ledger);
  REQUIRE(last >= enough);
  CHECK(ledger->actions.size() >= last + 1);
  CHECK(ledger->emissions.size() >= last + 1);
  for (std::uint64_t id = 0; id <= last; ++id) REQUIRE(same(ledger->actions[id], some_action(id)));
}

TEST_CASE("a full disk is an error that stays and names the file", "[core][ledger]") {
  Result<Journal> journal = Journal::create("/dev/full");
  REQUIRE(journal);
  journal->append(some_action(1));
  const Result<void> first = journal->flush();
  REQUIRE_FALSE(first);
  CHECK(first.error().kind == Error::Kind::io);
  CHECK(first.error().where == "/dev/full");
  CHECK(first.error().what.find("No space left on device") != std::string::npos);

  const Result<void> second = journal->flush();  // Nothing new to write, and still no success.
  REQUIRE_FALSE(second);
  CHECK(second.error().what == first.error().what);
  CHECK_FALSE(journal->close());
}

TEST_CASE("a disk that fills up between two flushes is noticed", "[core][ledger]") {
  Result<Journal> journal = Journal::create("/dev/full");
  REQUIRE(journal);
  for (std::uint64_t id = 0; id < 30'000; ++id) journal->append(some_action(id));
  CHECK_FALSE(journal->flush());
}

TEST_CASE("a journal that cannot be created names the file", "[core][ledger]") {
  const Result<Journal> journal = Journal::create("/nonexistent/folder/0");
  REQUIRE_FALSE(journal);
  CHECK(journal.error().where == "/nonexistent/folder/0");
  CHECK(journal.error().kind == Error::Kind::io);
}
