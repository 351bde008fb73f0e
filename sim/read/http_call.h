// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/core/result.h"
#include "sim/core/time.h"
#include "sim/read/run_url.h"

/// One bounded HTTP request whose answer is read as a stream. Private to sim/read.
namespace parallax {

struct HttpCall {
  std::string method = "GET";
  HttpAddress address;
  std::string name;  ///< For Error::where.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  Micros timeout = 60 * second;  ///< For the whole answer, and for the connection to be made.
};

/// Hands the bytes of an answer 200 to `take`, which says false to stop. True when the answer
/// ended, false when it broke in the middle, was late or was stopped. Errors: no answer; another
/// status (protocol, with the first bytes of its body).
Result<bool> call_http(const HttpCall& call, const std::function<bool(std::string_view)>& take);

}  // namespace parallax
