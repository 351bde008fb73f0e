// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace parallax {

/// What people see on stderr while something takes longer than a second: a bar on a terminal, a
/// plain line every five seconds elsewhere, nothing when quiet. Thread-safe.
class Progress {
 public:
  enum class Kind { none, plain, bar };
  /// Is told what is shown, whatever the kind; `progress` at most ten times a second.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void phase(std::string_view name) = 0;
    virtual void progress(double share, std::string_view text) = 0;
  };
  /// Chooses by whether stderr is a terminal.
  static Kind kind_for_stderr(bool quiet);
  explicit Progress(Kind kind) : kind_(kind) {}
  ~Progress() { finish(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `listener`, or null, must outlive this.
  void listen(Listener* listener) { listener_ = listener; }
  /// Begins a phase ("traffic", "read", ...); ends the one before.
  void phase(std::string_view name);
  /// `share` 0 .. 1 of the phase, and a short text such as "51,234 attempts, 48 k events/s".
  void update(double share, std::string_view text);
  /// Cleans the line.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  Kind kind_;
  std::mutex mutex_;
  std::string phase_;
  Clock::time_point phase_start_ = Clock::now();
  Clock::time_point shown_{};
  bool line_open_ = false;
  Listener* listener_ = nullptr;
  Clock::time_point told_{};
};

}  // namespace parallax
