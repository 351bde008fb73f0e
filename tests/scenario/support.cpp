// SPDX-License-Identifier: Apache-2.0
#include "tests/scenario/support.h"

#include <unistd.h>

#include <fstream>

#include "sim/scenario/json.h"

namespace parallax::test {

const std::vector<FaultKind>& fault_table() {
  using Scope = SelectorPlan::Scope;
  using Type = ParamKind::Type;
  static const std::vector<StrikePlace> capture{event_at(StrikePoint::capture)};
  static const std::vector<FaultKind> kinds{
      {"ad_block", "Blocks.", Scope::user, Source::client, capture, false, {}},
      {"clock_skew",
       "Shifts.",
       Scope::device,
       Source::client,
       capture,
       false,
       {{"offset", Type::distribution, "Error.", {}}, {"drift_ppm", Type::integer, "Drift.", {}}}},
      {"double_fire",
       "Repeats.",
       Scope::emission,
       std::nullopt,
       capture,
       false,
       {{"id", Type::word, "Which id.", {"same", "new"}},
        {"after", Type::duration, "How much later.", {}},
        {"share", Type::ratio, "Of nothing.", {}},
        {"field", Type::text, "Which field.", {}}}},
      {"drop",
       "Loses.",
       Scope::emission,
       std::nullopt,
       {event_at(StrikePoint::capture), event_at(StrikePoint::queue),
        attempt_at(StrikePoint::before_send)},
       false,
       {}},
      {"answer_lost",
       "Loses the answer.",
       Scope::emission,
       std::nullopt,
       {attempt_at(StrikePoint::after_commit)},
       false,
       {}},
      {"delay",
       "Delays.",
       Scope::emission,
       std::nullopt,
       {attempt_at(StrikePoint::before_send)},
       false,
       {{"by", Type::distribution, "How long.", {}}}},
      {"rename",
       "Says it otherwise.",
       Scope::emission,
       std::nullopt,
       capture,
       false,
       {{"what", Type::action, "Which event.", {}}, {"to", Type::other_name, "Its name.", {}}}},
      {"spoil",
       "Says a field otherwise.",
       Scope::emission,
       std::nullopt,
       capture,
       false,
       {{"field", Type::field, "Which field.", {}},
        {"to", Type::other_name, "Its name.", {}},
        {"length", Type::cut, "Its length.", {}}}},
  };
  return kinds;
}

Loaded load_text(std::string_view json,
                 const std::vector<std::pair<std::string, std::string>>& set) {
  return load_scenario_text(json, "shop.json",
                            {set, *parse_rfc3339("2026-03-10T12:34:56Z"), fault_table()});
}

std::string_view shop_json() {
  return R"({
  "$schema": "../schema.json",
  "name": "shop", "about": "A shop for a week: browse, cart, checkout, purchase, login.",
  "seed": 7,
  "time": { "start": "2026-03-02T00:00:00Z", "length": "7d" },
  "population": {
    "users": 10000,
    "sessions": { "per_user_day": 0.35, "curve": "retail-week" },
    "traits": { "country": { "pick": { "US": 5, "DE": 2, "JP": 1 } },
                "platform": { "pick": { "web": 7, "ios": 2, "android": 1 } } },
    "ad_blocker": { "share": 0.15, "where": "platform = web" },
    "consent": { "denied": 0.10, "withdrawn_later": 0.02 }
  },
  "actions": {                          // the tracking plan: who emits, who owns which field
    "page_view":   { "emits": ["client"] },
    "add_to_cart": { "emits": ["client", "server"],
                     "fields": { "sku": { "type": "string", "zipf": 500 } } },
    "purchase":    { "emits": ["client", "server"], "succeeds": 0.97,
                     "fields": { "revenue": { "type": "money", "owner": "server" },
                                 "tax": { "type": "money", "owner": "server" } } }
  },
  "identity": { "event_id": "shared" },         // shared | derived:order_id | independent
  "sdk": { "client": "posthog-js@1.449", "server": "posthog-node@5.70" },
  "journeys": { "buy": { "start": "home", "states": {
    "home":     { "does": "page_view", "think": "7s", "next": { "product": 6, "leave": 4 } },
    "product":  { "does": "add_to_cart", "think": "20s",
                  "next": { "checkout": 3, "home": 2, "leave": 5 } },
    "checkout": { "does": "purchase", "think": "45s", "next": { "leave": 1 } } } } },
  "faults": [
    { "fault": "ad_block" },
    { "fault": "clock_skew", "rate": 0.05, "offset": { "normal": ["0s", "3m"] } },
    { "fault": "answer_lost", "rate": 0.01 },
    { "fault": "double_fire", "where": "action = add_to_cart and platform = web", "when": "2d..4d",
      "rate": 0.2, "id": "same" }
  ],
  "assert": [
    { "that": "exactly_once" },
    { "that": "ratio", "of": "purchase", "client_per_server": [0.80, 1.05], "by": "day" },
    { "that": "sum", "of": "purchase.revenue", "within": "0.1%" }
  ]
})";
}

std::string_view small_json() {
  return R"({
  "name": "small",
  "population": { "traits": { "country": { "pick": { "US": 3, "DE": 1 } } },
                  "context": { "campaign": { "pick": { "none": 9, "spring": 1 } } } },
  "actions": {
    "look": { "emits": ["client"] },
    "buy": { "emits": ["client", "server"], "fields": {
      "order_id": { "unique": "ord-" },
      "revenue": { "type": "money" },
      "coupon": { "pick": { "none": 8, "TEN": 2 } } } } },
  "journeys": { "main": { "states": {
    "home": { "does": "look", "next": { "cart": 1, "leave": 1 } },
    "cart": { "does": "buy" } } } }
})";
}

Loaded load_patched(std::string_view patch) {
  std::vector<Problem> none;
  auto document = parse_json(small_json(), "small.json", 0, none);
  const auto change = parse_json(patch, "patch", 0, none);
  REQUIRE(document);
  CAPTURE(patch);
  REQUIRE(change);
  merge_patch(*document, *change);
  return load_text(write_json(*document));
}

std::string texts_of(const std::vector<Problem>& problems) {
  std::string out;
  for (const Problem& problem : problems) out += (out.empty() ? "" : "\n") + problem.text();
  return out;
}

void check_problems(std::initializer_list<ProblemCase> cases, bool warning) {
  for (const ProblemCase& each : cases) {
    const Loaded loaded = load_patched(each.patch);
    CAPTURE(each.patch);
    CHECK(texts_of(loaded.problems) == "shop.json: " + std::string(each.problem));
    CHECK(loaded.ok() == warning);
  }
}

TemporaryFolder::TemporaryFolder() {
  static int made = 0;
  path_ = std::filesystem::temp_directory_path() /
          ("parallax-scenario-" + std::to_string(getpid()) + "-" + std::to_string(made++));
  std::filesystem::create_directories(path_);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path TemporaryFolder::write(const std::string& name, std::string_view text) const {
  std::filesystem::path file = path_ / name;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
  return file;
}

}  // namespace parallax::test
