// SPDX-License-Identifier: Apache-2.0
#include "sim/run/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace parallax {
namespace {

/// A reader of standard error that went away is no reason to end a run: nothing here may throw.
void say(const std::string& text) { std::fputs(text.c_str(), stderr); }

}  // namespace

Progress::Kind Progress::kind_for_stderr(bool quiet) {
  if (quiet) return Kind::none;
  return ::isatty(STDERR_FILENO) == 1 ? Kind::bar : Kind::plain;
}

void Progress::phase(std::string_view name) {
  finish();
  const std::lock_guard lock(mutex_);
  phase_ = name;
  phase_start_ = Clock::now();
  shown_ = phase_start_;
  told_ = {};
  if (listener_ != nullptr) listener_->phase(name);
}

void Progress::update(double share, std::string_view text) {
  using std::chrono::seconds;
  if (kind_ == Kind::none && listener_ == nullptr) return;
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  if (listener_ != nullptr && now - told_ >= std::chrono::milliseconds(100)) {
    told_ = now;
    listener_->progress(std::clamp(share, 0.0, 1.0), text);
  }
  if (kind_ == Kind::none) return;
  const auto pause = kind_ == Kind::bar ? std::chrono::milliseconds(200) : seconds(5);
  if (now - phase_start_ < seconds(1) || now - shown_ < pause) return;
  shown_ = now;
  share = std::clamp(share, 0.0, 1.0);
  const int percent = static_cast<int>(share * 100);
  if (kind_ == Kind::plain) {
    say(fmt::format("{}: {} %  {}\n", phase_, percent, text));
    return;
  }
  constexpr int width = 24;
  const auto filled = static_cast<std::size_t>(share * width);
  say(fmt::format("\r\x1b[K{:<8} [{}{}] {:>3} %  {}", phase_, std::string(filled, '#'),
                  std::string(width - filled, '.'), percent, text));
  std::fflush(stderr);
  line_open_ = true;
}

void Progress::finish() {
  const std::lock_guard lock(mutex_);
  if (line_open_) say("\r\x1b[K");
  line_open_ = false;
}

}  // namespace parallax
