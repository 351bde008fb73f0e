// SPDX-License-Identifier: Apache-2.0
#include "tests/scenario/support.h"

using namespace parallax;
using namespace parallax::test;

namespace {

Loaded load(const std::filesystem::path& file) {
  return load_scenario(file, {{}, SimTime{}, fault_table()});
}

}  // namespace

TEST_CASE("a variant is the base with a merge patch on top", "[scenario][extends]") {
  const TemporaryFolder folder;
  folder.write("examples/small.json", small_json());
  const auto file = folder.write("fault/less.json", R"({
    "extends": "../examples/small.json", "name": "less",
    "population": { "users": 5, "context": null },
    "actions": { "buy": { "fields": { "coupon": null, "revenue": { "value": 9.99 } } } } })");
  const Loaded loaded = load(file);
  CHECK(texts_of(loaded.problems) == "");
  CHECK(loaded.scenario.name == "less");
  CHECK(loaded.scenario.population.users == 5);
  CHECK(loaded.scenario.plan.traits.size() == 1);
  REQUIRE(loaded.scenario.plan.actions[1].fields.size() == 2);
  CHECK(loaded.scenario.actions[1].fields[1].low == 999);
  CHECK(loaded.scenario.effective_json.find("extends") == std::string::npos);
}

TEST_CASE("a mistake in the base is blamed on the base", "[scenario][extends]") {
  const TemporaryFolder folder;
  const auto base = folder.write("base.json", R"({"name": "base", "sede": 1, "seed": 0.5})");
  const auto file = folder.write("top.json", R"({"extends": "base.json", "bout": "x"})");
  const Loaded loaded = load(file);
  const std::string all = texts_of(loaded.problems);
  CHECK(all.find(base.string() + ": /sede: found \"sede\"") != std::string::npos);
  CHECK(all.find(base.string() + ": /seed: found 0.5") != std::string::npos);
  CHECK(all.find(file.string() + ": /bout: found \"bout\"") != std::string::npos);
}

TEST_CASE("a circle of extends is refused", "[scenario][extends]") {
  const TemporaryFolder folder;
  folder.write("a.json", R"({"extends": "b.json"})");
  const auto b = folder.write("b.json", R"({"extends": "./a.json"})");
  const Loaded loaded = load(b);
  CHECK(texts_of(loaded.problems) ==
        (folder.path() / "a.json").string() +
            ": /extends: found \"b.json\", expected a file that does not extend this one in turn");
}

TEST_CASE("a chain of more than 8 files is refused", "[scenario][extends]") {
  const TemporaryFolder folder;
  for (int i = 1; i < 9; ++i)
    folder.write(std::to_string(i) + ".json",
                 R"({"extends": ")" + std::to_string(i + 1) + R"(.json"})");
  folder.write("9.json", small_json());
  CHECK(texts_of(load(folder.path() / "1.json").problems).find("at most 8 files that extend") !=
        std::string::npos);
  CHECK(load(folder.path() / "2.json").ok());
}

TEST_CASE("a missing file and a missing base are told by name", "[scenario][extends]") {
  const TemporaryFolder folder;
  const auto missing = folder.path() / "none.json";
  CHECK(texts_of(load(missing).problems) ==
        missing.string() +
            ": found a file that cannot be read, expected a scenario file (No such file or "
            "directory)");
  const auto file = folder.write("top.json", R"({"extends": "none.json"})");
  CHECK(texts_of(load(file).problems) ==
        file.string() +
            ": /extends: found \"none.json\", expected a scenario file that can be read "
            "(No such file or directory)");
  CHECK(texts_of(load(folder.path()).problems).find("(no file)") != std::string::npos);
}

TEST_CASE("null takes a member back to its default, in a variant and in a whole scenario",
          "[scenario][extends]") {
  const Loaded loaded = load_text(small_json(), {{"/seed", "7"}, {"/seed", "null"}});
  CHECK(texts_of(loaded.problems) == "");
  CHECK(loaded.scenario.seed == 1);
}
