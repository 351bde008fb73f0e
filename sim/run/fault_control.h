// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "sim/core/result.h"
#include "sim/proxy/proxy.h"
#include "sim/scenario/scenario.h"

namespace parallax {

/// Changes a proxy's faults over HTTP, on an address of this machine alone. A fault is written as
/// in a scenario, and what is wrong with it is said as of a scenario.
///
/// GET    /v1/faults        all of them, with how often each struck
/// GET    /v1/faults/NAME   one; 404 where there is none
/// POST   /v1/faults        another one: 201; 400 with its problems; 409 where the name is taken
/// DELETE /v1/faults/NAME   strikes no more: 204; its place in the ledger stays its own
/// DELETE /v1/faults        none strikes any more: 204
/// GET    /v1/counts        what went by
///
/// A fault that was deleted comes back by the POST that made it, its draws with it.
class FaultControl {
 public:
  /// `port` 0: any free one. `scenario`: as the proxy was started with, not opened; `folder`: of
  /// the run, whose scenario.json always names every fault that the ledger may. Errors: the port is
  /// taken.
  static Result<std::unique_ptr<FaultControl>> start(proxy::Proxy& proxy, const Scenario& scenario,
                                                     const std::filesystem::path& folder,
                                                     std::uint16_t port);
  ~FaultControl();
  std::string url() const;    ///< "http://127.0.0.1:8474/v1/faults"
  Scenario scenario() const;  ///< With the faults that there are by now.

 private:
  struct State;
  explicit FaultControl(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace parallax
