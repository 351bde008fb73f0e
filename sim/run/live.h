// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sim/core/result.h"
#include "sim/run/progress.h"
#include "sim/run/report.h"
#include "sim/scenario/scenario.h"

namespace parallax {

/// What a load says of itself while it runs.
struct LiveLoad {
  double asked_s = 0;     ///< Events a second that the schedule wants now; 0: it has no rate.
  double achieved_s = 0;  ///< Events a second accepted in the last second.
  std::uint64_t in_flight = 0, failed = 0, not_sent = 0;
  Micros latency_p99 = 0;  ///< Of the last second.
};

/// The live page of a command: http://127.0.0.1:PORT/ shows a run as it happens, over server-sent
/// events at /events. The run is looked at from outside (live_tally.h), twice a second and only
/// while somebody looks; what it hands over itself is a few numbers. A browser that reads slowly,
/// or not at all, holds up nobody. Thread-safe.
class Live : public Progress::Listener {
 public:
  /// `port` 0: any free one. Errors: the port is taken.
  static Result<std::unique_ptr<Live>> start(std::uint16_t port);
  /// Tells every page that it is over, and stops; at most some seconds where a browser is deaf.
  ~Live() override;

  std::string url() const;
  /// A run begins. `journals`: where its journals will be once the traffic has begun.
  void begin(const Scenario& scenario, const std::string& target,
             const std::filesystem::path& journals);
  void phase(std::string_view name) override;
  void progress(double share, std::string_view text) override;
  void load(const LiveLoad& load);
  /// It is judged.
  void end(const RunReport& report);

 private:
  struct State;
  explicit Live(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// A file of sim/run/live at build time.
std::string_view embedded_live_file(std::string_view name);

}  // namespace parallax
