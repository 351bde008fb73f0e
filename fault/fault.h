// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "sim/core/event.h"
#include "sim/core/ledger.h"
#include "sim/core/prng.h"
#include "sim/core/result.h"
#include "sim/scenario/load.h"
#include "sim/scenario/scenario.h"

/// A fault = a selector (who is hit, when: chain.h) x an effect (what happens: this file). There
/// are two kinds of effect with an interface each: on an emission before the SDK queues it, and on
/// an attempt on the wire.
/// To add one: fault/emission/NAME.cpp or fault/wire/NAME.cpp, and its line in faults.inc.
namespace parallax {

/// What becomes of one struck emission: zero (lost), one or many. A small bounded list, reused.
struct Captures {
  struct Item {
    Emission emission;
    Micros later = 0;  ///< Captured so much later than the input; >= 0.
  };
  std::vector<Item> items;
};

/// Which emissions an effect can change.
struct Reach {
  Withheld withheld = Withheld::no;  ///< Those withheld for this reason, or for none.
  bool looks_closer = false;
};

/// Changes what one emission turns into at capture.
/// - `apply` appends zero, one or many items; it touches nothing already in `out`. Each keeps
///   `in.seen.id` and `in.source`. The first is the emission itself; the chain numbers the `copy`
///   of the others, because a fault before may have made copies too.
/// - All randomness comes from `draw`, which is keyed by the fault's name and by the selector's
///   scope: with scope `device`, every call for a device sees the same draws. An effect has no
///   mutable state. Same input, same output.
class EmissionEffect {
 public:
  virtual ~EmissionEffect() = default;
  virtual void apply(const Emission& in, Prng draw, Captures& out) const = 0;
  /// The emissions on which the effect has anything to change: the selector is asked only for
  /// them, so "struck" always means "did something". Default: whatever its side will send.
  virtual Reach reach() const { return {}; }
  /// Of those, whether it has on this one; asked only where `reach` says `looks_closer`.
  virtual bool reaches(const Emission&) const { return true; }
  /// Most items that one call appends.
  virtual std::size_t most() const { return 1; }
};

/// What the wire does to one attempt; starts as "nothing".
struct WireFate {
  Strike strike = Strike::none;
  Micros delay = 0;          ///< Arrives so much later, >= 0; adds up over faults.
  std::uint16_t answer = 0;  ///< For Strike::answered.
  Micros retry_after = 0;    ///< The same: what its Retry-After says; 0: it has none.
  /// Where the target takes it, the sender sees this status; 0: the target's own.
  std::uint16_t odd_status = 0;
  bool odd_body = false;  ///< And a body that its collector would not answer.
};

/// Changes what happens to one attempt. `first` is an emission of the batch (its user, device and
/// traits stand for the batch); `number` is 1 for the first try. Faults later in the scenario see
/// what earlier ones did to `fate`; an attempt already struck is offered only to those that delay.
class WireEffect {
 public:
  virtual ~WireEffect() = default;
  virtual void apply(const Emission& first, std::uint16_t number, Prng draw,
                     WireFate& fate) const = 0;
  /// Only adds to `fate.delay` and never sets `fate.strike`.
  virtual bool delays() const { return false; }
};

/// What an effect's maker gets besides its parameters.
struct FaultContext {
  const Scenario& scenario;
  SimTime start;  ///< scenario.time.start
};

/// The catalogue: kinds with their parameters, for the loader, the schema and the documentation.
std::span<const FaultKind> fault_kinds();
/// The side that a kind strikes where its plan names none; nothing: both.
std::optional<Source> default_side(std::string_view kind);

/// Exactly one of the two effects, for the plan's kind.
struct MadeFault {
  std::unique_ptr<EmissionEffect> emission;
  std::unique_ptr<WireEffect> wire;
  /// Strikes this share where the plan's selector chooses nothing itself (ad_block), and reaches
  /// only what matches.
  std::optional<Ratio> rate = std::nullopt;
  Predicate where{};
};
/// Errors: a parameter or a part of the selector that this kind cannot use. `what` says what could
/// stand there, `where` is the key ("offset").
Result<MadeFault> make_fault(const FaultPlan& plan, const FaultContext& context);

/// Draws from a ParamValue: its number, or its distribution. Units as the value's.
std::int64_t draw_param(const ParamValue& value, Prng& draw);

}  // namespace parallax
