// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "sim/core/result.h"

namespace parallax {

/// `url` with "{run_id}" replaced by the run id, percent-encoded.
std::string with_run_id(std::string url, std::string_view run_id);

/// A URL in the two parts that an HTTP client wants.
struct HttpAddress {
  std::string server;  ///< "https://host:port"
  std::string path;    ///< With the query; begins with '/'.
};
/// Errors (invalid_input): neither http nor https.
Result<HttpAddress> split_url(const std::string& url);

}  // namespace parallax
