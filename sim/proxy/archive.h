// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

#include "sim/core/result.h"
#include "sim/core/time.h"

namespace parallax::proxy {

/// One request as its client sent it: head and body, chunk marks included.
struct StoredRequest {
  SimTime at;  ///< When it came, by the wall clock.
  std::string_view head, body;
};

/// The requests of a run of real traffic, in the order in which they came: stored before they are
/// forwarded, so that whatever the pipeline acknowledged can be sent again. Only its owner may read
/// the file: it holds keys; cookies are left out.
///
/// File: an 8-byte magic, then for each request {u32 length of what follows the checksum, u32
/// CRC-32C, i64 microseconds since 1970, u32 length of the head, head, body}, little-endian. A torn
/// end is ignored on reading: it was never forwarded.
class Archive {
 public:
  static Result<Archive> create(const std::filesystem::path& file, std::uint64_t bytes_max);
  Archive(Archive&& other) noexcept;
  Archive& operator=(Archive&& other) noexcept;
  ~Archive();

  /// The request fits: the file stays below its limit.
  bool has_room(std::size_t bytes) const { return bytes_ + bytes <= bytes_max_; }
  /// Hands it to the operating system. Errors (a full disk) are sticky.
  Result<void> store(const StoredRequest& request);

 private:
  Archive(int file, std::uint64_t bytes_max) : file_(file), bytes_max_(bytes_max) {}
  int file_ = -1;
  std::uint64_t bytes_ = 0, bytes_max_ = 0;
  bool failed_ = false;
};

/// Each stored request in turn, as views that hold during the call; false from `take` ends it.
/// Errors: the file cannot be read, is no archive, or is damaged elsewhere than at its end.
Result<void> scan_archive(const std::filesystem::path& file,
                          const std::function<bool(const StoredRequest&)>& take);

}  // namespace parallax::proxy
