// SPDX-License-Identifier: Apache-2.0
// The promise of pipeline.h: killed at any moment and started again on the same folder, the
// pipeline has every event it acknowledged.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "sim/core/prng.h"
#include "tests/pipeline/support.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::test;

namespace {

/// A pipeline in a process of its own. Forked while this process has one thread only.
class Process {
 public:
  explicit Process(const std::filesystem::path& data) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) serve(data, ends[1]);
    ::close(ends[1]);
    REQUIRE(::read(ends[0], &port_, sizeof port_) == sizeof port_);
    ::close(ends[0]);
  }
  ~Process() { kill(); }
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  int port() const { return port_; }

 private:
  [[noreturn]] static void serve(const std::filesystem::path& data, int out) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    PipelineOptions options;
    options.data = data;
    const auto pipeline = Pipeline::start(options);
    const int port = pipeline ? (*pipeline)->port() : 0;
    if (::write(out, &port, sizeof port) != sizeof port || port == 0) ::_exit(1);
    for (;;) ::pause();
  }
  pid_t pid_ = 0;
  int port_ = 0;
};

std::string id_text(std::uint64_t number) {
  char text[48];
  std::snprintf(text, sizeof text, "00000000-0000-4000-8000-%012llu",
                static_cast<unsigned long long>(number));
  return text;
}

/// What was sent and what was acknowledged, by id.
struct Sent {
  std::mutex mutex;
  std::set<std::string> acknowledged;
  std::map<std::string, int> times;
};

/// Sends batches of five on one connection until the process is gone; reads now and then, so that
/// kills also fall into loads and rebuilds.
void send_until_killed(int port, std::uint64_t first, bool reads, Sent& sent) {
  Client client(port);
  for (std::uint64_t n = first;; n += 5) {
    std::vector<std::string> events;
    for (std::uint64_t i = n; i < n + 5; ++i)
      events.push_back(client_event({{"event_id", '"' + id_text(i) + '"'}}));
    {
      const std::lock_guard lock(sent.mutex);
      for (std::uint64_t i = n; i < n + 5; ++i) ++sent.times[id_text(i)];
    }
    const Reply reply = client.post(batch(events));
    if (reply.status != 200) return;
    const std::lock_guard lock(sent.mutex);
    for (std::uint64_t i = n; i < n + 5; ++i) sent.acknowledged.insert(id_text(i));
    if (reads && (n / 5) % 3 == 0) client.get("/v1/clean_events?run_id=r1");
  }
}

}  // namespace

TEST_CASE("after SIGKILL at any moment every acknowledged event is there, none twice",
          "[pipeline][crash]") {
  const Prng draws = Prng(GENERATE(1U, 2U)).stream("kill");
  TempFolder folder;
  Sent sent;
  constexpr std::uint64_t rounds = 10;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    Process process(folder.path());
    REQUIRE(process.port() != 0);
    std::vector<std::thread> senders;
    for (std::uint64_t sender = 0; sender < 4; ++sender)
      senders.emplace_back(send_until_killed, process.port(), (round * 4 + sender) * 1'000'000,
                           sender == 0, std::ref(sent));
    Prng draw = draws.keyed(round);
    ::usleep(static_cast<useconds_t>(draw.between(5'000, 250'000)));
    process.kill();
    for (std::thread& sender : senders) sender.join();
  }
  CHECK(sent.acknowledged.size() > rounds * 4);

  Process process(folder.path());
  Client client(process.port());
  std::map<std::string, int> stored;
  for (const std::string& row : client.lines("/v1/raw_events?run_id=r1"))
    ++stored[field(row, "event_id")];
  std::size_t lost = 0;
  for (const std::string& id : sent.acknowledged) lost += stored.count(id) == 0 ? 1U : 0U;
  CHECK(lost == 0);
  std::size_t invented = 0;
  for (const auto& [id, times] : stored) {
    const auto found = sent.times.find(id);
    invented += found == sent.times.end() || times > found->second ? 1U : 0U;
  }
  CHECK(invented == 0);
  CHECK(client.lines("/v1/clean_events?run_id=r1").size() == stored.size());
}

TEST_CASE("a torn end of the log is cut, whatever it looks like", "[pipeline][crash]") {
  const std::string torn =
      GENERATE(std::string("\x05"), std::string("\x05\0\0\0\1\2\3", 7),
               std::string("\x05\0\0\0\1\2\3\4abc", 11), std::string("\x05\0\0\0\1\2\3\4abcde", 13),
               std::string("\xff\xff\xff\xff\1\2\3\4abcde", 13), std::string(4'096, '\0'));
  TempFolder folder;
  PipelineOptions options;
  options.data = folder.path();
  for (int start = 0; start < 2; ++start) {
    auto pipeline = Pipeline::start(options);
    REQUIRE(pipeline);
    Client client((*pipeline)->port());
    CHECK(client.lines("/v1/raw_events").size() == static_cast<std::size_t>(start));
    CHECK(client.post(batch({client_event()})).status == 200);
    pipeline->reset();
    std::ofstream(folder.path() / "events-000000.log", std::ios::app | std::ios::binary) << torn;
  }
  auto pipeline = Pipeline::start(options);
  REQUIRE(pipeline);
  CHECK(Client((*pipeline)->port()).lines("/v1/raw_events").size() == 2);
}

TEST_CASE("the warehouse can be thrown away: the log has everything", "[pipeline][crash]") {
  TempFolder folder;
  PipelineOptions options;
  options.data = folder.path();
  {
    auto pipeline = Pipeline::start(options);
    REQUIRE(pipeline);
    CHECK(Client((*pipeline)->port()).post(batch({client_event(), server_event()})).status == 200);
  }
  std::filesystem::remove(folder.path() / "warehouse.duckdb");
  std::filesystem::remove(folder.path() / "warehouse.duckdb.wal");
  auto pipeline = Pipeline::start(options);
  REQUIRE(pipeline);
  CHECK(Client((*pipeline)->port()).lines("/v1/raw_events").size() == 2);
}

TEST_CASE("a log that lost what was loaded from it is an error, not an empty start",
          "[pipeline][crash]") {
  TempFolder folder;
  PipelineOptions options;
  options.data = folder.path();
  {
    auto pipeline = Pipeline::start(options);
    REQUIRE(pipeline);
    CHECK(Client((*pipeline)->port()).post(batch({client_event()})).status == 200);
  }
  std::filesystem::resize_file(folder.path() / "events-000000.log", 20);
  CHECK_FALSE(Pipeline::start(options));
}
