// SPDX-License-Identifier: Apache-2.0
#include "tests/wire/vendor.h"

#include "tests/support/catch.h"
#include "tests/wire/sample_plan.h"

namespace parallax::wire_tests {
namespace {

constexpr std::string_view run = "run \"7\"";
constexpr std::array id_forms{IdForm::normal, IdForm::absent, IdForm::empty, IdForm::placeholder,
                              IdForm::upper_case};
constexpr std::array field_forms{FieldForm::present, FieldForm::absent, FieldForm::null,
                                 FieldForm::as_text, FieldForm::minor_units};

std::string batch_of(std::string_view format, std::span<const Emission> emissions,
                     SimTime sent_at) {
  return body_with(sample_plan(), format, emissions, sent_at);
}

}  // namespace

std::string body_with(const TrackingPlan& plan, std::string_view format,
                      std::span<const Emission> emissions, SimTime sent_at) {
  std::vector<const Emission*> pointers;
  for (const Emission& emission : emissions) pointers.push_back(&emission);
  std::string body;
  make_wire_format(format, plan, run).value()->batch(pointers, sent_at, body);
  return body;
}

const SimTime noon = *parse_rfc3339("2026-03-02T12:00:00Z");

Decoded decoded(DecodeSdk decode, std::string body, std::string_view path, std::string_view query,
                std::string_view authorization) {
  DecodeSpace space;
  Decoded out;
  const SdkRequest request{path, query, authorization, &body, noon};
  if (const auto refusal = decode(request, space)) {
    out.status = refusal->status;
    out.refusal = refusal->what;
    return out;
  }
  out.events = nlohmann::json::parse(space.batch.finish()).at("batch");
  return out;
}

std::vector<Emission> every_form() {
  std::vector<Emission> all;
  for (const Source side : both_sources)
    for (const IdForm id : id_forms)
      for (const FieldForm field : field_forms) {
        Emission emission = sample_purchase();
        emission.source = side;
        emission.client_ts = side == Source::client ? emission.server_ts - 90 * minute : no_time;
        emission.id_form = id;
        emission.forms.fill(field);
        emission.retry_count = static_cast<std::uint16_t>(all.size() % 3);
        emission.seen.consent = all.size() % 7 == 0 ? Consent::denied : Consent::granted;
        all.push_back(emission);
      }
  Emission bare;
  bare.client_ts = SimTime{0};
  all.push_back(bare);
  return all;
}

void require_round_trip(std::string_view format, DecodeSdk decode, std::string_view authorization,
                        std::string_view path) {
  const std::vector<Emission> all = every_form();
  const auto expected = nlohmann::json::parse(batch_of("shared", all, no_time)).at("batch");
  const Decoded found = decoded(decode, batch_of(format, all, noon), path, {}, authorization);
  REQUIRE(found.refusal.empty());
  REQUIRE(found.events.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CAPTURE(i);
    REQUIRE(found.events[i] == expected[i]);
  }
}

std::string body_of(std::string_view format, SimTime sent_at) {
  const std::array<Emission, 1> one{sample_purchase()};
  return batch_of(format, one, sent_at);
}

}  // namespace parallax::wire_tests
