// SPDX-License-Identifier: Apache-2.0
// storage_wiped -- A browser clears what a site stored on the device, after a week without a visit
// or by a cleaner: the device comes back under a new id, and what waited there to be sent is gone.
#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

/// When a device's storage is wiped: every period, at an instant of its own.
class Wipes {
 public:
  Wipes(SimTime start, Micros every) : start_(start), every_(every) {}
  /// How often it has been, up to `at`.
  std::int64_t count(SimTime at, Prng draw) const {
    return (at - start_ + draw.between(0, every_ - 1)) / every_;
  }
  /// When the last of `count` was. Precondition: count > 0.
  SimTime last(std::int64_t count, Prng draw) const {
    return start_ + count * every_ - draw.between(0, every_ - 1);
  }

 private:
  SimTime start_;
  Micros every_;
};

class NewDevice final : public EmissionEffect {
 public:
  explicit NewDevice(Wipes wipes) : wipes_(wipes) {}
  void apply(const Emission& in, Prng draw, Captures& out) const override {
    out.items.push_back({in, 0});
    const auto count = static_cast<std::uint64_t>(wipes_.count(in.seen.at, draw));
    out.items.back().emission.seen.device = draw.keyed(count).next();
  }
  Reach reach() const override { return {.looks_closer = true}; }
  bool reaches(const Emission& in, Prng draw) const override {
    return wipes_.count(in.seen.at, draw) > 0;
  }

 private:
  Wipes wipes_;
};

class LosesKept final : public HostEffect {
 public:
  explicit LosesKept(Wipes wipes) : wipes_(wipes) {}
  HostPoint point() const override { return HostPoint::storage; }
  void apply(SimTime at, Prng draw, HostFate& fate) const override {
    const std::int64_t count = wipes_.count(at, draw);
    if (count > 0) fate.wiped = std::max(fate.wiped, wipes_.last(count, draw));
  }

 private:
  Wipes wipes_;
};

}  // namespace

FaultKind storage_wiped_kind() {
  return {
      .name = "storage_wiped",
      .about = "Wipes a device's storage now and then: a new device id, and what it kept is lost.",
      .scope = SelectorPlan::Scope::device,
      .side = Source::client,
      .places = {event_at(StrikePoint::capture, "events of the new device id."),
                 host_at(StrikePoint::queue, "what the device kept is lost.")},
      .everywhere = true,
      .params = {{.name = "every",
                  .type = ParamKind::Type::duration,
                  .about = "From one wipe to the next, 1m .. 366d; default 7d.",
                  .words = {}}}};
}

Result<MadeFault> make_storage_wiped(const FaultPlan& plan, const FaultContext& context) {
  const SelectorPlan& selector = plan.selector;
  if (selector.scope != SelectorPlan::Scope::device)
    return unusable("per", "device: it is a device whose storage is wiped");
  if (selector.side == Source::server)
    return unusable("side", "client: a server has no such storage");
  using Choice = SelectorPlan::Choice;
  if (selector.choice == Choice::burst || selector.choice == Choice::nth)
    return unusable(selector.choice == Choice::nth ? "nth" : "burst", "rate or ids");
  const auto every = duration_param(plan, "every", {minute, 366 * day}, 7 * day);
  if (!every) return every.error();
  const Wipes wipes(context.start, *every);
  MadeFault fault = made(std::make_unique<LosesKept>(wipes));
  fault.emission = std::make_unique<NewDevice>(wipes);
  return fault;
}

}  // namespace parallax::faults
