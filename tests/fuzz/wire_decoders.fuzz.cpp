// SPDX-License-Identifier: Apache-2.0
// Whatever a decoder of a vendor's format takes is a body that the shared decoder reads, with as
// many events. The first byte chooses the decoder; a query follows up to a line end, then the body.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "sim/wire/dialects.h"

namespace {

using namespace parallax;

constexpr std::array decoders{decode_posthog,  decode_segment,     decode_rudderstack,
                              decode_snowplow, decode_amplitude,   decode_mixpanel,
                              decode_ga4,      decode_cloudevents, decode_posthog_v1};

/// Headers that no decoder refuses, so that it comes to the body.
std::string good_header(std::string_view name) {
  if (name == "PostHog-Request-Id") return "0197f2a0-0000-7000-8000-0000000000ff";
  if (name == "PostHog-Request-Timestamp") return "2026-03-02T12:00:00.000Z";
  return name == "PostHog-Attempt" ? "1" : "posthog-node/5.70.0";
}

void expect(bool holds) {
  if (!holds) std::abort();
}

void check_request(DecodeSdk decode, std::string_view query, std::string body) {
  static DecodeSpace space;
  static SharedDecoder shared;
  const SdkRequest request{"/",        query, "Bearer k", &body, SimTime{1'772'452'800'000'000},
                           good_header};
  if (decode(request, space)) return;
  const std::size_t events = space.batch.events();
  std::size_t seen = 0;
  // A number may be none, which the tree does not look at: then the whole body is refused later.
  if (shared.decode(space.batch.finish(), [&](const SharedEvent&) { ++seen; }))
    expect(seen == events);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t line = text.find('\n');
  const std::string_view query = line == text.npos ? std::string_view() : text.substr(0, line);
  const std::string_view body = line == text.npos ? text : text.substr(line + 1);
  check_request(decoders[data[0] % decoders.size()], query, std::string(body));
  return 0;
}
