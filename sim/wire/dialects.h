// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "sim/core/time.h"
#include "sim/wire/json_tree.h"
#include "sim/wire/shared_batch.h"

namespace parallax {

/// What an SDK sent, as the decoder of its vendor's format gets it. Views of the request.
struct SdkRequest {
  std::string_view path;           ///< "/i/v0/e/", without the query.
  std::string_view query;          ///< "compression=base64&_=17", as sent.
  std::string_view authorization;  ///< Value of the header; empty without one.
  std::string* body = nullptr;  ///< Unpacked; gets spare capacity, and may be unwrapped in place.
  SimTime arrival;              ///< The collector's now.
  /// The value of any other header; empty without one. Null: there are none.
  std::function<std::string(std::string_view name)> header = {};

  std::string header_of(std::string_view name) const { return header ? header(name) : ""; }
};

/// Why a vendor's collector takes nothing of a request.
struct Refusal {
  int status = 400;  ///< As the vendor's; one of them answers 2xx to everything.
  std::string what;
  std::string
      details;  ///< Members of the answer's JSON that say more, each with a comma before it.
};

/// What decoders work in. Kept from request to request, one a thread.
struct DecodeSpace {
  JsonTree tree;
  JsonTree inner;    ///< Of JSON inside a text.
  std::string text;  ///< Such a text.
  SharedBatch batch;
  /// Of single events, where the vendor answers so: members of a JSON object, by event id.
  std::string results;
};

/// Decoders: the events of a request become a body of the shared format in `space.batch`, not yet
/// finished. After a refusal the caller forgets what is there. Each says in its file what of the
/// vendor's event becomes which field of ours.
/// To add one: sim/wire/NAME_decode.cpp, its line here, its paths in sdk_formats.cpp, and its
/// answers in sim/pipeline/sdk_routes.cpp.
using DecodeSdk = std::optional<Refusal> (*)(const SdkRequest& request, DecodeSpace& space);
std::optional<Refusal> decode_posthog(const SdkRequest& request, DecodeSpace& space);
std::optional<Refusal> decode_posthog_v1(const SdkRequest& request, DecodeSpace& space);
std::optional<Refusal> decode_segment(const SdkRequest& request, DecodeSpace& space);
std::optional<Refusal> decode_rudderstack(const SdkRequest& request, DecodeSpace& space);
std::optional<Refusal> decode_snowplow(const SdkRequest& request, DecodeSpace& space);
std::optional<Refusal> decode_amplitude(const SdkRequest& request, DecodeSpace& space);
std::optional<Refusal> decode_mixpanel(const SdkRequest& request, DecodeSpace& space);
std::optional<Refusal> decode_ga4(const SdkRequest& request, DecodeSpace& space);
std::optional<Refusal> decode_cloudevents(const SdkRequest& request, DecodeSpace& space);

/// Of ISO 8601 text or a number of milliseconds since 1970; nothing for anything else.
std::optional<SimTime> time_of(JsonValue value);
/// As above, for text out of a query. A fraction is cut.
std::optional<SimTime> milliseconds_of(std::string_view digits);
/// Whether PostHog's SDK of this name runs in an app or a page.
bool is_posthog_client(std::string_view library);
/// The user name of "Basic ...", which is where vendors have the project's key; empty without one.
std::string basic_user(std::string_view authorization);

}  // namespace parallax
