// SPDX-License-Identifier: Apache-2.0
// outage -- The whole pipeline is away for a while: nobody's attempts are taken, until it is back
// and everything that queued up comes at once. A load balancer before it may answer in its place.
#include <array>

#include "fault/catalogue.h"
#include "fault/pipeline/everybody.h"

namespace parallax::faults {
namespace {

constexpr std::array<std::string_view, 2> answer_words{"nothing", "503"};

class Outage final : public WireEffect {
 public:
  explicit Outage(bool is_answered) : is_answered_(is_answered) {}
  void apply(const Attempt&, Prng, WireFate& fate) const override {
    fate.strike = is_answered_ ? Strike::answered : Strike::before_send;
    if (is_answered_) fate.answer = 503;
  }

 private:
  bool is_answered_;
};

}  // namespace

FaultKind outage_kind() {
  return {.name = "outage",
          .about = "Keeps the pipeline from taking anything during a span (\"when\").",
          .scope = SelectorPlan::Scope::emission,
          .side = std::nullopt,
          .places = {attempt_at(StrikePoint::before_send)},
          .params = {{.name = "answers",
                      .type = ParamKind::Type::word,
                      .about = "What comes back: nothing (no connection) or 503 (from a load "
                               "balancer); default nothing.",
                      .words = {answer_words.begin(), answer_words.end()}}}};
}

Result<MadeFault> make_outage(const FaultPlan& plan, const FaultContext&) {
  if (const Result<void> fits = strikes_everybody(plan.selector); !fits) return fits.error();
  if (plan.selector.until == end_of_time.since_epoch)
    return unusable("when", "a span such as 2h..3h: an outage has an end");
  const auto answers = word_param(plan, "answers", answer_words);
  if (!answers) return answers.error();
  return made(std::make_unique<Outage>(*answers == 1));
}

}  // namespace parallax::faults
