// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "sim/core/result.h"
#include "sim/drive/url.h"
#include "sim/proxy/proxy.h"

namespace parallax::proxy {

/// What became of the stored requests when they were sent again.
struct Resent {
  std::uint64_t requests = 0;
  std::map<int, std::uint64_t> statuses;  ///< 0: no answer.
  std::string problem;                    ///< The last one that was no status; empty: none.
};

/// Sends the stored requests of a run of real traffic to `upstream`, one after the other, in the
/// order in which they came, as fast as it answers; each once. A pipeline that cannot be reached
/// ends it. Errors: the store cannot be read.
Result<Resent> resend(const std::filesystem::path& requests, const Url& upstream, bool verify_tls,
                      const Limits& limits, const std::atomic<int>& interrupted);

}  // namespace parallax::proxy
