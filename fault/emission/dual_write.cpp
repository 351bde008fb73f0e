// SPDX-License-Identifier: Apache-2.0
// dual_write -- During a migration a side sends each event in two schema versions with one event
// id: a dedupe that knows the id keeps one, one that looks at the content counts both.
#include "fault/catalogue.h"

namespace parallax::faults {
namespace {

class DualWrite final : public EmissionEffect {
 public:
  explicit DualWrite(std::uint16_t version) : version_(version) {}
  void apply(const Emission& in, Prng, Captures& out) const override {
    out.items.push_back({in, 0});
    out.items.push_back({in, 0});
    out.items.back().emission.schema_version = version_;
  }
  Reach reach() const override { return {.looks_closer = true}; }
  bool reaches(const Emission& in, Prng) const override { return in.schema_version != version_; }
  std::size_t most() const override { return 2; }

 private:
  std::uint16_t version_;
};

}  // namespace

FaultKind dual_write_kind() {
  return {.name = "dual_write",
          .about = "Sends each event in a second schema version too, with the same id.",
          .scope = SelectorPlan::Scope::emission,
          .side = std::nullopt,
          .params = {{.name = "version",
                      .type = ParamKind::Type::integer,
                      .about = "The second version, 1 .. 65535; required.",
                      .words = {}}}};
}

Result<MadeFault> make_dual_write(const FaultPlan& plan, const FaultContext&) {
  if (plan.param("version") == nullptr) return unusable("version", "the second version");
  const auto version = integer_param(plan, "version", {1, 65'535}, 1);
  if (!version) return version.error();
  return made(std::make_unique<DualWrite>(static_cast<std::uint16_t>(*version)));
}

}  // namespace parallax::faults
