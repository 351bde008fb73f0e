// SPDX-License-Identifier: Apache-2.0
// A request with events on its way: into the ledger, through its faults, to the pipeline and back.
#include <utility>

#include "sim/drive/http_message.h"
#include "sim/drive/target.h"
#include "sim/proxy/batch_cut.h"
#include "sim/proxy/session.h"

namespace parallax::proxy {
namespace {

/// How often a connection that is to be cut looks whether its bytes have left the machine.
constexpr Micros look_again = millisecond;

std::string retry_line(Micros after) {
  if (after == 0) return {};
  return "Retry-After: " + std::to_string((after + second - 1) / second) + "\r\n";
}

std::string length_line(std::size_t length) {
  return "Content-Length: " + std::to_string(length) + "\r\n";
}

}  // namespace

void Session::admit() {
  Result<std::optional<Delivery>> admitted = gateway_.admit(request_);
  if (!admitted) {
    gateway_.tell(admitted.error().text());
    return refuse(503, admitted.error().what);
  }
  if (!*admitted) return stream();
  mode_ = Mode::holding;
  delivery_ = std::move(*admitted);
  request_done_ = true;
  meet_faults();
}

void Session::meet_faults() {
  const WireFate& fate = delivery_->fate;
  // Played time is told, not waited for.
  const Micros delay = gateway_.options().simulated ? 0 : fate.delay;
  switch (fate.strike) {
    case Strike::before_send:
      if (!conclude(Receipt::rejected, 0)) return abort();
      return break_off();
    case Strike::answered:
      return hold(delay, &Session::answer_in_place);
    case Strike::none:
    case Strike::during_body:
    case Strike::after_commit:
      return hold(delay, &Session::forward);
  }
}

void Session::hold(Micros how_long, Step then) {
  if (how_long <= 0 || gateway_.draining) return (this->*then)();
  held_back_ = true;
  wait_for(Waits::fault);
  timer_.expires_after(std::chrono::microseconds(how_long));
  timer_.async_wait([self = shared_from_this(), then](const ErrorCode&) {
    self->held_back_ = false;
    if (!self->closed_) (self.get()->*then)();
  });
}

/// What the pipeline gets: as it came, but for what a fault takes out or puts off.
std::string Session::request_bytes() const {
  const WireFate& fate = delivery_->fate;
  std::string head = gateway_.outgoing_head(request_.head);
  if (gateway_.options().simulated && fate.delay > 0) {
    std::string line(sim_time_header);
    line.append(": ").append(to_rfc3339(delivery_->record.arrives)).append("\r\n");
    head = with_lines(head, {"parallax-sim-time"}, line);
  }
  if (fate.left_out == 0) return head + request_.body;
  const std::size_t events = delivery_->events.size() + fate.left_out;
  const auto kept = without_last(request_.plain, events, fate.left_out);
  const std::string body = kept.value_or(request_.plain);
  return with_lines(head, {"content-length", "transfer-encoding", "content-encoding"},
                    length_line(body.size())) +
         body;
}

void Session::forward() {
  const bool half = delivery_->fate.strike == Strike::during_body;
  with_upstream(half ? &Session::send_half : &Session::await_answer);
}

void Session::send_half() {
  request_sent_ = true;
  std::string bytes = request_bytes();
  const std::size_t head = head_length(bytes).value_or(bytes.size());
  bytes.resize(head + (bytes.size() - head) / 2);
  write_upstream(std::move(bytes), &Session::cut_when_gone);
}

/// A reset throws away what the kernel has not sent yet, which must not be part of the half.
void Session::cut_when_gone() {
  if (upstream_->unsent() > 0 && !gateway_.draining)
    return hold(look_again, &Session::cut_when_gone);
  if (!conclude(Receipt::unknown, 0)) return abort();
  break_off();
}

/// The client sees its connection break; or nothing at all, for as long as it has patience.
void Session::break_off() {
  const bool is_quiet = delivery_->fate.silent && !gateway_.options().simulated;
  hold(is_quiet ? gateway_.options().limits.answer_wait : 0, &Session::reset_client);
}

/// Sends the request the first time; then collects its answer.
void Session::await_answer() {
  if (!std::exchange(request_sent_, true))
    return write_upstream(request_bytes(), &Session::read_upstream);
  // The first bytes of an answer prove that the pipeline has committed.
  if (delivery_->fate.strike == Strike::after_commit) {
    if (!conclude(Receipt::unknown, 0)) return abort();
    return break_off();
  }
  const std::size_t taken = answer_scan_.feed(up_in_);
  answer_body_.append(up_in_, 0, taken);
  up_in_.erase(0, taken);
  if (answer_scan_.broken() || answer_body_.size() > gateway_.options().limits.answer)
    return upstream_ended();
  if (!answer_scan_.done()) return read_upstream();
  answer_complete();
}

void Session::answer_complete() {
  if (!conclude(receipt_of_status(answer_.status), answer_.status)) return abort();
  hold(delivery_->fate.answer_delay, &Session::answer_client);
}

void Session::answer_client() {
  answer_done_ = true;
  const bool taken = receipt_of_status(answer_.status) == Receipt::accepted;
  const bool odd = taken && delivery_->fate.odd_status != 0;
  write_client(odd ? changed_answer() : answer_head_ + answer_body_, &Session::finish);
}

/// The pipeline took it, and the client is told so in another way: with another status, and where
/// the body is odd, half of it.
std::string Session::changed_answer() const {
  const WireFate& fate = delivery_->fate;
  const std::string retry = retry_line(fate.retry_after);
  if (!fate.odd_body && fate.odd_status != 204 && fate.odd_status != 304)
    return with_status(answer_head_, fate.odd_status, {}, retry) + answer_body_;
  const bool bare = fate.odd_status == 204 || fate.odd_status == 304;
  const std::string body = bare ? std::string() : answer_body_.substr(0, answer_body_.size() / 2);
  const std::string lines = bare ? retry : retry + length_line(body.size());
  return with_status(answer_head_, fate.odd_status, {"content-length", "transfer-encoding"},
                     lines) +
         body;
}

/// Answers in the pipeline's place: it never sees the request.
void Session::answer_in_place() {
  const WireFate& fate = delivery_->fate;
  if (!conclude(Receipt::rejected, fate.answer)) return abort();
  std::string lines = retry_line(fate.retry_after) + cors_lines();
  if (fate.answer / 100 == 3 && fate.answer != 304)
    lines.append("Location: ").append(request_.read.target).append("\r\n");
  answer_ = {fate.answer, {}, true};
  answer_done_ = true;
  const bool bare = fate.answer == 304;
  write_client(own_answer(fate.answer, bare ? "" : "parallax proxy: a fault answers here\n", lines),
               &Session::finish);
}

/// Without these a browser keeps the status from the page.
std::string Session::cors_lines() const {
  if (request_.read.origin.empty()) return {};
  return "Access-Control-Allow-Origin: " + std::string(request_.read.origin) +
         "\r\nAccess-Control-Allow-Credentials: true\r\n";
}

/// False where the ledger could not be written: then nobody must hear of an outcome. The repeat of
/// what has arrived begins here.
bool Session::conclude(Receipt receipt, std::uint16_t status) {
  if (!delivery_ || delivery_->events.empty()) return true;
  const Result<void> kept = gateway_.conclude(*delivery_, receipt, status);
  if (!kept) gateway_.tell(kept.error().text());
  const bool sent = receipt != Receipt::rejected || status != 0;
  if (kept && delivery_->fate.again && sent)
    repeats_.start(*delivery_, request_bytes(), *delivery_->fate.again);
  delivery_->events.clear();
  return bool(kept);
}

}  // namespace parallax::proxy
