// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>

#include "sim/drive/target.h"

namespace parallax::drive_tests {

/// Sends one body and waits for its outcome.
inline SendResult send(Target& target, std::string body, Strike strike = Strike::none,
                       std::uint16_t answer = 0) {
  SendRequest request;
  request.ticket = 7;
  request.strike = strike;
  request.answer = answer;
  request.body = std::move(body);
  target.start(std::move(request));
  return target.wait();
}

inline std::unique_ptr<Target> http_target(const std::string& url, Micros timeout = 10 * second) {
  HttpTargetOptions options;
  options.url = url;
  options.timeout = timeout;
  return make_http_target(options).value();
}

}  // namespace parallax::drive_tests
