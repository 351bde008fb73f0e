// SPDX-License-Identifier: Apache-2.0
#include "sim/run/settle_signal.h"

#include <httplib.h>

#include <algorithm>
#include <chrono>

#include "sim/core/subprocess.h"
#include "sim/read/run_url.h"
#include "sim/run/tagged_event.h"

namespace parallax {
namespace {

bool url_says_so(const TargetPlan::Settle& plan, std::string_view run_id) {
  const Result<HttpAddress> address = split_url(with_run_id(plan.url, run_id));
  if (!address) return false;
  const auto timeout = std::chrono::microseconds(std::min(plan.limit, 10 * second));
  httplib::Client client(address->server);
  client.set_connection_timeout(timeout);
  client.set_read_timeout(timeout);
  const httplib::Result answer = client.Get(address->path);
  return answer && answer->status == 200;
}

bool command_says_so(const TargetPlan::Settle& plan, std::string_view run_id) {
  Result<Subprocess> child = Subprocess::start(plan.command, Subprocess::Pipe::input,
                                               {{"PARALLAX_RUN_ID", std::string(run_id)}});
  if (!child) return false;
  const Result<int> code = child->finish(plan.limit);
  return code && *code == 0;
}

bool watermark_is_there(RowReader& reader, std::string_view run_id) {
  const TaggedEvent watermark = watermark_of(std::string(run_id), SimTime{});
  bool there = false;
  const Result<bool> read = reader.scan(watermark.run_id, [&](std::span<const CanonicalRow> rows) {
    there |= std::any_of(rows.begin(), rows.end(),
                         [&](const CanonicalRow& row) { return watermark.is_row(row); });
    return !there;
  });
  return read && there;
}

}  // namespace

bool settle_signal_given(const TargetPlan::Settle& plan, std::string_view run_id,
                         RowReader& reader) {
  return (plan.url.empty() || url_says_so(plan, run_id)) &&
         (plan.command.empty() || command_says_so(plan, run_id)) &&
         (!plan.watermark || watermark_is_there(reader, run_id));
}

}  // namespace parallax
