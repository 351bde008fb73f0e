// SPDX-License-Identifier: Apache-2.0
// One stage, run once for callgrind: `bench/instructions` starts it with collection switched on
// inside `counted_run` only, and divides by the number that it prints.
#include <cstdio>
#include <string_view>

#include "bench/stage.h"

namespace parallax::bench {

/// Its name is what callgrind looks for: no inlining, no clone under another name.
[[gnu::noinline, gnu::noclone]] std::uint64_t counted_run(Stage& stage) { return stage.run(); }

}  // namespace parallax::bench

int main(int argc, char** argv) {
  using namespace parallax::bench;
  const StageList stages = all_stages();
  const std::string_view wanted = argc == 2 ? argv[1] : "";
  for (const StageMaker& maker : stages) {
    if (wanted == "--list") std::printf("%s\n", maker.name.c_str());
    if (maker.name != wanted) continue;
    const std::unique_ptr<Stage> stage = maker.make();
    stage->run();  // The first run grows buffers; the one that counts is the second.
    std::printf("%llu %s\n", static_cast<unsigned long long>(counted_run(*stage)),
                maker.item.c_str());
    return 0;
  }
  if (wanted == "--list") return 0;
  std::fprintf(stderr, "usage: stages_counted STAGE; `stages_counted --list` names them\n");
  return 4;
}
