// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>

#include "sim/core/subprocess.h"
#include "sim/read/ndjson.h"

namespace parallax {
namespace {

using Clock = std::chrono::steady_clock;

class CommandReader final : public NdjsonReader {
 public:
  CommandReader(std::string command, const ColumnMap& columns, Micros timeout,
                const TrackingPlan& plan)
      : NdjsonReader(columns, plan), command_(std::move(command)), timeout_(timeout) {}

 private:
  Result<bool> stream(std::string_view run_id, const TakeBytes& take) override;
  std::string source() const override { return command_; }
  Error failed(const std::string& how, const Subprocess& child) const {
    const std::string said = child.complaint();
    return {Error::Kind::io, how + (said.empty() ? "" : ": " + said), command_};
  }

  std::string command_;
  Micros timeout_;
};

Result<bool> CommandReader::stream(std::string_view run_id, const TakeBytes& take) {
  const Clock::time_point deadline = Clock::now() + std::chrono::microseconds(timeout_);
  const auto left = [&] {
    return std::max<Micros>(
        std::chrono::duration_cast<std::chrono::microseconds>(deadline - Clock::now()).count(), 1);
  };
  Result<Subprocess> child = Subprocess::start(command_, Subprocess::Pipe::output,
                                               {{"PARALLAX_RUN_ID", std::string(run_id)}});
  if (!child) return child.error();
  bool any = false;
  for (;;) {
    const Result<std::string_view> bytes = child->read(left());
    if (!bytes && !any) {
      const bool late = bytes.error().kind == Error::Kind::timeout;
      return failed(late ? "the command said nothing within " + format_duration(timeout_)
                         : bytes.error().what,
                    *child);
    }
    if (!bytes) return false;
    if (bytes->empty()) break;
    any = true;
    if (!take(*bytes) || Clock::now() > deadline) return false;
  }
  const Result<int> code = child->finish(left());
  if (code && *code == 0) return true;
  if (any) return false;
  return failed(code ? "ended with " + std::to_string(*code) : code.error().what, *child);
}

}  // namespace

Result<std::unique_ptr<RowReader>> make_command_reader(const std::string& command,
                                                       const ColumnMap& columns, Micros timeout,
                                                       const TrackingPlan& plan) {
  if (command.empty())
    return Error{Error::Kind::invalid_input, "a command reader needs a command", "command"};
  return std::unique_ptr<RowReader>(
      std::make_unique<CommandReader>(command, columns, timeout, plan));
}

}  // namespace parallax
