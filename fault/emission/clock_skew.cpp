// SPDX-License-Identifier: Apache-2.0
// clock_skew -- Sets the clock of some devices wrong: by a constant, by a growing error, by a jump.
// Only what the side writes down changes; the true instant of the action stays.
#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

constexpr std::int64_t drift_max_ppm = 100'000;

struct ClockSkewPlan {
  ParamValue offset;
  std::int64_t drift_ppm = 0;
  ParamValue step;
  std::optional<Micros> at;  ///< From the start of the run; none = drawn.
  SimTime start;
  Micros length = 0;
};

class ClockSkew final : public EmissionEffect {
 public:
  explicit ClockSkew(ClockSkewPlan plan) : plan_(std::move(plan)) {}

  void apply(const Emission& in, Prng draw, Captures& out) const override {
    const Micros error = error_at(in.captured - plan_.start, draw);
    Captures::Item item{in, 0};
    Emission& skewed = item.emission;
    skewed.clock_error += error;
    for (SimTime* stamp : {&skewed.client_ts, &skewed.server_ts})
      if (*stamp != no_time) *stamp = (*stamp + error).to_millisecond();
    out.items.push_back(item);
  }

 private:
  /// The parts draw from streams of their own, so that giving one more moves none of the others.
  Micros error_at(Micros elapsed, Prng draw) const {
    Prng for_offset = draw.keyed(0);
    Prng for_step = draw.keyed(1);
    Prng for_instant = draw.keyed(2);
    Micros error = draw_param(plan_.offset, for_offset);
    error +=
        elapsed / 1'000'000 * plan_.drift_ppm + elapsed % 1'000'000 * plan_.drift_ppm / 1'000'000;
    const Micros at = plan_.at ? *plan_.at : for_instant.between(0, plan_.length - 1);
    if (elapsed >= at) error += draw_param(plan_.step, for_step);
    return error;
  }

  ClockSkewPlan plan_;
};

ParamKind span_kind(std::string_view name, std::string_view about) {
  return {.name = name, .type = ParamKind::Type::distribution, .about = about, .words = {}};
}

}  // namespace

FaultKind clock_skew_kind() {
  return {
      .name = "clock_skew",
      .about = "Shifts the timestamps of a side by a wrong clock; give offset, drift_ppm or step.",
      .wire = false,
      .scope = SelectorPlan::Scope::device,
      .side = Source::client,
      .params = {span_kind("offset", "Constant error of the clock; default 0s."),
                 {.name = "drift_ppm",
                  .type = ParamKind::Type::integer,
                  .about = "Error that grows from time.start, in microseconds a second, "
                           "-100000 .. 100000; default 0.",
                  .words = {}},
                 span_kind("step", "Jump of the clock at one instant of the run; default 0s."),
                 {.name = "at",
                  .type = ParamKind::Type::duration,
                  .about = "When the step happens, from time.start; default drawn uniformly.",
                  .words = {}}}};
}

Result<MadeFault> make_clock_skew(const FaultPlan& plan, const FaultContext& context) {
  const Range either_way{-span_max, span_max};
  const ParamValue* at = plan.param("at");
  const bool steps = plan.param("step") != nullptr;
  if (!steps && plan.param("offset") == nullptr && plan.param("drift_ppm") == nullptr)
    return unusable("offset", "offset, drift_ppm or step: without them the clock is right");
  if (at != nullptr && !steps) return unusable("at", "a step beside it");
  if (at != nullptr && (!at->distribution.empty() || at->number < 0 || at->number > span_max))
    return unusable("at", "a duration from time.start on, without a distribution");
  auto offset = span_param(plan, "offset", either_way, fixed_span(0));
  if (!offset) return offset.error();
  const auto drift = integer_param(plan, "drift_ppm", {-drift_max_ppm, drift_max_ppm}, 0);
  if (!drift) return drift.error();
  auto step = span_param(plan, "step", either_way, fixed_span(0));
  if (!step) return step.error();
  ClockSkewPlan skew{std::move(*offset), *drift,        std::move(*step),
                     std::nullopt,       context.start, context.scenario.time.length};
  if (at != nullptr) skew.at = at->number;
  return made(std::make_unique<ClockSkew>(std::move(skew)));
}

}  // namespace parallax::faults
