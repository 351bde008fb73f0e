// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "sim/read/reader.h"
#include "sim/run/serve/declared_stage.h"

namespace parallax::serve {

/// Reads a target's rows as rows of a declared run. Each row is tied to one action at most:
/// 1. by the declared event_id;
/// 2. by name and key, inside the window;
/// 3. by name and user, inside the window, to an action that has neither of those: to the one with
///    fewest rows, then to the nearest;
/// 4. by the user alone, from a denied action on until the user's next granted one: a leak.
/// What is tied is given the action's place in the ledger, and what the action did not say (fields,
/// sides) is taken off it, as is what lies within the tolerances: all else is the judge's business.
/// Of the others those that the run owns come through without a user, so that nobody claims them;
/// the rest are foreign, and do not come through.
///
/// Not thread-safe. All that it is given must outlive it.
class DeclaredRows final : public RowReader {
 public:
  DeclaredRows(RowReader& target, const Declared& declared, const Stage& stage);

  Result<bool> scan(std::string_view run_id, const TakeRows& take) override;
  Result<std::vector<std::string>> texts(std::string_view run_id,
                                         const std::vector<std::uint64_t>& numbers) override;

  // Of the last scan:
  std::uint64_t foreign() const { return foreign_; }
  /// Rows tied to nobody that share a name, user or key with some action, as they were read; the
  /// first `strangers_max` of them.
  const std::vector<CanonicalRow>& strangers() const { return strangers_; }
  static constexpr std::size_t strangers_max = 10'000;

 private:
  /// Of one action, while rows come.
  struct Seen {
    std::uint32_t rows = 0;
    Uuid first_id;
  };
  static constexpr std::size_t nobody = static_cast<std::size_t>(-1);

  std::size_t find(const CanonicalRow& row) const;
  std::size_t find_by_key(const CanonicalRow& row) const;
  std::size_t find_by_user(const CanonicalRow& row, std::uint32_t user) const;
  std::size_t find_denied(const CanonicalRow& row, std::uint32_t user) const;
  std::uint32_t user_of(const CanonicalRow& row) const;
  bool in_window(const CanonicalRow& row, std::size_t action) const;
  bool owns(const CanonicalRow& row) const;
  void tie(std::size_t action, CanonicalRow& row);
  void tie_id(std::size_t action, CanonicalRow& row);
  void allow(std::size_t action, CanonicalRow& row) const;
  bool translate(CanonicalRow& row);
  void remember(const CanonicalRow& row);

  RowReader& target_;
  const Declared& declared_;
  const Stage& stage_;
  std::uint64_t run_;          ///< hash_text of the judged run.
  std::uint64_t product_run_;  ///< The same of the request's run_id.
  std::vector<std::uint64_t> owned_names_;
  std::map<Uuid, std::size_t> by_id_;
  std::map<std::tuple<std::uint16_t, std::size_t, std::int64_t>, std::size_t> by_key_;
  std::map<std::pair<std::uint16_t, std::uint32_t>, std::vector<std::size_t>> by_user_;
  std::map<std::uint32_t, std::vector<std::size_t>> of_user_;  ///< All of a user's, by time.
  std::vector<Seen> seen_;
  std::uint64_t foreign_ = 0;
  std::vector<CanonicalRow> strangers_;
  std::vector<CanonicalRow> batch_;
};

}  // namespace parallax::serve
