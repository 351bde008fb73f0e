// SPDX-License-Identifier: Apache-2.0
#include <cassert>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <system_error>

#include "sim/drive/batch_events.h"
#include "sim/drive/http_message.h"
#include "sim/drive/target.h"

namespace parallax {
namespace {

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, FileCloser>;

Error io_error(const std::string& what, const std::string& path) {
  return {Error::Kind::io, what + ": " + std::generic_category().message(errno), path};
}

/// What is written is accepted, a strike has the outcome it would have on a wire: a batch cut in
/// the middle leaves no line, because a collector that cannot parse a body keeps nothing of it.
class FileTarget final : public Target {
 public:
  FileTarget(std::string path, File file) : path_(std::move(path)), file_(std::move(file)) {}

  void start(SendRequest request) override {
    assert(in_flight() < capacity());
    SendResult result;
    result.ticket = request.ticket;
    switch (request.strike) {
      case Strike::none:
        result.receipt = Receipt::accepted;
        write(request.body, result);
        break;
      case Strike::after_commit:
        write(request.body, result);
        break;
      case Strike::during_body:
        break;
      case Strike::before_send:
        result.receipt = Receipt::rejected;
        result.error = "connection refused (fault)";
        break;
      case Strike::answered:
        result.status = request.answer;
        result.receipt = receipt_of_status(request.answer);
        break;
    }
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

  Result<void> close() override {
    if (file_ && std::fclose(file_.release()) != 0 && !failed_) {
      failed_ = io_error("cannot write", path_);
    }
    return failed_ ? Result<void>(*failed_) : Result<void>();
  }

 private:
  void write(std::string_view body, SendResult& result) {
    assert(file_);  // not after close
    const auto events = split_batch(body);
    if (!events) {
      result.receipt = Receipt::rejected;
      result.error = "the body is no batch of events";
      return;
    }
    lines_.clear();
    for (const std::string_view event : *events) lines_.append(event).append(1, '\n');
    const bool written = std::fwrite(lines_.data(), 1, lines_.size(), file_.get()) == lines_.size();
    if (!written && !failed_) failed_ = io_error("cannot write", path_);
    if (!failed_) return;
    result.receipt = Receipt::unknown;
    result.error = failed_->text();
  }

  const std::string path_;
  File file_;
  std::optional<Error> failed_;  ///< The first failure; sticky.
  std::optional<SendResult> done_;
  std::string lines_;  ///< Reused.
};

}  // namespace

Result<std::unique_ptr<Target>> make_file_target(const std::string& path) {
  File file(std::fopen(path.c_str(), "ab"));
  if (!file) return io_error("cannot open for writing", path);
  return std::unique_ptr<Target>(std::make_unique<FileTarget>(path, std::move(file)));
}

}  // namespace parallax
