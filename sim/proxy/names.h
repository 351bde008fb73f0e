// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sim/core/event.h"
#include "sim/core/result.h"
#include "sim/scenario/scenario.h"

namespace parallax::proxy {

/// The ledger holds numbers where events hold texts: users, and texts of fields. What a scenario's
/// plan can say is numbered there; real traffic says anything else, and that is numbered here, in
/// the order in which it is met, and kept in a file of the run folder, so that the ledger can be
/// read again: one line a text, "user", "run" or "field TYPE INDEX" before it, the text as
/// JSON.
///
/// Numbers of users from the outside begin here; "u-17" stays 17.
constexpr std::uint32_t first_foreign_user = 0x8000'0000;
/// All texts together, in bytes; beyond it the proxy takes no more events.
constexpr std::size_t names_bytes_max = std::size_t{256} << 20U;

/// Makes room in a scenario for what real traffic says: the texts of each text field become a list
/// (those that the plan names keep their numbers), traits and pages get a value for all others, the
/// last one. Conditions of the scenario mean the same afterwards.
void open_plan(Scenario& scenario);
/// Name of the value that stands for all others.
constexpr std::string_view other_value = "(other)";

class Names {
 public:
  /// An empty file. `plan` is opened.
  static Result<Names> create(const std::filesystem::path& file, const TrackingPlan& plan);
  Names(Names&& other) noexcept;
  Names& operator=(Names&& other) noexcept;
  ~Names();

  std::uint32_t user(std::string_view text);
  std::int64_t field_text(std::size_t type, std::size_t field, std::string_view text);
  /// The run that the events say they are of; the first one that does is kept.
  void note_run(std::string_view run_id);
  bool full() const { return bytes_ > names_bytes_max; }
  /// Hands new texts to the operating system. Errors (a full disk) are sticky.
  Result<void> flush();

 private:
  using Numbers = std::unordered_map<std::string, std::int64_t>;
  Names(int file, const TrackingPlan& plan);
  void note(std::string_view place, std::string_view text);

  int file_ = -1;
  std::string pending_;
  std::size_t bytes_ = 0;
  Numbers users_;
  std::vector<std::vector<Numbers>> fields_;  ///< By action type and field.
  bool has_run_ = false;
  bool failed_ = false;
};

/// What a folder's file of names says, put into an opened scenario; and which row's user is whom.
struct KnownNames {
  /// hash_text of a foreign user -> the number that the ledger has for it.
  std::unordered_map<std::uint64_t, std::uint32_t> users;
  std::string run_id;  ///< Empty where no event stated one.
};
/// Errors: the file cannot be read, or is of another scenario.
Result<KnownNames> load_names(const std::filesystem::path& file, Scenario& scenario);

/// The numbers under which the ledger holds a device or a session: of our spelling its own, of any
/// other text, or of none, the one whose key (canonical_row.h) is that of a row with the same text.
std::uint64_t device_number(std::string_view text);
std::uint64_t session_number(std::string_view text);

}  // namespace parallax::proxy
