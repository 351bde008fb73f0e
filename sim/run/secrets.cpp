// SPDX-License-Identifier: Apache-2.0
#include "sim/run/secrets.h"

namespace parallax {

std::string without_secrets(std::string text, const std::vector<std::string>& secrets) {
  constexpr std::size_t shortest = 4;
  for (const std::string& secret : secrets) {
    if (secret.size() < shortest) continue;
    for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 3))
      text.replace(at, secret.size(), "***");
  }
  return text;
}

Result<RunReport> without_secrets(Result<RunReport> result,
                                  const std::vector<std::string>& secrets) {
  const auto hide = [&](std::string& text) { text = without_secrets(std::move(text), secrets); };
  if (!result) {
    Error error = result.error();
    hide(error.what);
    hide(error.where);
    return error;
  }
  hide(result->target);
  hide(result->because);
  for (auto& [what, count] : result->delivery.errors) hide(what);
  return result;
}

}  // namespace parallax
