// SPDX-License-Identifier: Apache-2.0
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <cassert>
#include <deque>
#include <optional>

#include "sim/drive/gzip.h"
#include "sim/drive/http_connection.h"
#include "sim/drive/target.h"

namespace parallax {
namespace {

namespace asio = boost::asio;

class HttpTarget final : public Target {
 public:
  HttpTarget(const HttpTargetOptions& options, Url url, RequestHead head)
      : connections_max_(options.connections), work_(io_.get_executor()) {
    endpoint_ = {std::move(url), std::move(head), options.timeout, options.whole_answers,
                 &io_,           nullptr};
    if (options.gzip) gzip_.emplace();
  }

  /// Trusts what the system trusts (SSL_CERT_FILE and SSL_CERT_DIR change it).
  Result<void> use_tls() {
    boost::system::error_code failed;
    tls_.emplace(asio::ssl::context::tls_client);
    tls_->set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1, failed);
    if (!failed) tls_->set_default_verify_paths(failed);
    if (failed) return Error{Error::Kind::io, "no trusted certificates: " + failed.message(), ""};
    endpoint_.tls = &*tls_;
    return {};
  }

  void start(SendRequest request) override {
    assert(in_flight() < capacity());
    if (request.strike == Strike::before_send || request.strike == Strike::answered) {
      done_.push_back(outcome_without_sending(request));
      return;
    }
    if (gzip_) {
      gzip_->compress(request.body, packed_);
      std::swap(request.body, packed_);
    }
    take_connection();
    busy_.back()->begin(std::move(request));
  }

  SendResult wait() override {
    assert(in_flight() > 0);
    while (done_.empty()) {
      const WallTime deadline = deadline_of(*busy_.front());
      if (io_.run_one_until(deadline) == 0) expire_overdue();
    }
    SendResult result = std::move(done_.front());
    done_.pop_front();
    return result;
  }

  std::size_t in_flight() const override { return busy_.size() + done_.size(); }
  std::size_t capacity() const override { return connections_max_; }

 private:
  using Connections = std::list<std::shared_ptr<HttpConnection>>;

  WallTime deadline_of(const HttpConnection& connection) const {
    return connection.started() + std::chrono::microseconds(endpoint_.timeout);
  }

  void expire_overdue() {
    // The caller may have been away for longer than the timeout: answers already here count.
    io_.poll();
    const WallTime now = std::chrono::steady_clock::now();
    while (!busy_.empty() && deadline_of(*busy_.front()) <= now) busy_.front()->expire();
  }

  static SendResult outcome_without_sending(const SendRequest& request) {
    SendResult result;
    result.ticket = request.ticket;
    if (request.strike == Strike::answered) {
      result.status = request.answer;
      result.receipt = receipt_of_status(request.answer);
    } else {
      result.receipt = Receipt::rejected;
      result.error = "connection refused (fault)";
    }
    return result;
  }

  /// Moves a live idle connection, or a fresh one, to the end of `busy_`. The one used last comes
  /// first, so that few stay warm and the others may age. An idle connection which the target has
  /// closed is dropped here, before anything was sent on it.
  void take_connection() {
    while (!idle_.empty() && !idle_.back()->usable()) idle_.pop_back();
    if (idle_.empty()) {
      idle_.push_back(
          make_http_connection(endpoint_, [this](HttpConnection& connection, SendResult result) {
            put_back(connection);
            done_.push_back(std::move(result));
          }));
    }
    const auto last = std::prev(idle_.end());
    busy_.splice(busy_.end(), idle_, last);
    busy_.back()->place = last;
  }

  void put_back(HttpConnection& connection) { idle_.splice(idle_.end(), busy_, connection.place); }

  const std::size_t connections_max_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::optional<asio::ssl::context> tls_;
  HttpEndpoint endpoint_;
  std::optional<Gzip> gzip_;
  std::string packed_;  ///< Reused.
  Connections busy_;    ///< In the order of their requests' starts: the first times out first.
  Connections idle_;
  std::deque<SendResult> done_;
};

Error invalid(std::string what, std::string where) {
  return {Error::Kind::invalid_input, std::move(what), std::move(where)};
}

}  // namespace

Result<std::unique_ptr<Target>> make_http_target(const HttpTargetOptions& options) {
  if (options.connections == 0) return invalid("at least one is needed", "connections");
  if (options.timeout <= 0) return invalid("must be longer than nothing", "timeout");
  auto url = parse_url(options.url);
  if (!url) return url.error();
  auto head = RequestHead::compile(options, *url);
  if (!head) return head.error();
  const bool tls = url->tls;
  auto target =
      std::make_unique<HttpTarget>(options, std::move(url).value(), std::move(head).value());
  if (tls) {
    if (auto trusted = target->use_tls(); !trusted) return trusted.error();
  }
  return std::unique_ptr<Target>(std::move(target));
}

}  // namespace parallax
