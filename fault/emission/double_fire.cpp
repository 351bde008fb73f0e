// SPDX-License-Identifier: Apache-2.0
// double_fire -- Captures one action several times: a handler bound twice, a double click, a page
// that fires again on reload. With the same id a dedupe can mend it; with a new id only the
// content can.
#include <array>

#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

constexpr std::array<std::string_view, 2> id_words{"same", "new"};

struct DoubleFirePlan {
  bool new_id = false;
  std::size_t times = 1;
  ParamValue after;
};

class DoubleFire final : public EmissionEffect {
 public:
  explicit DoubleFire(DoubleFirePlan plan) : plan_(std::move(plan)) {}

  void apply(const Emission& in, Prng draw, Captures& out) const override {
    out.items.push_back({in, 0});
    Micros later = 0;
    for (std::size_t i = 1; i <= plan_.times; ++i) {
      later += std::max<Micros>(0, draw_param(plan_.after, draw));
      out.items.push_back({repeat(in, later, draw, i), later});
    }
  }
  std::size_t most() const override { return 1 + plan_.times; }

 private:
  Emission repeat(const Emission& in, Micros later, Prng draw, std::size_t i) const {
    Emission copy = in;
    copy.captured = in.captured + later;
    for (SimTime* stamp : {&copy.client_ts, &copy.server_ts})
      if (*stamp != no_time) *stamp = (*stamp + later).to_millisecond();
    if (plan_.new_id) copy.event_id = mint_id(in, draw.keyed(i));
    return copy;
  }

  DoubleFirePlan plan_;
};

}  // namespace

FaultKind double_fire_kind() {
  return {.name = "double_fire",
          .about = "Captures an emission several times, with the same or with new event ids.",
          .scope = SelectorPlan::Scope::emission,
          .side = Source::client,
          .params = {{.name = "id",
                      .type = ParamKind::Type::word,
                      .about = "Event id of the copies: same or new; default same.",
                      .words = {id_words.begin(), id_words.end()}},
                     {.name = "times",
                      .type = ParamKind::Type::integer,
                      .about = "Copies besides the emission itself, 1 .. 20; default 1.",
                      .words = {}},
                     {.name = "after",
                      .type = ParamKind::Type::distribution,
                      .about = "Time from one copy to the next, at least 0s; default 300ms.",
                      .words = {}}}};
}

Result<MadeFault> make_double_fire(const FaultPlan& plan, const FaultContext&) {
  const auto id = word_param(plan, "id", id_words);
  if (!id) return id.error();
  const auto times = integer_param(plan, "times", {1, 20}, 1);
  if (!times) return times.error();
  auto after = span_param(plan, "after", {0, span_max}, fixed_span(300 * millisecond));
  if (!after) return after.error();
  return made(std::make_unique<DoubleFire>(
      DoubleFirePlan{*id == 1, static_cast<std::size_t>(*times), std::move(*after)}));
}

}  // namespace parallax::faults
