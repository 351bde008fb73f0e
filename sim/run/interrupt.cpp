// SPDX-License-Identifier: Apache-2.0
#include "sim/run/interrupt.h"

#include <unistd.h>

#include <csignal>

#include "sim/run/commands.h"

namespace parallax {
namespace {

std::atomic<int> interrupts{0};
static_assert(std::atomic<int>::is_always_lock_free, "the handler may only touch this");

void on_interrupt(int) {
  if (interrupts.fetch_add(1) > 0) ::_exit(exit_interrupted);
}

}  // namespace

const std::atomic<int>& watch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  return interrupts;
}

}  // namespace parallax
