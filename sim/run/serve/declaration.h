// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "sim/core/event.h"
#include "sim/scenario/node.h"
#include "sim/scenario/shape.h"

/// What other people's tests say to `parallax serve`: a run, and what they really did in it.
namespace parallax::serve {

/// Why a request is not done, for whoever wrote the test.
struct Refusal {
  int status = 400;               ///< HTTP status.
  std::string message;            ///< One sentence.
  std::vector<Problem> problems;  ///< With pointers into the request's body; may be empty.
};

/// Limits of the API. Beyond them: 413.
constexpr std::size_t body_bytes_max = std::size_t{1} << 20U;
constexpr std::size_t runs_max = 1'000;
constexpr std::size_t actions_max = 10'000;  ///< Of one run.

/// How far a row may be from what was declared.
struct Tolerances {
  Micros time = minute;                ///< Event time of a row and time of its action.
  Micros window = 10 * minute;         ///< A row further away is not tied by key or by user.
  std::int64_t amount_millionths = 0;  ///< Of a unit of the action's currency.
};

/// Which rows the run answers for although it declared nothing that explains them.
struct Ownership {
  enum class RowsOf : std::uint8_t { nobody, declared_users, run_id, everybody };
  RowsOf rows_of = RowsOf::nobody;
  std::vector<std::string> names;  ///< Only rows of these events; empty: of any.
};

/// POST /v1/runs.
struct RunRequest {
  std::string name;                  ///< For people.
  std::string run_id;                ///< What the product's rows say in run_id; empty: nothing.
  Json actions, assertions, target;  ///< As in a scenario file; null where not given.
  Tolerances tolerances;
  Ownership owns;
};

struct DeclaredField {
  std::string name;
  FieldType type = FieldType::string;
  Json value;  ///< Text, flag, or a number's own digits; of money the amount.
};

/// One thing the test really did.
struct DeclaredAction {
  std::string id;          ///< "a-1", given by the run.
  std::string said;        ///< The declaration itself, one line of JSON.
  std::string name;        ///< The event's name.
  std::string action_key;  ///< A second declaration under it is the same one.
  std::string event_id, user;
  std::string key;  ///< The field that identifies it: "order_id".
  SimTime at, received;
  bool client = false, server = false;  ///< Who should emit; neither: not said.
  Consent consent = Consent::granted;
  std::vector<DeclaredField> fields;
  std::string currency;  ///< Of its money fields.

  const DeclaredField* field(std::string_view name_of_it) const;
  bool says_who_emits() const { return client || server; }
  /// "purchase a-2 (order_id o-17, user alice)".
  std::string label() const;
};

const Shape* run_shape(ShapeBook& book);
const Shape* action_shape(ShapeBook& book);

/// Both report everything wrong with `body`; what comes back is whole only where nothing is.
RunRequest read_run(const Node& body, Problems& problems);
/// `received`: when it was said, and the time of an action that states none.
DeclaredAction read_action(const Node& body, SimTime received, Problems& problems);

/// What the plan says against the action: an unknown name or field, another type, a side that does
/// not emit it. An open plan knows no names: only types are compared.
void check_against(const TrackingPlan& plan, bool open, const DeclaredAction& action,
                   const Node& body, Problems& problems);
/// Adds what an open plan does not know yet.
void learn(TrackingPlan& plan, const DeclaredAction& action);

}  // namespace parallax::serve
