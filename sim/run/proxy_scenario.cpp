// SPDX-License-Identifier: Apache-2.0
#include "sim/run/proxy_scenario.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "fault/fault.h"
#include "sim/run/wall_clock.h"

namespace parallax {
namespace fs = std::filesystem;
namespace {

class Through final : public RowReader {
 public:
  Through(std::unique_ptr<RowReader> inner,
          const std::unordered_map<std::uint64_t, std::uint32_t>& users)
      : inner_(std::move(inner)), users_(users) {}

  Result<bool> scan(std::string_view run_id, const TakeRows& take) override {
    std::vector<CanonicalRow> rows;
    return inner_->scan(run_id, [&](std::span<const CanonicalRow> batch) {
      rows.assign(batch.begin(), batch.end());
      for (CanonicalRow& row : rows) {
        const auto known = users_.find(row.user);
        if (known == users_.end()) continue;
        row.user = user_key(known->second);
        row.lane = static_cast<std::uint8_t>(lane_of_user(known->second));
      }
      return take(rows);
    });
  }
  Result<std::vector<std::string>> texts(std::string_view run_id,
                                         const std::vector<std::uint64_t>& numbers) override {
    return inner_->texts(run_id, numbers);
  }

 private:
  std::unique_ptr<RowReader> inner_;
  const std::unordered_map<std::uint64_t, std::uint32_t>& users_;
};

}  // namespace

nlohmann::ordered_json proxied_json(const Scenario& scenario, SimTime start) {
  auto json = nlohmann::ordered_json::parse(scenario.effective_json);
  auto kept = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < scenario.faults.size(); ++i) {
    if (!meets(scenario.faults[i], StrikePlace::Meets::attempt)) continue;
    auto& fault = kept.emplace_back(json["faults"][i]);
    fault["name"] = scenario.faults[i].name;
  }
  json["faults"] = std::move(kept);
  if (start != no_time) json["time"]["start"] = to_rfc3339(start);
  return json;
}

Loaded load_proxied(const nlohmann::ordered_json& json, const std::string& name) {
  LoadOptions options;
  options.now = wall_now();
  options.faults = fault_kinds();
  return load_scenario_text(json.dump(2), name, options);
}

fs::path proxied_names(const fs::path& folder) { return folder / "names.txt"; }
fs::path proxied_requests(const fs::path& folder) { return folder / "requests.plxr"; }

std::unique_ptr<RowReader> ProxiedRun::through(std::unique_ptr<RowReader> reader) const {
  return std::make_unique<Through>(std::move(reader), names.users);
}

Result<std::optional<ProxiedRun>> open_proxied(const fs::path& folder, Scenario& scenario) {
  if (!fs::exists(proxied_names(folder))) return std::optional<ProxiedRun>();
  proxy::open_plan(scenario);
  auto names = proxy::load_names(proxied_names(folder), scenario);
  if (!names) return names.error();
  return std::optional<ProxiedRun>(ProxiedRun{std::move(*names)});
}

}  // namespace parallax
