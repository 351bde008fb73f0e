// SPDX-License-Identifier: Apache-2.0
#include "sim/proxy/repeats.h"

#include <algorithm>
#include <array>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <optional>
#include <utility>

#include "sim/drive/http_message.h"
#include "sim/proxy/upstream.h"

namespace parallax::proxy {
namespace {

constexpr std::size_t waiting_max = 1'000;

}  // namespace

class Repeats::Repeat : public std::enable_shared_from_this<Repeat> {
 public:
  Repeat(Repeats& owner, Delivery delivery, std::string bytes)
      : owner_(owner),
        delivery_(std::move(delivery)),
        bytes_(std::move(bytes)),
        timer_(owner.io_),
        upstream_(std::make_shared<Upstream>(owner.io_, owner.gateway_.upstream())) {}

  void begin(Micros later) {
    timer_.expires_after(std::chrono::microseconds(later));
    timer_.async_wait([self = shared_from_this()](const Upstream::ErrorCode&) {
      if (!self->done_) self->send();
    });
  }
  /// Ends the waiting: the timer's handler sends.
  void hurry() { timer_.cancel(); }
  void give_up() { conclude(Receipt::unknown, 0); }

 private:
  void send() {
    timer_.expires_after(std::chrono::microseconds(owner_.gateway_.options().limits.answer_wait));
    timer_.async_wait([self = shared_from_this()](const Upstream::ErrorCode& cancelled) {
      if (!cancelled) self->conclude(Receipt::unknown, 0);
    });
    upstream_->connect([self = shared_from_this()](const std::string& problem) {
      if (self->done_) return;
      if (!problem.empty()) return self->conclude(Receipt::rejected, 0);
      self->upstream_->write(self->bytes_, [self](const Upstream::ErrorCode& failed) {
        if (failed) return self->conclude(Receipt::unknown, 0);
        self->read();
      });
    });
  }

  void read() {
    upstream_->read(
        room_, [self = shared_from_this()](const Upstream::ErrorCode& failed, std::size_t bytes) {
          if (self->done_) return;
          self->answer_.append(self->room_.data(), bytes);
          const auto length = head_length(self->answer_);
          if (!length && (failed || self->answer_.size() > head_max))
            return self->conclude(Receipt::unknown, 0);
          if (!length) return self->read();
          const auto head =
              read_answer_head(std::string_view(self->answer_).substr(0, *length), "POST");
          if (!head) return self->conclude(Receipt::unknown, 0);
          self->conclude(receipt_of_status(head->status), head->status);
        });
  }

  void conclude(Receipt receipt, std::uint16_t status) {
    if (std::exchange(done_, true)) return;
    timer_.cancel();
    upstream_->close();
    if (const auto kept = owner_.gateway_.conclude(delivery_, receipt, status); !kept)
      owner_.gateway_.tell(kept.error().text());
    owner_.waiting_.remove(shared_from_this());
  }

  Repeats& owner_;
  Delivery delivery_;
  std::string bytes_, answer_;
  std::array<char, 4'096> room_{};
  boost::asio::steady_timer timer_;
  std::shared_ptr<Upstream> upstream_;
  bool done_ = false;
};

Repeats::~Repeats() = default;

void Repeats::start(const Delivery& first, std::string bytes, Micros later) {
  if (waiting_.size() >= waiting_max)
    return gateway_.tell("more than 1000 repeats at a time: the others were left out");
  Result<Delivery> again = gateway_.begin_again(first);
  if (!again) return gateway_.tell(again.error().text());
  waiting_.push_back(std::make_shared<Repeat>(*this, std::move(*again), std::move(bytes)));
  waiting_.back()->begin(std::min(later, gateway_.options().limits.delay));
}

void Repeats::send_at_once() {
  for (const auto& repeat : std::list(waiting_)) repeat->hurry();
}

void Repeats::give_up() {
  for (const auto& repeat : std::list(waiting_)) repeat->give_up();
}

}  // namespace parallax::proxy
