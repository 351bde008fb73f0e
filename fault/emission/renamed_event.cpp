// SPDX-License-Identifier: Apache-2.0
// renamed_event -- The code calls an event by another name than the tracking plan: a release that
// renamed it, or a server that says order_completed where the client says purchase.
#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

class RenamedEvent final : public EmissionEffect {
 public:
  explicit RenamedEvent(std::uint16_t action) : action_(action) {}
  void apply(const Emission& in, Prng, Captures& out) const override {
    out.items.push_back({in, 0});
    out.items.back().emission.other_name = true;
  }
  Reach reach() const override { return {.looks_closer = true}; }
  bool reaches(const Emission& in, Prng) const override {
    return in.seen.type == action_ && !in.other_name;
  }

 private:
  std::uint16_t action_;
};

}  // namespace

FaultKind renamed_event_kind() {
  return {.name = "renamed_event",
          .about = "Sends an event under another name than the plan has.",
          .scope = SelectorPlan::Scope::emission,
          .side = std::nullopt,
          .params = {{.name = "of",
                      .type = ParamKind::Type::action,
                      .about = "The action whose event is renamed; required.",
                      .words = {}},
                     {.name = "to",
                      .type = ParamKind::Type::other_name,
                      .about = "The other name; required.",
                      .words = {}}}};
}

Result<MadeFault> make_renamed_event(const FaultPlan& plan, const FaultContext& context) {
  const ParamValue* of = plan.param("of");
  if (of == nullptr) return unusable("of", "the action whose event is renamed");
  const auto action = context.scenario.plan.action_index(of->text);
  if (!action) return unusable("of", "an action of the tracking plan");
  if (plan.param("to") == nullptr) return unusable("to", "the name that the event is sent under");
  return made(std::make_unique<RenamedEvent>(*action));
}

}  // namespace parallax::faults
