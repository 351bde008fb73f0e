// SPDX-License-Identifier: Apache-2.0
// Emissions to bytes, once for each wire format.
#include <algorithm>

#include "bench/input.h"
#include "bench/stage.h"
#include "sim/wire/format.h"

namespace parallax::bench {
namespace {

constexpr std::size_t actions = 10'000;
constexpr std::size_t batch_size = 50;

class SerialiseStage final : public Stage {
 public:
  explicit SerialiseStage(std::string_view format)
      : format_(*make_wire_format(format, hand_.scenario.plan, bench_run)) {}

  std::uint64_t run() override {
    const std::span<const Emission* const> all = events_;
    for (std::size_t at = 0; at < all.size(); at += batch_size) {
      const std::size_t size = std::min(batch_size, all.size() - at);
      body_.clear();
      format_->begin_batch(body_);
      for (const Emission* emission : all.subspan(at, size)) format_->add_event(*emission, body_);
      format_->end_batch(all[at]->captured, body_);
    }
    return emissions_.size();
  }

 private:
  Stagehand hand_{load("scenarios/examples/shop.json", 200'000)};
  std::vector<Emission> emissions_ = emissions_of(hand_, actions_of(hand_, actions));
  std::vector<const Emission*> events_ = pointers_to(emissions_);
  std::unique_ptr<WireFormat> format_;
  TextBuffer body_;
};

}  // namespace

void add_serialise_stages(StageList& stages) {
  for (const std::string_view format : {"shared"})
    stages.push_back({"serialise/" + std::string(format), "event",
                      [format] { return std::make_unique<SerialiseStage>(format); }});
}

}  // namespace parallax::bench
