// SPDX-License-Identifier: Apache-2.0
#include "sim/drive/shuffled_target.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <deque>
#include <limits>
#include <unordered_map>

#include "sim/drive/pacer.h"

namespace parallax {
namespace {

/// So many refusals in a row, and the target is down.
constexpr unsigned refusals_in_a_row_max = 1'000;
/// So often refused, and a request is one that the target never takes.
constexpr unsigned tries_max = 20;
/// After a refusal that asks for patience: so long where it names no time, and at most.
constexpr Micros patience = 10 * millisecond, patience_max = second;
/// Answers that may wait for the caller.
constexpr std::size_t answers_max = 64;

class ShuffledTarget final : public Target {
 public:
  ShuffledTarget(std::unique_ptr<Target> inner, Prng draws, std::size_t bytes_max)
      : inner_(std::move(inner)), draws_(draws), bytes_max_(bytes_max) {}

  void start(SendRequest request) override {
    assert(in_flight() < capacity());
    if (request.strike != Strike::none && request.strike != Strike::after_commit) {
      answers_.push_back(send_now(std::move(request)));
      return;
    }
    SendResult answer;
    answer.ticket = request.ticket;
    const bool heard = request.strike == Strike::none;
    answer.receipt = heard ? Receipt::accepted : Receipt::unknown;
    answer.status = heard ? 202 : 0;
    if (!heard) answer.error = "the answer was lost (fault)";
    answers_.push_back(std::move(answer));
    request.strike = Strike::none;
    hold({std::move(request), 0});
    while (bytes_ > bytes_max_ && !given_up()) send_one();
  }

  SendResult wait() override {
    assert(!answers_.empty());
    SendResult answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }

  std::size_t in_flight() const override { return answers_.size(); }
  std::size_t capacity() const override { return answers_max; }

  Result<void> close() override {
    while (!given_up() && (!waiting_.empty() || inner_->in_flight() > 0))
      waiting_.empty() ? (void)collect() : send_one();
    while (inner_->in_flight() > 0) collect();
    const Result<void> closed = inner_->close();
    if (!given_up()) return closed;
    return Error{Error::Kind::io,
                 fmt::format("took nothing {} times in a row (last: {})", refusals_, refusal_),
                 {}};
  }

 private:
  struct Held {
    SendRequest request;
    unsigned tries;
  };

  bool given_up() const { return refusals_ >= refusals_in_a_row_max; }

  void hold(Held held) {
    bytes_ += held.request.body.size();
    waiting_.push_back(std::move(held));
  }

  void start_inner(Held held) {
    while (inner_->in_flight() >= inner_->capacity()) collect();
    held.request.ticket = ++tickets_;
    ++held.tries;
    SendRequest request = held.request;
    under_way_.emplace(request.ticket, std::move(held));
    inner_->start(std::move(request));
  }

  void send_one() {
    std::swap(waiting_[draws_.below(waiting_.size())], waiting_.back());
    Held held = std::move(waiting_.back());
    waiting_.pop_back();
    bytes_ -= held.request.body.size();
    clock_ = std::max(clock_, held.request.arrives);
    held.request.arrives = clock_;
    start_inner(std::move(held));
  }

  /// One outcome of the target; what it did not take waits again.
  SendResult collect() {
    SendResult result = inner_->wait();
    auto sent = under_way_.extract(result.ticket);
    assert(!sent.empty());
    if (sent.mapped().request.strike != Strike::none) return result;
    const bool later = result.status == 429 || result.status == 503;
    if (result.receipt == Receipt::accepted ||
        (result.receipt == Receipt::rejected && result.status != 0 && !later)) {
      refusals_ = 0;
      return result;
    }
    ++refusals_;
    refusal_ = result.status != 0 ? fmt::format("HTTP {}", result.status) : result.error;
    if (later)
      pause(std::min(result.retry_after > 0 ? result.retry_after : patience, patience_max));
    if (sent.mapped().tries < tries_max) hold(std::move(sent.mapped()));
    return result;
  }

  SendResult send_now(SendRequest request) {
    const std::uint64_t ticket = request.ticket;
    start_inner({std::move(request), 0});
    for (const std::uint64_t own = tickets_;;) {
      SendResult result = collect();
      if (result.ticket != own) continue;
      result.ticket = ticket;
      return result;
    }
  }

  std::unique_ptr<Target> inner_;
  Prng draws_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;  ///< Of the bodies in waiting_.
  std::vector<Held> waiting_;
  std::unordered_map<std::uint64_t, Held> under_way_;  ///< By ticket of ours.
  std::deque<SendResult> answers_;
  SimTime clock_{std::numeric_limits<std::int64_t>::min()};  ///< The last arrival's.
  std::uint64_t tickets_ = 0;
  unsigned refusals_ = 0;  ///< In a row.
  std::string refusal_;    ///< The last.
};

}  // namespace

std::unique_ptr<Target> make_shuffled_target(std::unique_ptr<Target> inner, Prng draws,
                                             std::size_t bytes_max) {
  return std::make_unique<ShuffledTarget>(std::move(inner), draws, bytes_max);
}

}  // namespace parallax
