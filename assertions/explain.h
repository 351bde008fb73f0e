// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/core/time.h"

/// Why did client rows per server row move? Works on counted facts alone, wherever they come from:
/// the ledger and the rows of a run, or somebody's tables. The order of questions: which side
/// moved, which multiplicities (client rows, server rows of one action), when and beside which
/// deploy, is it the mix or a rate, which rows (the predicates that select them), what is left.
/// Pure.
namespace parallax::explain {

/// Actions of one event, counted: those of one bucket of time that are alike in everything that an
/// explanation can tell apart.
struct Cell {
  std::int32_t bucket = 0;    ///< Of Facts::bucket.
  std::uint8_t expected = 1;  ///< Rows that each side should have: 1, or 0 (refused).
  std::uint16_t client = 0;   ///< Rows that each of these actions has.
  std::uint16_t server = 0;
  std::uint16_t why_client = 0;  ///< Why not `expected`, an index into Facts::whys; 0: as expected.
  std::uint16_t why_server = 0;
  std::uint32_t actions = 1;
};

/// What can be said of an action, as a partition: each action has exactly one of the predicates.
struct Attribute {
  std::string name;                     ///< "platform".
  std::vector<std::string> predicates;  ///< "platform = web"; at most attribute_values_max.
};
constexpr std::size_t attribute_values_max = 64;

struct Deploy {
  Micros at = 0;  ///< From Facts::start.
  std::string label;
};

/// What an explanation looks at.
struct Facts {
  std::string event;
  SimTime start;
  Micros bucket = hour;
  std::int32_t buckets = 0;
  std::vector<Deploy> deploys;
  /// Ways in which a side's rows differ from what is expected; [0] is none. Texts that end a
  /// sentence "the server's row is missing: it was never recorded".
  std::vector<std::string> whys{""};
  std::vector<Attribute> attributes;
  std::vector<Cell> cells;
  /// Cell-major: the predicate of each attribute that holds for the cell's actions.
  std::vector<std::uint8_t> codes;
  /// Whether the facts hold actions that nobody has a row of (a ledger knows them, tables do not).
  bool knows_unseen = false;

  std::uint8_t code(std::size_t cell, std::size_t attribute) const {
    return codes[cell * attributes.size() + attribute];
  }
};

/// Buckets [from, until).
struct Window {
  std::int32_t from = 0, until = 0;
  bool holds(std::int32_t bucket) const { return bucket >= from && bucket < until; }
  friend bool operator==(const Window&, const Window&) = default;
};

/// Rows in a window.
struct Sums {
  double actions = 0;  ///< That each side should have.
  double client = 0, server = 0;
  double spread = 0;  ///< Sum over actions of (client - ratio * server)^2, for the ratio's error.
  double ratio() const { return server > 0 ? client / server : 0; }
  /// Standard error of the ratio (linearised; an action is the unit, not a row).
  double error() const;
};

enum class Finding : std::uint8_t {
  too_few,  ///< Not enough rows to say anything.
  quiet,    ///< Nothing moved beyond chance.
  mix,      ///< The ratio moved because other kinds of actions became frequent; no kind changed.
  cause,    ///< Some actions changed; `Explanation::best` says which.
};

/// Rows selected by zero, one or two predicates, and how much they moved.
struct Suspect {
  std::vector<std::pair<std::size_t, std::uint8_t>> predicates;  ///< Attribute, code.
  /// Other predicates, or pairs, that select the same rows (Jaccard > 0.98), as text.
  std::vector<std::string> same_rows;
  std::string text;  ///< "discount > 0 and platform = web"; "all of them".
  double score = 0;  ///< Twice the log-likelihood gain over the dispersion, less the penalty.
  double share = 0;  ///< Of the later window's actions.
  double before = 0, after = 0;  ///< Ratio among them.
  double excess = 0;             ///< Part of the move that they make up; the rest makes the rest.
};

/// A bar of the waterfall from the ratio before to the ratio after, in ten-thousandths.
struct Step {
  std::string text;
  std::int64_t by = 0;
  double before = 0, after = 0;  ///< Share of actions of which it is true, in each window.
  std::uint16_t why = 0;         ///< The mechanism, or 0.
  bool client = false;           ///< Whose rows.
};

/// Kitagawa's decomposition by one attribute: part of the move from within the segments, and from
/// their shares.
struct Parts {
  std::string attribute;
  double rate = 0, rate_error = 0, mix = 0;
};

struct Multiplicity {
  std::uint16_t client = 0, server = 0;  ///< Rows of an action.
  double before = 0, after = 0;          ///< Share of actions.
};

/// A count that can be reported while the ratio cannot be trusted.
struct SafeMetric {
  std::string name;              ///< "distinct purchases seen by either side".
  double before = 0, after = 0;  ///< Rows an action, or a bucket where unseen actions are unknown.
  bool stands_still = false;
};

struct Explanation {
  Finding finding = Finding::too_few;
  std::string event;
  SimTime start;
  Micros bucket = hour;
  Window before_window, after_window;
  Sums before, after;
  double dispersion = 1;  ///< Variance of the rows over that of independent ones.
  double needed = 0;      ///< too_few: actions a window.
  /// Where the ratio changes, and between which buckets (95 %); nothing where windows were given.
  std::optional<std::int32_t> change;
  Window change_between;
  double change_score = 0;                   ///< Likelihood ratio statistic of the change.
  std::optional<Deploy> deploy;              ///< The one that fits the change.
  std::vector<Multiplicity> multiplicities;  ///< Most moved first.
  std::vector<Step> steps;                   ///< Sum to after - before, exactly.
  std::vector<Parts> parts;                  ///< By attribute.
  std::string mix_attribute;                 ///< Finding::mix.
  Suspect best;
  std::vector<Suspect> runners_up;  ///< At most 5, by score, other rows than the best's.
  double remainder = 0;             ///< Of the move, what the best does not explain.
  std::vector<SafeMetric> safe;     ///< Best first.
  std::vector<std::string> notes;   ///< Further sentences of whoever made the facts.

  double move() const { return after.ratio() - before.ratio(); }
  /// The largest mechanism, or null.
  const Step* mechanism() const;
};

struct Windows {
  Window before, after;
};

/// Explains the move from one window to the other; without windows, the one at the strongest change
/// point of the whole. Sources: mix and rate by Kitagawa (JASA 1955); the predicate scan is a scan
/// statistic for binomial counts (Kulldorff 1997) over predicates instead of places, the penalty
/// that of the Bayesian information criterion; the change point a likelihood-ratio maximum, held
/// against a threshold that chance passes once in some ten thousand quiet weeks (Andrews 1993).
Explanation explain(const Facts& facts, const std::optional<Windows>& windows = std::nullopt);

/// The answer in sentences, most important first.
std::vector<std::string> sentences(const Explanation& explanation);
/// "2026-03-05 14:00".
std::string bucket_text(const Explanation& explanation, std::int32_t bucket);
/// Four decimals, with a sign where it is a difference.
std::string ratio_text(double ratio);
std::string step_text(std::int64_t ten_thousandths);
std::string share_text(double share);

}  // namespace parallax::explain
