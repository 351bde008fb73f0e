// SPDX-License-Identifier: Apache-2.0
#include "sim/run/tagged_event.h"

namespace parallax {
namespace {

/// Of a template what every event has: a tagged one has none of the scenario's properties.
EventTemplate without_members(EventTemplate pattern) {
  std::erase_if(pattern.event, [](const TemplatePart& p) { return !p.place.member.empty(); });
  return pattern;
}

}  // namespace

TaggedEvent::TaggedEvent(std::string event_name, std::string of_run, SimTime at)
    : run_id(std::move(of_run)) {
  ActionPlan action;
  action.name = std::move(event_name);
  action.client = false;
  action.server = true;
  plan.actions = {action};
  plan.currencies = {{"USD", 2}};
  plan.pages = {"parallax"};
  const std::uint64_t hash = hash_text(run_id);
  emission.seen.at = at;
  emission.seen.sequence = 1;
  emission.seen.device = hash;
  emission.seen.session = mix64(hash);
  emission.event_id = Uuid::from_bits(hash, mix64(hash + 1));
  emission.source = Source::server;
  emission.captured = at;
  emission.server_ts = at.to_millisecond();
}

Result<std::unique_ptr<WireFormat>> TaggedEvent::format(const TargetPlan::Send& send) const {
  return make_wire_format(send.format, plan, run_id, {send.key, without_members(send.pattern)});
}

SendResult TaggedEvent::send(Target& target, const WireFormat& format) const {
  SendRequest request;
  request.arrives = emission.captured;
  const Emission* const one = &emission;
  format.batch({&one, 1}, emission.captured, request.body);
  target.start(std::move(request));
  return target.wait();
}

TaggedEvent watermark_of(const std::string& run_id, SimTime at) {
  return TaggedEvent("parallax_watermark", run_id + "-watermark", at);
}

}  // namespace parallax
