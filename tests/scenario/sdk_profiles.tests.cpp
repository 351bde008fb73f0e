// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <iterator>
#include <set>

#include "sim/scenario/sdk_profiles.h"
#include "tests/scenario/support.h"

using namespace parallax;
using namespace parallax::test;
namespace fs = std::filesystem;

namespace {

const fs::path folder = fs::path(PARALLAX_SOURCE_DIR) / "sim/sdk/profiles";

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string complaint(std::string_view text) {
  const auto profile = read_sdk_profile("made-up@1.0", text, sdk_profiles());
  return profile ? "" : profile.error().what;
}

}  // namespace

TEST_CASE("every profile file reads without a complaint and is in the list", "[scenario][sdk]") {
  std::vector<SdkProfile> known;
  std::set<std::string> listed;
  for (const std::string_view name : sdk_profile_file_names()) {
    const std::string file(name);
    const auto profile = read_sdk_profile(file, text_of(folder / (file + ".json")), known);
    REQUIRE((profile ? "" : profile.error().what) == "");
    known.push_back(*profile);
    listed.insert(file + ".json");
  }
  std::set<std::string> there;
  for (const auto& entry : fs::directory_iterator(folder))
    there.insert(entry.path().filename().string());
  CHECK(there == listed);
}

TEST_CASE("every profile says what it is, and how each of its numbers is known",
          "[scenario][sdk]") {
  CHECK(sdk_profiles().size() == 17);
  for (const SdkProfile& profile : sdk_profiles()) {
    CAPTURE(profile.name);
    CHECK_FALSE(profile.about.empty());
    CHECK_FALSE(profile.source.empty());
    CHECK(profile.evidence.size() >= 3);
    const bool product = profile.name.find('@') != std::string::npos;
    bool measured = false;
    for (const auto& [key, evidence] : profile.evidence)
      measured = measured || evidence == SdkEvidence::measured;
    CHECK(measured == product);
  }
}

TEST_CASE("a profile has what its data file says", "[scenario][sdk]") {
  const SdkPlan& posthog = find_sdk_profile("posthog-js@1.449")->plan;
  CHECK(posthog.success.text() == "200");
  CHECK(posthog.retry_on.text() == "201..399 500..599");
  CHECK(posthog.rate_limit == 10);
  CHECK(posthog.flush_at == SdkPlan::unlimited);
  const SdkPlan& snowplow = find_sdk_profile("snowplow-node@4.8")->plan;
  CHECK(snowplow.backoff_kind == SdkPlan::Backoff::next_event);
  CHECK(snowplow.flush_interval == SdkPlan::never);
  CHECK(snowplow.batch_limit() == 80);
  CHECK_FALSE(snowplow.retry_on.has(410));
  CHECK(snowplow.retry_on.has(413));
}

TEST_CASE("a profile like another has its numbers and their evidence", "[scenario][sdk]") {
  const SdkProfile& old = *find_sdk_profile("posthog-js@1.200");
  CHECK(old.plan.moves_time);
  CHECK(old.plan.retry_grid == 3 * second);
  CHECK(old.evidence.at("retry_grid") == SdkEvidence::measured);
  CHECK(old.plan.profile == "posthog-js@1.200");
}

TEST_CASE("amplitude's first retry follows the flush interval of the scenario", "[scenario][sdk]") {
  const Loaded loaded = load_patched(
      R"({"sdk": {"server": {"profile": "amplitude-node@1.5", "flush_interval": "500ms"}}})");
  CHECK(loaded.scenario.server_sdk.first_retry_high == 500 * millisecond);
  CHECK(find_sdk_profile("amplitude-node@1.5")->plan.first_retry_high == 10 * second);
}

TEST_CASE("a vendor's own event names select the plan's actions", "[scenario][sdk]") {
  const auto loaded = load_text(shop_json());
  const Scenario& shop = loaded.scenario;
  for (std::uint16_t i = 0; i < shop.plan.actions.size(); ++i)
    CHECK(shop.client_sdk.is_immediate(i) == (shop.plan.actions[i].name == "page_view"));
  CHECK_FALSE(shop.server_sdk.is_immediate(0));
}

TEST_CASE("mistakes in a profile are named with the key that was meant", "[scenario][sdk]") {
  constexpr std::string_view head = R"({"side": "client", "about": "a", "source": "b", )";
  CHECK(complaint(std::string(head) + R"("numbers": {}})").empty());
  CHECK(complaint(std::string(head) + R"("numbers": {"mesured": {}}})")
            .find("did you mean measured?") != std::string::npos);
  CHECK(complaint(std::string(head) + R"("numbers": {"docs": {"flush": 3}}})")
            .find("/numbers/docs/flush") != std::string::npos);
  CHECK(complaint(std::string(head) + R"("like": "posthog-js@1.44", "numbers": {}})")
            .find("did you mean posthog-js@1.449?") != std::string::npos);
  CHECK(complaint(std::string(head) +
                  R"("numbers": {"docs": {"flush_at": 3}, "source": {"flush_at": 3}}})")
            .find("each key once") != std::string::npos);
  CHECK(complaint(R"({"side": "client"})").find("no \"about\"") != std::string::npos);
}

TEST_CASE("statuses are numbers and ranges, and read back as they are shown", "[scenario][sdk]") {
  StatusSet set;
  CHECK(set.text() == "none");
  CHECK(set.add("429"));
  CHECK(set.add("500..502"));
  CHECK(set.add("430"));
  CHECK(set.text() == "429 430 500..502");
  for (const char* wrong : {"99", "600", "500..400", "5xx", "500..", ""}) {
    CAPTURE(wrong);
    CHECK_FALSE(set.add(wrong));
  }
  CHECK_FALSE(set.has(0));
  CHECK_FALSE(set.has(65'535));
}
