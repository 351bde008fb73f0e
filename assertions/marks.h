// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "assertions/assertion.h"

namespace parallax {

/// What the actions of each cause have in common that others have not, and what they are worth:
/// "lost" becomes "lost where country = JP". Looks at what the ledger knows of an action (its type,
/// traits, fields of few values, amounts by zero or not, hour and day, which sides arrived, how
/// often and how late), never at faults.
///
/// Of all single conditions, and those within one action type, the one is named whose binomial
/// likelihood gain is largest, less ln(actions) for each part of it, if it holds for nine of ten of
/// the cause's actions and strikes half as often again as elsewhere. Conditions for the same
/// actions are told together.
class Marks {
 public:
  /// For the first causes of the list only. All must outlive this.
  Marks(const Scenario& scenario, const std::vector<CauseCount>& causes);

  /// A part of the run with its final verdicts; each once, in any order.
  void add(const Ledger& ledger, const LedgerView& view, const Judgement& judgement);

  /// Fills in `mark` and `revenue`. `causes`: those that were given at first.
  void tell(std::vector<CauseCount>& causes) const;

  static constexpr std::size_t causes_max = 8;

 private:
  /// What actions can be told apart by.
  struct Trait {
    enum class Kind : std::uint8_t {
      trait,
      currency,
      clock_hour,
      date,
      sides,
      times,
      delay,
      field
    };
    Kind kind = Kind::trait;
    std::size_t index = 0;  ///< Of the trait or field.
  };
  struct Cell {
    std::uint64_t due = 0;        ///< Actions that stand or had to.
    std::uint64_t forbidden = 0;  ///< Actions that must not.
    std::array<std::uint64_t, causes_max> hit{};
    void add(const Cell& other);
  };
  struct Worth {
    std::int64_t amount = 0;  ///< Minor units.
    std::uint64_t actions = 0;
  };
  using Column = std::map<std::int64_t, Cell>;  ///< By value.
  struct Found;

  std::int64_t value_of(const Trait& trait, const Action& action, const Ledger& ledger,
                        const LedgerView& view, std::uint32_t index) const;
  std::string text_of(const Trait& trait, std::uint16_t type, std::int64_t value) const;
  std::size_t cause_of(const JudgedAction& judged) const;
  void worth(const Action& action, std::size_t cause);
  void rank(std::vector<CauseCount>& causes) const;
  Mark best_of(std::size_t cause) const;
  void look(std::size_t cause, const Cell& cell, double parts, const std::string& where,
            Found& found) const;

  const Scenario& scenario_;
  std::vector<std::pair<ActionVerdict, Cause>> causes_;
  std::vector<std::vector<Trait>> traits_;    ///< By action type; those of all types first.
  std::size_t common_ = 0;                    ///< How many are of all types.
  std::vector<std::vector<Column>> columns_;  ///< Parallel to `traits_`.
  std::vector<Cell> types_;                   ///< By action type.
  std::array<std::map<std::uint8_t, Worth>, causes_max> revenue_;  ///< By cause, then currency.
};

}  // namespace parallax
