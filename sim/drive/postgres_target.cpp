// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <cassert>
#include <chrono>
#include <optional>

#include "sim/core/postgres.h"
#include "sim/drive/batch_events.h"
#include "sim/drive/http_message.h"
#include "sim/drive/target.h"

namespace parallax {
namespace {

using Clock = std::chrono::steady_clock;

/// One request is one COPY, a transaction of its own: all of a batch is stored, or nothing of it.
/// The session stays open between them. A strike breaks it for real: `during_body` after half of
/// the rows, `after_commit` when the server has stored them and nobody has heard so.
class PostgresTarget final : public Target {
 public:
  explicit PostgresTarget(const PostgresTargetOptions& options) : options_(options) {
    copy_ = "copy " + options.table + " (" +
            (options.time_column.empty() ? "" : options.time_column + ", ") + options.event_column +
            ") from stdin";
  }

  void start(SendRequest request) override {
    assert(!done_);
    const Clock::time_point begun = Clock::now();
    SendResult result;
    result.ticket = request.ticket;
    if (request.strike == Strike::before_send) {
      result.receipt = Receipt::rejected;
      result.error = "connection refused (fault)";
    } else if (request.strike == Strike::answered) {
      result.status = request.answer;
      result.receipt = receipt_of_status(request.answer);
    } else {
      send(request, result);
    }
    result.took =
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begun).count();
    done_ = std::move(result);
  }

  SendResult wait() override {
    assert(done_);
    SendResult result = *std::move(done_);
    done_.reset();
    return result;
  }

  std::size_t in_flight() const override { return done_ ? 1 : 0; }
  std::size_t capacity() const override { return 1; }

 private:
  void send(const SendRequest& request, SendResult& result) {
    result.receipt = Receipt::rejected;
    if (!write_rows(request)) {
      result.error = "the body is no batch of events";
      return;
    }
    if (const Result<void> open = connect(); !open) return fail(open.error(), result);
    if (const Result<void> begun = session_->copy_begin(copy_); !begun)
      return fail(begun.error(), result);
    // From here on the server may have stored what it was sent.
    const bool cut = request.strike == Strike::during_body;
    const std::string_view rows = std::string_view(rows_).substr(0, rows_.size() / (cut ? 2 : 1));
    Result<void> sent = session_->copy_put(rows);
    if (sent && !cut) sent = session_->copy_end();
    if (!sent && sent.error().kind == Error::Kind::protocol) return fail(sent.error(), result);
    result.receipt = Receipt::unknown;
    if (!sent) return fail(sent.error(), result);
    if (request.strike != Strike::none) {
      session_.reset();
      return;
    }
    result.receipt = Receipt::accepted;
    ++stored_;
    // Often at first, so that a short run too is refreshed in its middle.
    const unsigned every = options_.batches_a_refresh;
    if (every > 0 && (stored_ % every == 0 || std::has_single_bit(stored_))) refresh();
  }

  /// What it could not bring up to date now the next one will.
  void refresh() {
    if (!session_->run(options_.refresh)) session_.reset();
  }

  /// A refusal leaves the session as it was; whatever else went wrong, the next request gets a new
  /// one.
  void fail(const Error& error, SendResult& result) {
    result.error = error.text();
    if (error.kind != Error::Kind::protocol) session_.reset();
  }

  Result<void> connect() {
    if (session_) return {};
    Result<postgres::Connection> opened =
        postgres::Connection::open(options_.dsn, options_.timeout);
    if (!opened) return opened.error();
    session_.emplace(std::move(*opened));
    return {};
  }

  bool write_rows(const SendRequest& request) {
    const auto events = split_batch(request.body);
    if (!events) return false;
    rows_.clear();
    const std::string time = options_.time_column.empty() ? "" : to_rfc3339(request.arrives) + "\t";
    for (const std::string_view event : *events) {
      rows_ += time;
      postgres::append_copy_text(event, rows_);
      rows_ += '\n';
    }
    return true;
  }

  const PostgresTargetOptions options_;
  std::string copy_;
  std::optional<postgres::Connection> session_;
  std::optional<SendResult> done_;
  unsigned stored_ = 0;
  std::string rows_;  ///< Reused.
};

}  // namespace

Result<std::unique_ptr<Target>> make_postgres_target(const PostgresTargetOptions& options) {
  if (const auto hosts = postgres::hosts_of(options.dsn); !hosts) return hosts.error();
  return std::unique_ptr<Target>(std::make_unique<PostgresTarget>(options));
}

}  // namespace parallax
