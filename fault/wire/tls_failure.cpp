// SPDX-License-Identifier: Apache-2.0
// tls_failure -- The handshake fails, on a device for good: a clock so wrong that the certificate
// is not valid yet, a root that an old phone does not know, a proxy that breaks TLS open.
#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

class TlsFailure final : public WireEffect {
 public:
  void apply(const Attempt&, Prng, WireFate& fate) const override {
    fate.strike = Strike::before_send;
  }
};

}  // namespace

FaultKind tls_failure_kind() {
  return {.name = "tls_failure",
          .about = "Lets no TLS connection of a device come about.",
          .scope = SelectorPlan::Scope::device,
          .side = Source::client,
          .places = {attempt_at(StrikePoint::before_send)},
          .params = {}};
}

Result<MadeFault> make_tls_failure(const FaultPlan&, const FaultContext&) {
  return made(std::make_unique<TlsFailure>());
}

}  // namespace parallax::faults
