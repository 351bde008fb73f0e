// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "tests/run/process.h"

namespace parallax::test {

/// A ClickHouse server of Debian 12's package (18.16) with a data folder of its own, on free ports
/// of 127.0.0.1. Its user `reader` has the password "open sesame" and may change no setting;
/// `default` has none. One for all tests of a program.
class ClickHouseServer {
 public:
  /// Whether the package is there: newer Debians have none.
  static bool is_installed();
  /// Started at the first call, stopped by its process id when the program ends.
  static const ClickHouseServer& instance();
  ~ClickHouseServer();
  ClickHouseServer(const ClickHouseServer&) = delete;
  ClickHouseServer& operator=(const ClickHouseServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// Runs one statement; the test fails where it is refused.
  std::string run(const std::string& statement) const;

 private:
  ClickHouseServer();

  TempFolder folder_;
  int port_ = 0;
  int pid_ = 0;
};

}  // namespace parallax::test
