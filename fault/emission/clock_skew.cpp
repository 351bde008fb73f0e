// SPDX-License-Identifier: Apache-2.0
// clock_skew -- Sets the clock of some devices wrong: by a constant (whole hours where it is the
// time zone), by a growing error, by a jump. Only what the side writes down changes; the true
// instant of the action stays.
#include <array>

#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

constexpr std::array<std::string_view, 2> whole_words{"microseconds", "hours"};
constexpr std::int64_t drift_max_ppm = 100'000;

struct ClockSkewPlan {
  ParamValue offset;
  bool whole_hours = false;
  std::int64_t drift_ppm = 0;
  ParamValue step;
  std::optional<Micros> at;  ///< From the start of the run; none = drawn.
  SimTime start;
  Micros length = 0;
};

/// The nearest whole hours but none.
Micros to_hours(Micros error) {
  const Micros half = error < 0 ? -hour / 2 : hour / 2;
  const Micros hours = (error + half) / hour;
  return hours != 0 ? hours * hour : 2 * half;
}

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
    if (plan_.whole_hours) error = to_hours(error);
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
      .scope = SelectorPlan::Scope::device,
      .side = Source::client,
      .params = {span_kind("offset", "Constant error of the clock; default 0s."),
                 {.name = "whole",
                  .type = ParamKind::Type::word,
                  .about = "Unit of the offset: microseconds, or hours (another time zone: the "
                           "nearest, but not 0h); default microseconds.",
                  .words = {whole_words.begin(), whole_words.end()}},
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
  if (plan.param("whole") != nullptr && plan.param("offset") == nullptr)
    return unusable("whole", "an offset beside it");
  if (at != nullptr && !steps) return unusable("at", "a step beside it");
  if (at != nullptr && (!at->distribution.empty() || at->number < 0 || at->number > span_max))
    return unusable("at", "a duration from time.start on, without a distribution");
  auto offset = span_param(plan, "offset", either_way, fixed_span(0));
  if (!offset) return offset.error();
  const auto whole = word_param(plan, "whole", whole_words);
  if (!whole) return whole.error();
  const auto drift = integer_param(plan, "drift_ppm", {-drift_max_ppm, drift_max_ppm}, 0);
  if (!drift) return drift.error();
  auto step = span_param(plan, "step", either_way, fixed_span(0));
  if (!step) return step.error();
  ClockSkewPlan skew{std::move(*offset),
                     *whole == 1,
                     *drift,
                     std::move(*step),
                     std::nullopt,
                     context.start,
                     context.scenario.time.length};
  if (at != nullptr) skew.at = at->number;
  return made(std::make_unique<ClockSkew>(std::move(skew)));
}

}  // namespace parallax::faults
