// SPDX-License-Identifier: Apache-2.0
#include "sim/pipeline/collector.h"

#include "sim/pipeline/ndjson.h"
#include "sim/pipeline/record.h"
#include "sim/pipeline/sdk_routes.h"

namespace parallax::pipeline {

Answer error_answer(int status, std::string_view what) {
  Answer answer{status, "{\"error\":"};
  append_json_string(what, answer.body);
  answer.body += "}\n";
  return answer;
}

Answer Collector::refuse(const Error& error) {
  switch (error.kind) {
    case Error::Kind::protocol:
      ++counts_.malformed;
      return error_answer(400, error.what);
    case Error::Kind::timeout:
      ++counts_.busy;
      return error_answer(503, error.what);
    case Error::Kind::invalid_input:
      ++counts_.malformed;
      return error_answer(413, error.what);
    default:
      return error_answer(500, error.text());
  }
}

Answer Collector::post(std::string& body, SimTime arrival) {
  thread_local SharedDecoder decoder;
  thread_local RecordWriter record;
  thread_local std::string payload;
  record.start(arrival);
  std::uint64_t dead = 0;
  const auto decoded = decoder.decode(body, [&](const SharedEvent& event) {
    const std::string fault = contract_.fault_of(event);
    if (fault.empty()) return record.add(event);
    record.add_dead(event, fault);
    ++dead;
  });
  if (!decoded) return refuse(decoded.error());
  record.state_sent_at(decoder.sent_at());
  record.finish(payload);
  if (record.entries() > 0)
    if (const auto stored = intake_.store(payload); !stored) return refuse(stored.error());
  counts_.accepted += record.entries();
  counts_.dead_letters += dead;
  return {200, "{\"accepted\":" + std::to_string(record.entries()) +
                   ",\"dead_letters\":" + std::to_string(dead) + "}\n"};
}

Answer Collector::post_sdk(const SdkDialect& dialect, const SdkRequest& request) {
  thread_local DecodeSpace space;
  if (const auto refusal = dialect.format->decode(request, space)) {
    ++counts_.malformed;
    return dialect.refused(request, *refusal);
  }
  const std::size_t events = space.batch.events();
  const Taking taking{events, space.results};
  if (events == 0) return dialect.taken(request, taking);
  const Answer answer = post(space.batch.finish(), request.arrival);
  if (answer.status == 200) return dialect.taken(request, taking);
  return dialect.refused(request, {answer.status, answer.body, {}});
}

}  // namespace parallax::pipeline
