// SPDX-License-Identifier: Apache-2.0
#include "sim/drive/shuffled_target.h"

#include <algorithm>
#include <deque>
#include <numeric>

#include "tests/drive/sending.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::drive_tests;

namespace {

/// What a target heard, and what it answers in which case.
struct Heard {
  std::vector<std::string> bodies;
  std::vector<Strike> strikes;
  std::function<SendResult(const SendRequest&)> answer;
  bool closed = false;
};

class FakeTarget final : public Target {
 public:
  explicit FakeTarget(Heard& heard) : heard_(&heard) {}
  void start(SendRequest request) override {
    heard_->bodies.push_back(request.body);
    heard_->strikes.push_back(request.strike);
    SendResult result;
    if (heard_->answer)
      result = heard_->answer(request);
    else
      result.receipt = Receipt::accepted, result.status = 202;
    result.ticket = request.ticket;
    results_.push_back(result);
  }
  SendResult wait() override {
    SendResult result = results_.front();
    results_.pop_front();
    return result;
  }
  std::size_t in_flight() const override { return results_.size(); }
  std::size_t capacity() const override { return 4; }
  Result<void> close() override {
    heard_->closed = true;
    return {};
  }

 private:
  Heard* heard_;
  std::deque<SendResult> results_;
};

std::unique_ptr<Target> shuffled(Heard& heard, std::size_t bytes_max = 1'000'000) {
  return make_shuffled_target(std::make_unique<FakeTarget>(heard), Prng(7), bytes_max);
}

std::vector<std::string> numbers(int n) {
  std::vector<std::string> texts;
  for (int i = 0; i < n; ++i) texts.push_back(std::to_string(1000 + i));
  return texts;
}

SendResult answer_with(std::uint16_t status, Receipt receipt) {
  SendResult result;
  result.status = status;
  result.receipt = receipt;
  return result;
}

}  // namespace

TEST_CASE("all that is sent arrives once, in another order", "[drive][shuffled]") {
  Heard heard;
  const auto target = shuffled(heard);
  for (const std::string& text : numbers(200))
    CHECK(send(*target, text).receipt == Receipt::accepted);
  CHECK(heard.bodies.empty());
  REQUIRE(target->close());
  CHECK(heard.closed);
  CHECK(heard.bodies != numbers(200));
  std::sort(heard.bodies.begin(), heard.bodies.end());
  CHECK(heard.bodies == numbers(200));
}

TEST_CASE("nothing arrives before it did, and the clock never goes back", "[drive][shuffled]") {
  std::vector<std::pair<SimTime, SimTime>> arrivals;  // As planned, as it came.
  Heard heard;
  heard.answer = [&arrivals](const SendRequest& request) {
    arrivals.emplace_back(SimTime{std::stoll(request.body)}, request.arrives);
    return answer_with(202, Receipt::accepted);
  };
  const auto target = shuffled(heard);
  for (const std::string& text : numbers(50)) {
    SendRequest request;
    request.body = text;
    request.arrives = SimTime{std::stoll(text)};
    target->start(std::move(request));
    target->wait();
  }
  REQUIRE(target->close());
  REQUIRE(arrivals.size() == 50);
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    CHECK(arrivals[i].second >= arrivals[i].first);
    if (i > 0) CHECK(arrivals[i].second >= arrivals[i - 1].second);
  }
}

TEST_CASE("no more is held back than asked", "[drive][shuffled]") {
  Heard heard;
  const auto target = shuffled(heard, 40);  // Ten bodies.
  for (const std::string& text : numbers(200)) send(*target, text);
  CHECK(heard.bodies.size() == 190);
  REQUIRE(target->close());
  CHECK(heard.bodies.size() == 200);
}

TEST_CASE("a struck request keeps its outcome", "[drive][shuffled]") {
  Heard heard;
  heard.answer = [](const SendRequest& request) {
    return request.strike == Strike::none ? answer_with(202, Receipt::accepted)
                                          : answer_with(0, Receipt::rejected);
  };
  const auto target = shuffled(heard);
  const SendResult never = send(*target, "never", Strike::before_send);
  CHECK(never.receipt == Receipt::rejected);
  CHECK(never.ticket == 7);
  CHECK(heard.bodies == std::vector<std::string>{"never"});
  const SendResult unheard = send(*target, "unheard", Strike::after_commit);
  CHECK(unheard.receipt == Receipt::unknown);
  CHECK(heard.bodies.size() == 1);
  REQUIRE(target->close());
  CHECK(heard.bodies.back() == "unheard");
  CHECK(heard.strikes.back() == Strike::none);
}

TEST_CASE("what the target puts off comes again, what it refuses does not", "[drive][shuffled]") {
  Heard heard;
  unsigned busy = 5;
  heard.answer = [&busy](const SendRequest& request) {
    if (request.body == "bad") return answer_with(400, Receipt::rejected);
    if (busy == 0) return answer_with(202, Receipt::accepted);
    --busy;
    return answer_with(429, Receipt::rejected);
  };
  const auto target = shuffled(heard);
  for (const char* text : {"bad", "one", "two"}) send(*target, text);
  REQUIRE(target->close());
  CHECK(std::count(heard.bodies.begin(), heard.bodies.end(), "bad") == 1);
  CHECK(heard.bodies.size() == 3 + 5);
}

TEST_CASE("a request that is never taken is given up, and so is a target", "[drive][shuffled]") {
  Heard heard;
  heard.answer = [](const SendRequest& request) {
    return request.body == "poison" ? answer_with(500, Receipt::unknown)
                                    : answer_with(202, Receipt::accepted);
  };
  auto target = shuffled(heard);
  for (const char* text : {"poison", "one"}) send(*target, text);
  CHECK(target->close());
  CHECK(std::count(heard.bodies.begin(), heard.bodies.end(), "poison") == 20);

  heard = {};
  heard.answer = [](const SendRequest&) { return answer_with(500, Receipt::unknown); };
  target = shuffled(heard);
  for (const std::string& text : numbers(100)) send(*target, text);
  const Result<void> closed = target->close();
  REQUIRE(!closed);
  const std::string what = closed.error().what;  // Those under way come back too.
  CHECK(what.starts_with("took nothing 100"));
  CHECK(what.ends_with(" times in a row (last: HTTP 500)"));
}
