// SPDX-License-Identifier: Apache-2.0
// Whatever bytes a journal's block holds, reading ends at the first record that cannot be one, and
// the lanes together hold exactly what was read before it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "sim/core/ledger_codec.h"
#include "tests/core/blind_watcher.h"

namespace {

using namespace parallax;

void expect(bool holds) {
  if (!holds) std::abort();
}

void check_payload(std::string_view payload) {
  Ledger all;
  const std::size_t understood = ledger_codec::Unpacker().unpack(payload, all);
  expect(understood <= payload.size());
  test::BlindWatcher blind;
  ledger_codec::LaneSplitter splitter(blind);
  expect(splitter.split(payload) == understood);
  Ledger lanes;
  for (std::size_t lane = 0; lane < lane_count; ++lane) {
    const std::string& bytes = splitter.bytes(static_cast<LaneIndex>(lane));
    expect(ledger_codec::Unpacker().unpack(bytes, lanes) == bytes.size());
  }
  expect(lanes.actions.size() == all.actions.size());
  expect(lanes.emissions.size() == all.emissions.size());
  expect(lanes.attempts.size() == all.attempts.size());
  expect(lanes.deliveries.size() == all.deliveries.size());
  expect(lanes.receipts.size() == all.receipts.size());
  expect(lanes.abandons.size() == all.abandons.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_payload({reinterpret_cast<const char*>(data), size});
  return 0;
}
