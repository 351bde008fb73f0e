// SPDX-License-Identifier: Apache-2.0
// cors -- The collector's answer does not allow the page's origin. Where the browser asks first, no
// event ever leaves it; a request that needs no asking arrives, and only its answer is kept from
// the SDK, which sends it again.
#include <array>

#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

constexpr std::array<std::string_view, 2> request_words{"preflighted", "simple"};

class Cors final : public WireEffect {
 public:
  explicit Cors(Strike strike) : strike_(strike) {}
  void apply(const Attempt&, Prng, WireFate& fate) const override { fate.strike = strike_; }

 private:
  Strike strike_;
};

}  // namespace

FaultKind cors_kind() {
  return {.name = "cors",
          .about = "Refuses a browser's requests for their origin.",
          .wire = true,
          .scope = SelectorPlan::Scope::device,
          .side = Source::client,
          .params = {{.name = "request",
                      .type = ParamKind::Type::word,
                      .about = "preflighted (never leaves) or simple (arrives, the answer cannot "
                               "be read); default preflighted.",
                      .words = {request_words.begin(), request_words.end()}}}};
}

Result<MadeFault> make_cors(const FaultPlan& plan, const FaultContext&) {
  if (plan.selector.side == Source::server)
    return unusable("side", "client: only browsers ask for an origin");
  const auto request = word_param(plan, "request", request_words);
  if (!request) return request.error();
  return made(std::make_unique<Cors>(*request == 0 ? Strike::before_send : Strike::after_commit));
}

}  // namespace parallax::faults
