// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/scenario.h"
#include "sim/scenario/strike_point.h"

namespace parallax {

/// One thing wrong with a scenario or target file.
struct Problem {
  std::string file;
  std::string pointer;   ///< JSON pointer (RFC 6901), "" for the whole document.
  std::string found;     ///< What stands there, shortened: "\"purchse\"".
  std::string expected;  ///< What could stand there: "an action of the tracking plan".
  std::string nearest;   ///< The nearest right name, or empty.
  bool warning = false;  ///< The file works, but something cannot be seen or is suspicious.

  /// "shop.json: /assert/1/of: found \"purchse\", expected an action (did you mean purchase?)"
  std::string text() const;
};

/// A parameter of a fault or an assertion kind, for checking and for the schema.
struct ParamKind {
  std::string_view name;
  enum class Type {
    duration,
    ratio,
    integer,
    word,
    text,
    distribution,
    action,      ///< The name of an action of the plan.
    field,       ///< The name of a field of the plan.
    other_name,  ///< What the fault calls its action ("of") or, without one, its "field".
    cut,         ///< The length in bytes to which the fault cuts its "field", 1 .. 65535.
  } type;
  std::string_view about;               ///< One sentence with unit, range and default.
  std::vector<std::string_view> words;  ///< For Type::word.
};

/// What the loader must know about the fault catalogue without including it.
struct FaultKind {
  std::string_view name;
  std::string_view about;                                     ///< One sentence.
  SelectorPlan::Scope scope = SelectorPlan::Scope::emission;  ///< Default of "per".
  std::optional<Source> side;                                 ///< Default of "side".
  /// Where it can strike, in the order of an event's life but for the first, the default. A fault
  /// of the app's code is in the event from its capture on.
  std::vector<StrikePlace> places{StrikePlace{}};
  /// It strikes at all of them, each at its time: there is none to pick.
  bool everywhere = false;
  std::vector<ParamKind> params;
};
/// The key "at", with which a scenario picks one of the kind's places; nothing for those that
/// strike everywhere, and for those of whom "at" says when: these have one place.
std::optional<ParamKind> point_param(const FaultKind& kind);
/// Those at which the fault of a scenario strikes: one, or all of a kind that strikes everywhere.
/// `plan` is of this kind, with an "at" that it knows.
std::span<const StrikePlace> places_of(const FaultKind& kind, const FaultPlan& plan);

struct Loaded {
  Scenario scenario;              ///< Usable only when no problem is an error.
  std::vector<Problem> problems;  ///< All of them, in the order of the file; warnings too.
  bool ok() const;
};

struct LoadOptions {
  /// "--set /population/users=100": RFC 6901 pointer, value as JSON, or as a text where it is none.
  std::vector<std::pair<std::string, std::string>> set;
  SimTime now;  ///< For "now-7d"; the caller reads the wall clock.
  std::span<const FaultKind> faults;
};

/// Reads, merges "extends" (RFC 7386 merge patch, relative to the file, at most 8 deep), applies
/// `set`, validates, compiles. JSON may have // and /* */ comments. Never throws.
Loaded load_scenario(const std::filesystem::path& file, const LoadOptions& options);
/// The same from memory; `name` stands for the file in problems and for relative "extends".
Loaded load_scenario_text(std::string_view json, const std::string& name,
                          const LoadOptions& options);

/// The name in `known` with the smallest edit distance to `word`, if that is close enough to help.
std::string nearest_name(std::string_view word, std::span<const std::string_view> known);

/// The scenario's JSON Schema (draft 2020-12) as text; scenarios/schema.json holds the same.
std::string scenario_schema(std::span<const FaultKind> faults);

}  // namespace parallax
