// SPDX-License-Identifier: Apache-2.0
// previous_user -- Nobody reset the SDK at the last logout, so a session counts for whoever used
// the device before: a family tablet, a till.
#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

class PreviousUser final : public EmissionEffect {
 public:
  explicit PreviousUser(std::uint32_t users) : users_(users) {}
  void apply(const Emission& in, Prng draw, Captures& out) const override {
    out.items.push_back({in, 0});
    // Anybody but the user: the draw is the session's, and so is the one before.
    const std::uint64_t ahead = 1 + draw.below(users_ - 1);
    std::uint32_t& user = out.items.back().emission.seen.user;
    user = static_cast<std::uint32_t>((in.seen.user + ahead) % users_);
  }

 private:
  std::uint32_t users_;
};

}  // namespace

FaultKind previous_user_kind() {
  return {.name = "previous_user",
          .about = "Names the user who was logged in on the device before.",
          .scope = SelectorPlan::Scope::session,
          .side = Source::client,
          .params = {}};
}

Result<MadeFault> make_previous_user(const FaultPlan& plan, const FaultContext& context) {
  if (plan.selector.scope == SelectorPlan::Scope::emission)
    return unusable("per", "session, device or user: a login lasts longer than an event");
  if (context.scenario.population.users < 2)
    return unusable("fault", "a population of two users or more");
  return made(std::make_unique<PreviousUser>(context.scenario.population.users));
}

}  // namespace parallax::faults
