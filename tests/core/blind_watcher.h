// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sim/core/ledger_codec.h"

namespace parallax::test {

/// For who only wants the lanes of a split journal.
class BlindWatcher final : public ledger_codec::LaneSplitter::Watcher {
  void see_action() override {}
  void see_emission(LaneIndex, Uuid, IdForm, Fate) override {}
  void see_attempt(const ledger_codec::AttemptTail&) override {}
  void see_receipt(const ReceiptRecord&) override {}
  void see_abandon() override {}
};

}  // namespace parallax::test
