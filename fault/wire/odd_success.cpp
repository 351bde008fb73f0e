// SPDX-License-Identifier: Apache-2.0
// odd_success -- The target took the batch and says so, but not in the way in which this SDK is
// told so by its own collector: another 2xx, another body. Some SDKs take it for a failure and send
// again.
#include <array>
#include <string_view>

#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

constexpr std::array<std::string_view, 2> body_words{"odd", "expected"};

class OddSuccess final : public WireEffect {
 public:
  OddSuccess(std::uint16_t status, bool odd_body) : status_(status), odd_body_(odd_body) {}
  void apply(const Attempt&, Prng, WireFate& fate) const override {
    fate.odd_status = status_;
    fate.odd_body = odd_body_;
  }

 private:
  std::uint16_t status_;
  bool odd_body_;
};

}  // namespace

FaultKind odd_success_kind() {
  return {.name = "odd_success",
          .about = "The target takes the attempt, but answers unlike the SDK's own collector.",
          .scope = SelectorPlan::Scope::emission,
          .side = std::nullopt,
          .places = {attempt_at(StrikePoint::answer)},
          .params = {{.name = "status",
                      .type = ParamKind::Type::integer,
                      .about = "The status that the SDK sees, 200 .. 399; default 204.",
                      .words = {}},
                     {.name = "body",
                      .type = ParamKind::Type::word,
                      .about = "Whether the body is one that the SDK expects; default odd.",
                      .words = {body_words.begin(), body_words.end()}}}};
}

Result<MadeFault> make_odd_success(const FaultPlan& plan, const FaultContext&) {
  const auto status = integer_param(plan, "status", {200, 399}, 204);
  if (!status) return status.error();
  const auto body = word_param(plan, "body", body_words);
  if (!body) return body.error();
  return made(std::make_unique<OddSuccess>(static_cast<std::uint16_t>(*status), *body == 0));
}

}  // namespace parallax::faults
