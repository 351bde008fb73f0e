// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "sim/wire/dialects.h"

namespace parallax {

/// Whose format a request is in, and how it is read.
struct SdkFormat {
  std::string_view name;  ///< "posthog".
  DecodeSdk decode = nullptr;
};

/// Whose request this is: by its path, and where vendors share one, by its body. A path may begin
/// with the vendor's name, "/posthog/batch/": a test gives an SDK such a host to be sure.
/// A slash at the end is as good as none. Null where no SDK sends.
const SdkFormat* find_sdk_format(std::string_view path, std::string_view body);
/// To an SDK "/batch/" and "/batch" are one path.
std::string_view without_slash(std::string_view path);
/// Whether some body could make it one: for who has not read the body yet.
bool is_sdk_path(std::string_view path);

}  // namespace parallax
