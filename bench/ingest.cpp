// SPDX-License-Identifier: Apache-2.0
// A batch as the collector first sees it: bytes to fields, every token looked at.
#include <algorithm>

#include "bench/input.h"
#include "bench/stage.h"
#include "sim/wire/format.h"
#include "sim/wire/shared_decode.h"

namespace parallax::bench {
namespace {

constexpr std::size_t actions = 5'000;
constexpr std::size_t batch_size = 50;

class ParseStage final : public Stage {
 public:
  ParseStage() {
    const std::unique_ptr<WireFormat> format =
        *make_wire_format("shared", hand_.scenario.plan, bench_run);
    const std::vector<Emission> emissions = emissions_of(hand_, actions_of(hand_, actions));
    const std::vector<const Emission*> events = pointers_to(emissions);
    const std::span<const Emission* const> all = events;
    for (std::size_t at = 0; at < all.size(); at += batch_size)
      format->batch(all.subspan(at, std::min(batch_size, all.size() - at)), all[at]->captured,
                    bodies_.emplace_back());
  }

  std::uint64_t run() override {
    std::uint64_t events = 0;
    for (std::string& body : bodies_) {
      const Result<void> read =
          decoder_.decode(body, [&](const SharedEvent& event) { events += event.is_object; });
      if (!read) return 0;
    }
    return events;
  }

 private:
  Stagehand hand_{load("scenarios/examples/shop.json", 200'000)};
  std::vector<std::string> bodies_;
  SharedDecoder decoder_;
};

}  // namespace

void add_ingest_stages(StageList& stages) {
  stages.push_back({"ingest/parse", "event", [] { return std::make_unique<ParseStage>(); }});
}

}  // namespace parallax::bench
