// SPDX-License-Identifier: Apache-2.0
// partial -- A batch is taken in part: what is beyond a limit of the collector is refused event by
// event in an answer that says 200. SDKs that do not read such answers lose it unseen.
#include <algorithm>
#include <array>

#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

constexpr std::array<std::string_view, 2> rest_words{"again", "dropped"};

class Partial final : public WireEffect {
 public:
  Partial(Ratio share, std::uint16_t status, bool again)
      : share_(share), status_(status), again_(again) {}
  void apply(const Attempt& attempt, Prng, WireFate& fate) const override {
    const std::uint64_t wanted = std::uint64_t{attempt.size} * share_.parts / Ratio::one;
    fate.left_out =
        static_cast<std::uint16_t>(std::clamp<std::uint64_t>(wanted, 1, attempt.size - 1U));
    fate.left_status = status_;
    fate.left_again = again_;
  }
  bool looks_closer() const override { return true; }
  bool reaches(const Attempt& attempt, Prng) const override { return attempt.size > 1; }

 private:
  Ratio share_;
  std::uint16_t status_;
  bool again_;
};

}  // namespace

FaultKind partial_kind() {
  return {.name = "partial",
          .about = "Takes a batch in part and refuses its last events one by one.",
          .scope = SelectorPlan::Scope::emission,
          .side = std::nullopt,
          .places = {attempt_at(StrikePoint::during_body)},
          .params = {{.name = "share",
                      .type = ParamKind::Type::ratio,
                      .about = "Of the batch's events that are refused, one at least and never "
                               "all; default 50%.",
                      .words = {}},
                     {.name = "status",
                      .type = ParamKind::Type::integer,
                      .about = "The status of the refused events, 400 .. 599; default 400.",
                      .words = {}},
                     {.name = "rest",
                      .type = ParamKind::Type::word,
                      .about = "What an SDK that reads the answer is told of them: again or "
                               "dropped; default again.",
                      .words = {rest_words.begin(), rest_words.end()}}}};
}

Result<MadeFault> make_partial(const FaultPlan& plan, const FaultContext&) {
  const ParamValue* share = plan.param("share");
  const Ratio left{share == nullptr ? Ratio::one / 2 : static_cast<std::uint32_t>(share->number)};
  if (left == Ratio::zero()) return unusable("share", "a share above 0");
  const auto status = integer_param(plan, "status", {400, 599}, 400);
  if (!status) return status.error();
  const auto rest = word_param(plan, "rest", rest_words);
  if (!rest) return rest.error();
  return made(std::make_unique<Partial>(left, static_cast<std::uint16_t>(*status), *rest == 0));
}

}  // namespace parallax::faults
