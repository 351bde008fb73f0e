// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/scenario/load.h"
#include "tests/support/catch.h"

namespace parallax::test {

/// Kinds with every type of parameter, standing in for the fault folder's catalogue.
const std::vector<FaultKind>& fault_table();

/// Loads a text with the table above; now = 2026-03-10T12:34:56Z.
Loaded load_text(std::string_view json,
                 const std::vector<std::pair<std::string, std::string>>& set = {});

/// The shop of DESIGN section 5, as written there.
std::string_view shop_json();
/// A minimal scenario, to be patched.
std::string_view small_json();

/// `small_json` with an RFC 7386 patch on top.
Loaded load_patched(std::string_view patch);

/// All problems as their texts, one a line; "" when there is none.
std::string texts_of(const std::vector<Problem>& problems);

/// A patch of the small scenario and the whole text of the one problem that it makes.
struct ProblemCase {
  std::string_view patch;
  std::string_view problem;
};
/// Checks each; a warning leaves the scenario fit to run.
void check_problems(std::initializer_list<ProblemCase> cases, bool warning);

/// A folder of its own below the system's temporary one; removed with its content.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  /// Writes a file and returns its path.
  std::filesystem::path write(const std::string& name, std::string_view text) const;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace parallax::test
