// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "sim/proxy/gateway.h"
#include "sim/proxy/repeats.h"
#include "sim/proxy/upstream.h"

namespace parallax::proxy {

/// One connection of a client, and the one to the pipeline that stands for it: what one side does
/// to its connection the other side sees. One request after another.
///
/// A request without events is forwarded while it comes, and so is its answer (session.cpp). One
/// with events is held until it is in the ledger, meets its faults, and its answer is held until
/// the ledger has the outcome (session_events.cpp).
class Session : public std::enable_shared_from_this<Session> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Place = std::list<std::shared_ptr<Session>>::iterator;
  using Ended = std::function<void(Session&)>;

  /// `ended` is called once, when the connection is gone.
  Session(Socket client, Gateway& gateway, Repeats& repeats, boost::asio::io_context& io,
          Ended ended);
  void start();
  /// Ends what has waited for too long.
  void expire(std::chrono::steady_clock::time_point now);
  /// Closes an idle connection; a busy one after its answer, and held back requests leave at once.
  void drain();
  void abort();  ///< Resets both connections; the outcome of what is under way is unknown.

  Place place;  ///< Where the proxy keeps it; the proxy's to use.

 private:
  using ErrorCode = boost::system::error_code;
  using Step = void (Session::*)();
  /// For what this session waits, and how long it may.
  enum class Waits : std::uint8_t { request, upstream, answer, client, fault };
  enum class Mode : std::uint8_t { idle, reading, streaming, holding };

  // Bytes of both sides.
  void read_client(Step then);
  void write_client(std::string bytes, Step then);
  void with_upstream(Step then);
  void write_upstream(std::string bytes, Step then);
  void read_upstream();
  void on_upstream(const ErrorCode& failed, std::size_t bytes);
  void wait_for(Waits what);
  void hold(Micros how_long, Step then);

  // Requests, and what passes untouched.
  void await_request();
  void begin_request(std::size_t head_length);
  void collect();
  void stream();
  void pump();
  void forward_more();
  void take_answer();
  bool take_head();
  void take_body();
  void after_client();
  void maybe_finish();
  void finish();
  void upstream_ended();
  void refuse(std::uint16_t status, const std::string& why);
  void no_upstream(const std::string& problem);
  void close();
  void break_off();
  void reset_client();

  // Requests with events.
  void admit();
  void meet_faults();
  void forward();
  void send_half();
  void cut_when_gone();
  void await_answer();
  void answer_complete();
  void answer_client();
  void answer_in_place();
  bool conclude(Receipt receipt, std::uint16_t status);
  std::string request_bytes() const;
  std::string changed_answer() const;
  std::string cors_lines() const;

  Gateway& gateway_;
  Repeats& repeats_;
  boost::asio::io_context& io_;
  Ended ended_;
  Socket client_;
  std::shared_ptr<Upstream> upstream_;
  boost::asio::steady_timer timer_;  ///< Of faults that hold back.
  std::chrono::steady_clock::time_point deadline_;
  Waits waits_ = Waits::request;
  Mode mode_ = Mode::idle;
  bool closed_ = false;
  bool reused_ = false;        ///< The pipeline's connection had a request before this one.
  bool connected_ = false;     ///< It stands.
  bool reading_ = false;       ///< A read of it is under way.
  bool request_sent_ = false;  ///< Some of it was forwarded.
  bool request_done_ = false;  ///< All of it was.
  bool answer_begun_ = false;  ///< The client has got some of it.
  bool answer_done_ = false;
  bool has_head_ = false;  ///< Of the answer.
  bool held_back_ = false;

  std::string in_;     ///< What has come from the client and is not taken yet.
  std::string up_in_;  ///< The same of the pipeline.
  std::string to_client_, to_upstream_;
  HeldRequest request_;
  BodyScan request_scan_, answer_scan_;
  AnswerHead answer_;
  std::string answer_head_, answer_body_;
  std::optional<Delivery> delivery_;
  std::array<char, 32'768> client_room_, upstream_room_;
};

}  // namespace parallax::proxy
