// SPDX-License-Identifier: Apache-2.0
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

const std::string folder_option = source("scenarios").string();

Output show(std::vector<std::string> words) {
  words.insert(words.begin(), {"scenarios", "show"});
  words.insert(words.end(), {"--in", folder_option});
  return parallax(words);
}

}  // namespace

TEST_CASE("a scenario is shown by its name and by its file alike", "[run][cli][show]") {
  const Output by_name = show({"bank"});
  INFO(by_name.err);
  CHECK(by_name.code == 0);
  CHECK(by_name.out.rfind("bank\n", 0) == 0);
  CHECK(by_name.out.find("Process clearing: the server's, after each transfer") !=
        std::string::npos);
  CHECK(show({source("scenarios/examples/bank.json").string()}).out == by_name.out);
  const Output fewer = show({"bank", "--set", "/population/users=7"});
  CHECK(fewer.out.find("\n  7 users, ") != std::string::npos);
}

TEST_CASE("the drawing goes into a file or to standard output", "[run][cli][show]") {
  const TempFolder folder;
  const std::string file = (folder / "shop.svg").string();
  const Output written = show({"shop", "--svg", file});
  CHECK(written.code == 0);
  CHECK(written.out == file + "\n");
  const Output printed = show({"shop", "--svg", "-"});
  CHECK(printed.out == read_file(file));
  CHECK(printed.out.find("<svg ") != std::string::npos);
  const Output nowhere = show({"shop", "--svg", (folder / "no/such/folder.svg").string()});
  CHECK(nowhere.code == 3);
  CHECK(nowhere.err.find("folder.svg") != std::string::npos);
}

TEST_CASE("a scenario that is not there is told with the nearest that is", "[run][cli][show]") {
  const Output wrong = show({"bnak"});
  CHECK(wrong.code == 4);
  CHECK(wrong.err ==
        "parallax: found \"bnak\", expected a scenario file or the name of one below " +
            folder_option + " (did you mean bank?)\n");
  CHECK(show({"quite-another"}).err.find("parallax scenarios lists them") != std::string::npos);
  CHECK(show({}).code == 4);
  const TempFolder folder;
  for (const char* part : {"a", "b"}) {
    std::filesystem::create_directory(folder / part);
    write_file(folder / part / "shop.json", "{}");
  }
  const Output two = parallax({"scenarios", "show", "shop", "--in", folder.path().string()});
  CHECK(two.code == 4);
  CHECK(two.err.find("several scenarios") != std::string::npos);
}

TEST_CASE("what cannot be loaded or made is an error of the scenario", "[run][cli][show]") {
  const Output unknown = show({"bank", "--set", "/faults/0/fault=ad_blok"});
  CHECK(unknown.code == 4);
  CHECK(unknown.err.find("did you mean ad_block?") != std::string::npos);
  const Output unmade = show({"bank", "--set", "/faults/0/per=session"});
  CHECK(unmade.code == 4);
  CHECK(unmade.err.find("a blocker is there or not") != std::string::npos);
}

TEST_CASE("show explains itself, and the list of scenarios still lists", "[run][cli][show]") {
  const Output help = parallax({"scenarios", "show", "--help"});
  CHECK(help.code == 0);
  CHECK(help.out.find("Examples:") != std::string::npos);
  CHECK(parallax({"scenarios", folder_option}).out.find("bank.json") != std::string::npos);
}

}  // namespace parallax::test
