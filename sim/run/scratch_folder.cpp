// SPDX-License-Identifier: Apache-2.0
#include "sim/run/scratch_folder.h"

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace parallax {
namespace fs = std::filesystem;

Result<ScratchFolder> ScratchFolder::make() {
  std::string name = (fs::temp_directory_path() / "parallax-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    return Error{Error::Kind::io, std::generic_category().message(errno), name};
  return ScratchFolder(name);
}

ScratchFolder::ScratchFolder(ScratchFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

}  // namespace parallax
