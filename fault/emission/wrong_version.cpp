// SPDX-License-Identifier: Apache-2.0
// wrong_version -- A side states another schema version than the plan's: an old app that was never
// updated, or a new one ahead of its migration.
#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

class WrongVersion final : public EmissionEffect {
 public:
  explicit WrongVersion(std::uint16_t version) : version_(version) {}
  void apply(const Emission& in, Prng, Captures& out) const override {
    out.items.push_back({in, 0});
    out.items.back().emission.schema_version = version_;
  }
  Reach reach() const override { return {.looks_closer = true}; }
  bool reaches(const Emission& in, Prng) const override { return in.schema_version != version_; }

 private:
  std::uint16_t version_;
};

}  // namespace

FaultKind wrong_version_kind() {
  return {.name = "wrong_version",
          .about = "States another schema version than the plan has.",
          .scope = SelectorPlan::Scope::emission,
          .side = std::nullopt,
          .params = {{.name = "version",
                      .type = ParamKind::Type::integer,
                      .about = "The version stated, 1 .. 65535; required.",
                      .words = {}}}};
}

Result<MadeFault> make_wrong_version(const FaultPlan& plan, const FaultContext&) {
  if (plan.param("version") == nullptr) return unusable("version", "the version that is stated");
  const auto version = integer_param(plan, "version", {1, 65'535}, 1);
  if (!version) return version.error();
  return made(std::make_unique<WrongVersion>(static_cast<std::uint16_t>(*version)));
}

}  // namespace parallax::faults
