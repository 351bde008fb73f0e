// SPDX-License-Identifier: Apache-2.0
#include "sim/proxy/session.h"

#include <boost/asio/write.hpp>
#include <utility>

#include "sim/drive/http_message.h"

namespace parallax::proxy {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

Session::Session(Socket client, Gateway& gateway, Repeats& repeats, asio::io_context& io,
                 Ended ended)
    : gateway_(gateway),
      repeats_(repeats),
      io_(io),
      ended_(std::move(ended)),
      client_(std::move(client)),
      timer_(io) {
  ErrorCode ignored;  // Slower without, still right.
  client_.set_option(asio::ip::tcp::no_delay(true), ignored);
  client_.non_blocking(true, ignored);
}

void Session::start() { await_request(); }

void Session::wait_for(Waits what) {
  const Limits& limits = gateway_.options().limits;
  waits_ = what;
  const Micros span = what == Waits::upstream ? limits.connect
                      : what == Waits::answer ? limits.answer_wait
                                              : limits.idle;
  deadline_ = what == Waits::fault ? Clock::time_point::max()
                                   : Clock::now() + std::chrono::microseconds(span);
}

void Session::expire(Clock::time_point now) {
  if (closed_ || now < deadline_) return;
  if (waits_ == Waits::upstream) return no_upstream("no connection in time");
  if (waits_ != Waits::answer) return mode_ == Mode::idle ? close() : abort();
  gateway_.tell("the pipeline did not answer in time");
  if (answer_begun_ || !conclude(Receipt::unknown, 0)) return abort();
  refuse(504, "the pipeline did not answer in time");
}

void Session::drain() {
  if (mode_ == Mode::idle) return close();
  if (held_back_) timer_.cancel();
}

void Session::abort() {
  if (closed_) return;
  conclude(Receipt::unknown, 0);
  reset_client();
}

void Session::read_client(Step then) {
  client_.async_read_some(
      asio::buffer(client_room_),
      [self = shared_from_this(), then](const ErrorCode& failed, std::size_t bytes) {
        if (self->closed_) return;
        if (failed == asio::error::eof || (failed && self->mode_ == Mode::idle))
          return self->close();
        if (failed) return self->abort();
        self->in_.append(self->client_room_.data(), bytes);
        (self.get()->*then)();
      });
}

void Session::write_client(std::string bytes, Step then) {
  to_client_ = std::move(bytes);
  ErrorCode failed;
  const std::size_t sent = client_.write_some(asio::buffer(to_client_), failed);
  if (!failed && sent == to_client_.size()) return (this->*then)();
  if (failed && failed != asio::error::would_block) return abort();
  wait_for(Waits::client);
  asio::async_write(client_, asio::buffer(to_client_.data() + sent, to_client_.size() - sent),
                    [self = shared_from_this(), then](const ErrorCode& broken, std::size_t) {
                      if (self->closed_) return;
                      if (broken) return self->abort();
                      (self.get()->*then)();
                    });
}

void Session::with_upstream(Step then) {
  reused_ = upstream_ != nullptr;
  if (reused_) return (this->*then)();
  connected_ = false;
  upstream_ = std::make_shared<Upstream>(io_, gateway_.upstream());
  wait_for(Waits::upstream);
  upstream_->connect(
      [self = shared_from_this(), then, mine = upstream_.get()](const std::string& problem) {
        if (self->closed_ || self->upstream_.get() != mine) return;
        if (!problem.empty()) return self->no_upstream(problem);
        self->connected_ = true;
        (self.get()->*then)();
        if (!self->closed_) self->read_upstream();
      });
}

void Session::write_upstream(std::string bytes, Step then) {
  to_upstream_ = std::move(bytes);
  wait_for(Waits::answer);
  upstream_->write(to_upstream_, [self = shared_from_this(), then](const ErrorCode& failed) {
    if (self->closed_) return;
    // The pipeline may have answered before it closed: what it said is still to be read.
    if (failed) return self->read_upstream();
    (self.get()->*then)();
  });
}

/// One read at a time, also while the connection is idle: so its end is seen before it is used.
void Session::read_upstream() {
  if (reading_ || upstream_ == nullptr || !connected_) return;
  reading_ = true;
  upstream_->read(upstream_room_, [self = shared_from_this(), mine = upstream_.get()](
                                      const ErrorCode& failed, std::size_t bytes) {
    if (self->upstream_.get() != mine) return;
    self->reading_ = false;
    if (!self->closed_) self->on_upstream(failed, bytes);
  });
}

void Session::on_upstream(const ErrorCode& failed, std::size_t bytes) {
  up_in_.append(upstream_room_.data(), bytes);
  const bool between = mode_ == Mode::idle || mode_ == Mode::reading || !request_sent_;
  if (between && (failed || bytes > 0)) {
    upstream_->close();
    upstream_.reset();
    up_in_.clear();
    return;
  }
  if (failed) return upstream_ended();
  take_answer();
}

void Session::await_request() {
  mode_ = Mode::idle;
  if (gateway_.draining) return close();
  const auto length = head_length(in_);
  if (length) return begin_request(*length);
  if (in_.size() > head_max) return refuse(431, "the head of the request is too long");
  wait_for(Waits::request);
  read_client(&Session::await_request);
}

void Session::begin_request(std::size_t head_length) {
  mode_ = Mode::reading;
  request_.head.assign(in_, 0, head_length);
  in_.erase(0, head_length);
  request_.body.clear();
  request_.plain.clear();
  request_.read = {};
  const Result<RequestHead> head = read_request_head(request_.head);
  if (!head) return refuse(400, head.error().what);
  request_.read = *head;
  request_scan_ = BodyScan(head->framing);
  answer_head_.clear();
  answer_body_.clear();
  request_sent_ = request_done_ = answer_begun_ = answer_done_ = has_head_ = false;
  delivery_.reset();
  if (!gateway_.wants(*head)) return stream();
  if (!head->expects_continue || !in_.empty() || request_scan_.done()) return collect();
  write_client("HTTP/1.1 100 Continue\r\n\r\n", &Session::collect);
}

/// Holds a body that may have events until all of it is there.
void Session::collect() {
  const std::size_t taken = request_scan_.feed(in_, &request_.plain);
  request_.body.append(in_, 0, taken);
  in_.erase(0, taken);
  if (request_scan_.broken()) return refuse(400, "a chunk that is none");
  if (request_scan_.done()) return admit();
  if (request_.body.size() > gateway_.options().limits.body) return stream();
  wait_for(Waits::request);
  read_client(&Session::collect);
}

void Session::stream() {
  mode_ = Mode::streaming;
  ++gateway_.counts().untouched;
  with_upstream(&Session::pump);
}

/// Forwards what there is of the request; first of all its head and what was held of its body.
void Session::pump() {
  std::string bytes;
  if (!std::exchange(request_sent_, true))
    bytes = gateway_.outgoing_head(request_.head) + request_.body;
  const std::size_t taken = request_scan_.feed(in_);
  if (request_scan_.broken()) return abort();
  bytes.append(in_, 0, taken);
  in_.erase(0, taken);
  write_upstream(std::move(bytes), &Session::forward_more);
}

void Session::forward_more() {
  if (!request_scan_.done()) return read_client(&Session::pump);
  request_done_ = true;
  maybe_finish();
}

void Session::take_answer() {
  if (answer_done_) return abort();  // It says more than it was asked.
  while (!has_head_)
    if (!take_head()) return;
  if (mode_ == Mode::holding) return await_answer();
  take_body();
}

/// One head of an answer, interim ones too. False where there is none yet, or no more to do.
bool Session::take_head() {
  const auto length = head_length(up_in_);
  if (!length && up_in_.size() <= head_max) {
    read_upstream();
    return false;
  }
  const auto head =
      length ? read_answer_head(std::string_view(up_in_).substr(0, *length), request_.read.method)
             : Result<AnswerHead>(Error{Error::Kind::protocol, "too long", {}});
  if (!head) {
    gateway_.tell("the pipeline's answer is no HTTP: " + head.error().what);
    upstream_ended();
    return false;
  }
  const bool interim = head->status < 200 && head->status != 101;
  if (interim && mode_ == Mode::holding) {
    up_in_.erase(0, *length);
    return true;
  }
  if (interim) {
    // 100 Continue: passed on by itself, and the answer is still to come.
    std::string bytes = up_in_.substr(0, *length);
    up_in_.erase(0, *length);
    ErrorCode ignored;  // Who does not hear it sends on all the same.
    client_.write_some(asio::buffer(bytes), ignored);
    return true;
  }
  answer_ = *head;
  has_head_ = true;
  answer_scan_ = BodyScan(head->framing);
  answer_head_ = up_in_.substr(0, *length);
  up_in_.erase(0, *length);
  if (head->status == 101) {  // Another protocol from here on, in both directions.
    answer_scan_ = request_scan_ = BodyScan({Framing::Kind::until_close, 0});
    if (request_done_) read_client(&Session::pump);
  }
  return true;
}

void Session::take_body() {
  const std::size_t taken = answer_scan_.feed(up_in_);
  if (answer_scan_.broken()) return upstream_ended();
  std::string bytes = std::exchange(answer_head_, {});
  bytes.append(up_in_, 0, taken);
  up_in_.erase(0, taken);
  answer_begun_ = true;
  write_client(std::move(bytes), &Session::after_client);
}

void Session::after_client() {
  wait_for(Waits::answer);
  if (!answer_scan_.done()) return read_upstream();
  answer_done_ = true;
  // A pipeline that answers before it has the whole request does not want the rest.
  if (!request_done_) return close();
  maybe_finish();
}

void Session::maybe_finish() {
  if (request_done_ && answer_done_) finish();
}

void Session::finish() {
  if (!request_.read.keeps_alive || !answer_.keeps_alive) return close();
  mode_ = Mode::idle;
  read_upstream();
  await_request();
}

/// The pipeline's connection ended, or says what is no HTTP.
void Session::upstream_ended() {
  if (has_head_ && answer_scan_.ends_with_connection()) {
    if (mode_ != Mode::holding) return close();
    return answer_complete();
  }
  gateway_.tell("the pipeline ended the connection before its answer was complete");
  if (!conclude(Receipt::unknown, 0)) return abort();
  // On a kept connection the client sees what it would see without a proxy: the end of it.
  if (answer_begun_ || (reused_ && !has_head_)) return reset_client();
  refuse(502, "the pipeline ended the connection before its answer was complete");
}

void Session::no_upstream(const std::string& problem) {
  ++gateway_.counts().upstream_down;
  gateway_.tell("the pipeline: " + problem);
  upstream_->close();
  upstream_.reset();
  if (!conclude(Receipt::rejected, 0)) return abort();
  refuse(502, "no connection to the pipeline: " + problem);
}

/// An answer of our own, after which the connection ends.
void Session::refuse(std::uint16_t status, const std::string& why) {
  if (status != 502 && status != 504) ++gateway_.counts().refused;
  mode_ = Mode::reading;
  write_client(
      own_answer(status, "parallax proxy: " + why + "\n", "Connection: close\r\n" + cors_lines()),
      &Session::close);
}

void Session::close() {
  if (std::exchange(closed_, true)) return;
  ErrorCode ignored;
  timer_.cancel();
  client_.close(ignored);
  if (upstream_ != nullptr) upstream_->close();
  ended_(*this);
}

/// What a client sees of a connection that breaks.
void Session::reset_client() {
  ErrorCode ignored;
  client_.set_option(Socket::linger(true, 0), ignored);
  if (upstream_ != nullptr) upstream_->reset();
  close();
}

}  // namespace parallax::proxy
