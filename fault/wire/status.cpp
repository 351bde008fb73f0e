// SPDX-License-Identifier: Apache-2.0
// status -- An error status is answered in the target's place: a gateway that is overloaded (503),
// a rate limit (429), a wrong deployment (400). The target never sees the attempt.
#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

class Status final : public WireEffect {
 public:
  explicit Status(std::uint16_t code) : code_(code) {}
  void apply(const Emission&, std::uint16_t, Prng, WireFate& fate) const override {
    fate.strike = Strike::answered;
    fate.answer = code_;
  }

 private:
  std::uint16_t code_;
};

}  // namespace

FaultKind status_kind() {
  return {.name = "status",
          .about = "Answers attempts with an error status in the target's place.",
          .wire = true,
          .scope = SelectorPlan::Scope::emission,
          .side = std::nullopt,
          .params = {{.name = "code",
                      .type = ParamKind::Type::integer,
                      .about = "The HTTP status, 400 .. 599; default 503.",
                      .words = {}}}};
}

Result<MadeFault> make_status(const FaultPlan& plan, const FaultContext&) {
  const auto code = integer_param(plan, "code", {400, 599}, 503);
  if (!code) return code.error();
  return made(std::make_unique<Status>(static_cast<std::uint16_t>(*code)));
}

}  // namespace parallax::faults
