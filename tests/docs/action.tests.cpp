// SPDX-License-Identifier: Apache-2.0
// The GitHub action's script, with files in the place of GitHub's.
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

struct Step {
  int code = -1;
  std::string summary, outputs, log;
};

Step act(const std::string& inputs) {
  const TempFolder folder;
  const Output output = shell(
      "export PARALLAX GITHUB_ACTIONS=true GITHUB_STEP_SUMMARY=$PWD/summary "
      "GITHUB_OUTPUT=$PWD/outputs INPUT_REPORTS=reports " +
          inputs + "; exec '" + source(".github/actions/parallax/run").string() + "'",
      folder.path());
  return {output.code, read_file(folder / "summary"), read_file(folder / "outputs"),
          output.out + output.err};
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const std::string plain = source("scenarios/smoke/plain.json").string();
const std::string cart = source("scenarios/examples/double-fired-cart.json").string();

}  // namespace

TEST_CASE("the action passes where the run passes, with a summary and no annotation",
          "[docs][action]") {
  const Step step = act("INPUT_SCENARIOS='" + plain + "'");
  INFO(step.log);
  CHECK(step.code == 0);
  CHECK(step.outputs == "verdict=pass\n");
  CHECK(has(step.summary, "## pass: plain, seed 1"));
  CHECK_FALSE(has(step.log, "::error"));
}

TEST_CASE("the action fails with the worst of several runs, and annotates it", "[docs][action]") {
  const Step step = act("INPUT_SCENARIOS='" + plain + " " + cart +
                        "' INPUT_ARGUMENTS='--bug no_dedupe --set /population/users=150'");
  INFO(step.log);
  CHECK(step.code == 1);
  CHECK(step.outputs == "verdict=fail\n");
  CHECK(has(step.summary, "fail: double-fired-cart"));
  CHECK(has(step.log, "::error file="));
  CHECK(has(step.log, "double-fired-cart%3A"));
}

TEST_CASE("the action says no verdict where nothing was judged", "[docs][action]") {
  const Step step = act("INPUT_SCENARIOS=no-such-file.json");
  CHECK(step.code == 4);
  CHECK(step.outputs == "verdict=\n");
}

}  // namespace parallax::test
