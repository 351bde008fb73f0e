// SPDX-License-Identifier: Apache-2.0
// Explanations of made-up facts: each cause is drawn over many seeds, and must be named.
#include "assertions/explain.h"

#include <cmath>
#include <functional>
#include <numeric>

#include "sim/core/prng.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

using namespace explain;

constexpr std::int32_t buckets = 144, deploy_bucket = 72;
constexpr std::uint32_t purchases_a_bucket = 14;

enum Why : std::uint16_t { fine, not_recorded, rejected, repeated, refused, blocked };

/// What is true of one made-up purchase.
struct Purchase {
  bool later = false, discounted = false, app = false, ios = false;
  Prng draw{0};
};
using Story = std::function<void(const Purchase&, Cell&)>;

bool chance(const Purchase& purchase, std::uint64_t number, double share) {
  return purchase.draw.at(number).unit() < share;
}

/// 5 % blocked clients and 7 % double fires, as in the scenarios.
void usual(const Purchase& purchase, Cell& cell) {
  if (chance(purchase, 1, 0.05)) {
    cell.client = 0;
    cell.why_client = blocked;
  } else if (chance(purchase, 2, 0.0737)) {
    cell.client = 2;
    cell.why_client = repeated;
  }
}

Facts facts_of(std::uint64_t seed, const Story& story, double app_later = 0.3) {
  Facts facts;
  facts.event = "purchase";
  facts.start = *parse_rfc3339("2026-03-02");
  facts.buckets = buckets;
  facts.deploys = {{deploy_bucket * hour, "checkout 4.2"}, {36 * hour, "search 1.9"}};
  facts.knows_unseen = true;
  facts.whys = {"",
                "server row missing: never recorded",
                "server row missing: rejected, wrong type",
                "client row repeated: recorded again",
                "client row of an action that the backend refused",
                "client row missing: never recorded"};
  facts.attributes = {{"discount", {"discount = 0", "discount > 0"}},
                      {"channel", {"channel = search", "channel = app"}},
                      {"platform", {"platform = web", "platform = ios"}}};
  const Prng root = Prng(seed).stream("purchases");
  for (std::int32_t bucket = 0; bucket < buckets; ++bucket)
    for (std::uint32_t i = 0; i < purchases_a_bucket; ++i) {
      Purchase purchase;
      purchase.draw = root.keyed(static_cast<std::uint64_t>(bucket) * 1'000 + i);
      purchase.later = bucket >= deploy_bucket;
      purchase.discounted = chance(purchase, 3, 0.3);
      purchase.app = chance(purchase, 4, purchase.later ? app_later : 0.3);
      purchase.ios = chance(purchase, 5, 0.4);
      Cell cell;
      cell.bucket = bucket;
      cell.client = cell.server = 1;
      usual(purchase, cell);
      story(purchase, cell);
      facts.cells.push_back(cell);
      for (const bool code : {purchase.discounted, purchase.app, purchase.ios})
        facts.codes.push_back(code ? 1 : 0);
    }
  return facts;
}

void lose_server_row(Cell& cell, Why why) {
  cell.server = 0;
  cell.why_server = why;
}

struct Case {
  const char* name;
  Story story;
  const char* mechanism;  ///< How the largest step begins.
  const char* where;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> table{
      {"the server loses discounted orders",
       [](const Purchase& p, Cell& cell) {
         if (p.later && p.discounted && chance(p, 10, 0.45)) lose_server_row(cell, not_recorded);
       },
       "server row missing: never recorded", "discount > 0"},
      {"the contract rejects discounts from iOS",
       [](const Purchase& p, Cell& cell) {
         if (p.later && p.discounted && p.ios) lose_server_row(cell, rejected);
       },
       "server row missing: rejected", "discount > 0 and platform = ios"},
      {"the client fires twice on the banner",
       [](const Purchase& p, Cell& cell) {
         if (!p.later || !p.discounted || !chance(p, 10, 0.52) || cell.client == 0) return;
         ++cell.client;
         cell.why_client = repeated;
       },
       "client row repeated", "discount > 0"},
      {"the client fires before the backend refuses",
       [](const Purchase& p, Cell& cell) {
         if (!chance(p, 11, 0.14)) return;
         cell = Cell{cell.bucket, 0, 0, 0, fine, fine, 1};
         if (!p.later) return;
         cell.client = 1;
         cell.why_client = refused;
       },
       "client row of an action that the backend refused", "all of them"}};
  return table;
}

std::int64_t sum_of(const Explanation& e) {
  return std::accumulate(e.steps.begin(), e.steps.end(), std::int64_t{0},
                         [](std::int64_t sum, const Step& step) { return sum + step.by; });
}

}  // namespace

TEST_CASE("the planted cause is the top answer over fifty seeds", "[assertions][explain]") {
  for (const Case& each : cases()) {
    int named = 0;
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
      const Explanation e = explain::explain(facts_of(seed, each.story));
      const bool right = e.finding == Finding::cause && e.mechanism() != nullptr &&
                         e.mechanism()->text.starts_with(each.mechanism) &&
                         e.best.text == each.where;
      named += right ? 1 : 0;
    }
    INFO(each.name);
    CHECK(named >= 48);
  }
}

TEST_CASE("a quiet series and a pure mix shift accuse nobody over fifty seeds",
          "[assertions][explain]") {
  const Story nothing = [](const Purchase&, Cell&) {};
  // The client of a search visitor is lost in 15 %; the share of app visitors rises.
  const Story coverage = [](const Purchase& p, Cell& cell) {
    if (p.app || !chance(p, 10, 0.15)) return;
    cell.client = 0;
    cell.why_client = blocked;
  };
  int mixes = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    CHECK(explain::explain(facts_of(seed, nothing)).finding == Finding::quiet);
    const Explanation shifted = explain::explain(facts_of(seed, coverage, 0.8));
    CHECK(shifted.finding != Finding::cause);
    mixes += shifted.finding == Finding::mix && shifted.mix_attribute == "channel" ? 1 : 0;
  }
  CHECK(mixes >= 20);  // In the others the campaign is too small to be noticed at all.
}

TEST_CASE("the waterfall sums to the move exactly", "[assertions][explain]") {
  for (const Case& each : cases()) {
    const Explanation e = explain::explain(facts_of(7, each.story));
    INFO(each.name);
    const auto rounded = [](double ratio) { return std::llround(ratio * 10'000); };
    CHECK(sum_of(e) == rounded(e.after.ratio()) - rounded(e.before.ratio()));
    CHECK(std::abs(e.best.excess + e.remainder - e.move()) < 1e-9);
    REQUIRE(e.deploy);
    CHECK(e.deploy->label == "checkout 4.2");
    CHECK(std::abs(*e.change - deploy_bucket) <= 6);
  }
}

TEST_CASE("a part of the waterfall that is not counted would show", "[assertions][explain]") {
  Explanation e = explain::explain(facts_of(7, cases().front().story));
  e.steps.pop_back();
  e.steps.erase(e.steps.begin());
  CHECK(sum_of(e) != std::llround(e.move() * 10'000));
}

TEST_CASE("the multiplicity table tells server loss from double fire", "[assertions][explain]") {
  const auto most_moved = [](const Story& story) {
    return explain::explain(facts_of(3, story)).multiplicities;
  };
  const auto rises = [](const std::vector<Multiplicity>& table, int client, int server) {
    for (const Multiplicity& m : table)
      if (m.client == client && m.server == server) return m.after - m.before;
    return 0.0;
  };
  const auto loss = most_moved(cases()[0].story), fire = most_moved(cases()[2].story);
  CHECK(rises(loss, 1, 0) > 0.08);
  CHECK(rises(fire, 1, 0) == 0);
  CHECK(rises(fire, 2, 1) > 0.08);
}

TEST_CASE("predicates that select the same rows are told together", "[assertions][explain]") {
  Facts facts = facts_of(5, cases().front().story);
  facts.attributes.push_back({"coupon", {"coupon = none", "coupon = SPRING"}});
  std::vector<std::uint8_t> codes;
  for (std::size_t i = 0; i < facts.cells.size(); ++i) {
    codes.insert(codes.end(), facts.codes.begin() + static_cast<std::ptrdiff_t>(3 * i),
                 facts.codes.begin() + static_cast<std::ptrdiff_t>(3 * i + 3));
    codes.push_back(facts.codes[3 * i]);
  }
  facts.codes = std::move(codes);
  const Explanation e = explain::explain(facts);
  CHECK(e.best.text == "discount > 0");
  CHECK(e.best.same_rows == std::vector<std::string>{"coupon = SPRING"});
}

TEST_CASE("rows of a kind that is new are held against all rows of before",
          "[assertions][explain]") {
  const Story unread = [](const Purchase& p, Cell& cell) {
    if (p.later && p.discounted && chance(p, 10, 0.45)) lose_server_row(cell, not_recorded);
  };
  // The lost rows are those of schema version 4, which only a part of the discounted orders have.
  Facts facts = facts_of(5, unread);
  facts.attributes.push_back({"version", {"version = 3", "version = 4"}});
  std::vector<std::uint8_t> codes;
  for (std::size_t i = 0; i < facts.cells.size(); ++i) {
    for (std::size_t n = 0; n < 3; ++n) codes.push_back(facts.codes[3 * i + n]);
    codes.push_back(facts.cells[i].why_server == not_recorded ? 1 : 0);
  }
  facts.codes = std::move(codes);
  const Explanation e = explain::explain(facts);
  CHECK(e.finding == Finding::cause);
  CHECK(e.best.text == "version = 4");
  CHECK(std::isinf(e.best.after));
  CHECK(sentences(e)[2].find("to no server row") != std::string::npos);
}

TEST_CASE("the metric to report meanwhile is one that stands still", "[assertions][explain]") {
  const auto safest = [](std::size_t which) {
    return explain::explain(facts_of(9, cases()[which].story)).safe.front();
  };
  CHECK(safest(0).stands_still);
  CHECK(safest(0).name.find("either side") != std::string::npos);
  CHECK(safest(2).name.find("either side") != std::string::npos);
  // The union counts what the backend refused; the server's rows do not.
  CHECK(safest(3).stands_still);
  CHECK(safest(3).name.find("server row") != std::string::npos);
}

TEST_CASE("too few rows say nothing, and say how many are needed", "[assertions][explain]") {
  Facts facts = facts_of(1, cases().front().story);
  facts.cells.resize(40);
  facts.codes.resize(40 * facts.attributes.size());
  const Explanation e = explain::explain(facts);
  CHECK(e.finding == Finding::too_few);
  CHECK(sentences(e).front().find("50 of each") != std::string::npos);
  Facts nothing = facts;
  nothing.cells.clear();
  nothing.codes.clear();
  CHECK(explain::explain(nothing).finding == Finding::too_few);
}

TEST_CASE("a server that falls silent is told, not called too few", "[assertions][explain]") {
  const Story silent = [](const Purchase& p, Cell& cell) {
    if (p.later) lose_server_row(cell, not_recorded);
  };
  const Explanation e = explain::explain(facts_of(1, silent), Windows{{0, 72}, {72, 144}});
  CHECK(sentences(e).front().find("no server row in the later part") != std::string::npos);
}

TEST_CASE("windows that are given are the ones compared", "[assertions][explain]") {
  const Facts facts = facts_of(1, cases().front().story);
  const Explanation same = explain::explain(facts, Windows{{0, 36}, {36, 72}});
  CHECK(same.finding == Finding::quiet);
  const Explanation other = explain::explain(facts, Windows{{0, 72}, {72, 144}});
  CHECK(other.finding == Finding::cause);
  CHECK_FALSE(other.change);
  CHECK(other.best.text == "discount > 0");
}

TEST_CASE("the answer begins with what moved, how and where", "[assertions][explain]") {
  const std::vector<std::string> told = sentences(explain::explain(facts_of(7, cases()[1].story)));
  REQUIRE(told.size() >= 6);
  CHECK(told[0].find("rose from 1.0") != std::string::npos);
  CHECK(told[1].find("rejected, wrong type") != std::string::npos);
  CHECK(told[2].find("discount > 0 and platform = ios") != std::string::npos);
  CHECK(told[3].find("checkout 4.2") != std::string::npos);
  CHECK(told[4].find("server's side moved") != std::string::npos);
}

}  // namespace parallax::test
