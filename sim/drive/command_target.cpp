// SPDX-License-Identifier: Apache-2.0
#include <cassert>
#include <optional>

#include "sim/core/subprocess.h"
#include "sim/drive/lines_target.h"

namespace parallax {
namespace {

class CommandTarget final : public LinesTarget {
 public:
  CommandTarget(std::string command, Micros timeout, Subprocess child)
      : command_(std::move(command)), timeout_(timeout), child_(std::move(child)) {}

  Result<void> close() override {
    if (!child_) return so_far();
    const Result<int> code = child_->finish(timeout_);
    Result<void> ended = so_far();
    if (!code)
      ended = failed(code.error().what);
    else if (*code != 0)
      ended = failed("ended with " + std::to_string(*code));
    child_.reset();
    return ended;
  }

 private:
  Result<void> put(std::string_view lines) override {
    assert(child_);  // not after close
    const Result<void> written = child_->write(lines, timeout_);
    return written ? written : failed(written.error().what);
  }
  Error failed(const std::string& how) const {
    const std::string said = child_->complaint();
    return {Error::Kind::io, how + (said.empty() ? "" : ": " + said), command_};
  }

  const std::string command_;
  const Micros timeout_;
  std::optional<Subprocess> child_;
};

}  // namespace

Result<std::unique_ptr<Target>> make_command_target(const std::string& command, Micros timeout) {
  Result<Subprocess> child = Subprocess::start(command, Subprocess::Pipe::input);
  if (!child) return child.error();
  return std::unique_ptr<Target>(
      std::make_unique<CommandTarget>(command, timeout, std::move(*child)));
}

}  // namespace parallax
