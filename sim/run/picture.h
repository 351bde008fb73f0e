// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/core/result.h"
#include "sim/scenario/scenario.h"

/// A scenario as people look at it: `parallax scenarios show`. Made from the scenario alone,
/// without playing it; shares and counts are the means that its numbers come to. Two ways to draw
/// it: text for a terminal, and SVG.
namespace parallax {

/// A state of a journey, and what happens there.
struct StatePicture {
  std::string name;
  std::string does;  ///< "purchase", "login_attempt > login"; empty: only thinking.
  bool client = false, server = false;  ///< Who emits what is done here.
  std::string pause;                    ///< "~7s" on average, "30d" exactly; empty: nobody stays.
  double leaves = 0;                    ///< Share of those who are here that end, 0 .. 1.
  double visits = 0;                    ///< Mean number a session (a process).
  struct Edge {
    std::size_t to = 0;
    double share = 0;
  };
  std::vector<Edge> next;           ///< Leaving is not among them.
  std::vector<std::size_t> faults;  ///< That may strike what is emitted here, by index.
};

struct JourneyPicture {
  std::string name;
  std::string follows;  ///< The action that begins it; empty: users do.
  double share = 0;     ///< Of the sessions; of a process: how many begin in a session.
  double actions = 0;   ///< Mean number of actions a session (a process).
  std::size_t start = 0;
  std::vector<StatePicture> states;
};

struct ActionPicture {
  std::string name;
  bool client = false, server = false;
  std::string note;                      ///< "server decides, 98% granted"; empty mostly.
  double in_run = 0;                     ///< Mean number in the run, refused ones included.
  std::string client_owns, server_owns;  ///< "order_id!, revenue": ! is required.
};

struct FaultPicture {
  std::string name;
  std::string kind;     ///< "clock_skew".
  std::string hits;     ///< "5% of devices, when 2d..4d, where platform = web".
  std::string points;   ///< "before_send"; "after_commit and before_send".
  std::string strikes;  ///< "client: all; server: refund"; "nothing" is a mistake in the scenario.
};

struct AssertionPicture {
  std::string name;
  std::string says;  ///< "client per server 0.7 .. 1.05, by day".
};

struct ScenarioPicture {
  std::string name, about;
  std::string setting;  ///< "1,500 users, 0.9 sessions each a day (retail-week), 3d from ...".
  double sessions = 0;  ///< Expected in the run.
  std::vector<JourneyPicture> journeys;
  std::vector<ActionPicture> actions;
  std::vector<FaultPicture> faults;
  std::vector<AssertionPicture> assertions;
};

/// Errors: a fault of the scenario that cannot be made; `where` is its part of the file.
Result<ScenarioPicture> picture_of(const Scenario& scenario);

/// Lines of at most 100 columns, UTF-8, without colours.
std::string picture_text(const ScenarioPicture& picture);
/// One self-contained file: no script, no font and no address outside.
std::string picture_svg(const ScenarioPicture& picture);

/// Indices 0, 1, 2, 4 as the numbers that people see: "1-3 5". Precondition: sorted.
std::string numbers_text(const std::vector<std::size_t>& indices);
/// A mean count, which is never negative, to the next whole.
inline std::uint64_t rounded(double count) {
  return static_cast<std::uint64_t>(count + 0.5);  // NOLINT(bugprone-incorrect-roundings)
}
/// "60%", "0.4%", "<0.1%": a share for people.
std::string share_text(double share);
/// "1.36", "0.003", "14": a mean for people.
std::string mean_text(double mean);

}  // namespace parallax
