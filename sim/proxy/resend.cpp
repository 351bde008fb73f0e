// SPDX-License-Identifier: Apache-2.0
#include "sim/proxy/resend.h"

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "sim/proxy/archive.h"
#include "sim/proxy/upstream.h"

namespace parallax::proxy {
namespace {

namespace asio = boost::asio;

/// A client of the pipeline that sends one request at a time, and blocks until it has an outcome.
class Resender {
 public:
  Resender(UpstreamAddress address, const Limits& limits)
      : address_(std::move(address)), limits_(limits) {}

  /// The status, or 0 and `problem()`.
  int send(const StoredRequest& request) {
    bytes_ = address_.host_line.empty() ? std::string(request.head)
                                        : with_lines(request.head, {"host"}, address_.host_line);
    bytes_.append(request.body);
    const auto head = read_request_head(request.head);
    method_ = head ? std::string(head->method) : "POST";
    problem_.clear();
    status_ = 0;
    answer_.clear();
    done_ = false;
    if (upstream_ == nullptr && !connect()) return 0;
    write();
    wait(limits_.answer_wait);
    if (status_ == 0 || !keeps_) upstream_.reset();
    return status_;
  }
  const std::string& problem() const { return problem_; }
  bool reachable() const { return reachable_; }

 private:
  bool connect() {
    upstream_ = std::make_shared<Upstream>(io_, address_);
    upstream_->connect([this](const std::string& problem) { end(problem); });
    wait(limits_.connect);
    reachable_ = problem_.empty();
    if (!reachable_) upstream_.reset();
    done_ = false;
    return reachable_;
  }

  void write() {
    upstream_->write(bytes_, [this](const Upstream::ErrorCode& failed) {
      if (failed) return end("cannot send: " + failed.message());
      read();
    });
  }

  void read() {
    upstream_->read(room_, [this](const Upstream::ErrorCode& failed, std::size_t bytes) {
      if (done_) return;
      if (failed) return end("no complete answer: " + failed.message());
      answer_.append(room_.data(), bytes);
      take();
    });
  }

  /// Heads and bodies of answers; interim ones are passed over.
  void take() {
    if (status_ == 0) {
      const auto length = head_length(answer_);
      if (!length) return answer_.size() > head_max ? end("no answer of HTTP") : read();
      const auto head = read_answer_head(std::string_view(answer_).substr(0, *length), method_);
      if (!head) return end(head.error().what);
      answer_.erase(0, *length);
      if (head->status < 200) return take();
      status_ = head->status;
      keeps_ = head->keeps_alive;
      scan_ = BodyScan(head->framing);
    }
    answer_.erase(0, scan_.feed(answer_));
    // A body that ends with the connection tells nothing more.
    if (scan_.done() || scan_.ends_with_connection()) return end({});
    read();
  }

  void end(std::string problem) {
    if (std::exchange(done_, true)) return;
    problem_ = std::move(problem);
    io_.stop();
  }

  void wait(Micros most) {
    io_.restart();
    if (!done_) io_.run_for(std::chrono::microseconds(most));
    if (done_) return;
    upstream_->close();
    status_ = 0;
    end("no answer in time");
  }

  UpstreamAddress address_;
  Limits limits_;
  asio::io_context io_{1};
  std::shared_ptr<Upstream> upstream_;
  std::string bytes_, answer_, method_, problem_;
  std::array<char, 16'384> room_{};
  BodyScan scan_;
  int status_ = 0;
  bool keeps_ = true, done_ = false, reachable_ = true;
};

}  // namespace

Result<Resent> resend(const std::filesystem::path& requests, const Url& upstream, bool verify_tls,
                      const Limits& limits, const std::atomic<int>& interrupted) {
  Result<UpstreamAddress> address = UpstreamAddress::make(upstream, verify_tls);
  if (!address) return address.error();
  Resender resender(std::move(*address), limits);
  Resent out;
  const Result<void> scanned = scan_archive(requests, [&](const StoredRequest& request) {
    ++out.requests;
    const int status = resender.send(request);
    ++out.statuses[status];
    if (status == 0) out.problem = resender.problem();
    return interrupted == 0 && resender.reachable();
  });
  if (!scanned) return scanned.error();
  return out;
}

}  // namespace parallax::proxy
