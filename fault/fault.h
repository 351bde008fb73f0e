// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
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
/// are three kinds of effect with an interface each: on an emission before the SDK queues it, on an
/// attempt on the wire, and on what holds the SDK, a page or a server process.
/// To add one: fault/emission/NAME.cpp, fault/wire/NAME.cpp (fault/pipeline/NAME.cpp where it is
/// the pipeline that breaks) or fault/host/NAME.cpp, and its line in faults.inc.
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
  /// Of those, whether it has on this one, with the draw that `apply` would get; asked only where
  /// `reach` says `looks_closer`.
  virtual bool reaches(const Emission&, Prng) const { return true; }
  /// Most items that one call appends.
  virtual std::size_t most() const { return 1; }
};

/// One attempt before the wire's faults.
struct Attempt {
  const Emission& first;     ///< Of the batch: its user, device and traits stand for it.
  std::uint16_t number = 1;  ///< 1 for the first try.
  std::uint16_t size = 1;    ///< Emissions.
  SimTime at;                ///< True time of sending.
};

/// What the wire does to one attempt; starts as "nothing".
struct WireFate {
  Strike strike = Strike::none;
  bool silent = false;       ///< Nothing says that it was struck: the sender waits for its timeout.
  Micros delay = 0;          ///< Arrives so much later, >= 0; adds up over faults.
  Micros answer_delay = 0;   ///< Its answer comes so much later, >= 0; adds up over faults.
  std::uint16_t answer = 0;  ///< For Strike::answered.
  Micros retry_after = 0;    ///< The same: what its Retry-After says; 0: it has none.
  /// Where the target takes it, the sender sees this status; 0: the target's own.
  std::uint16_t odd_status = 0;
  bool odd_body = false;  ///< And a body that its collector would not answer.
  /// The request reaches the target once more, so much after it arrived first; nobody waits for
  /// that answer.
  std::optional<Micros> again;
  std::uint64_t again_by = 0;      ///< The fault that did this, as a bit; set by the chain.
  bool again_states_time = false;  ///< As a request of its own, with a sent_at of its own.
  /// So many of the batch's last emissions are turned away with `left_status` in the target's
  /// place; less than all.
  std::uint16_t left_out = 0;
  std::uint16_t left_status = 0;
  std::uint64_t left_by = 0;  ///< As `again_by`.
  bool left_again = false;    ///< The answer asks for them once more; otherwise they are dropped.
};

/// What a sender may: so many attempts in each span from `start` on.
struct Quota {
  SimTime start;
  Micros span = 0;  ///< Above 0.
  std::uint64_t attempts = 0;
};

/// Changes what happens to one attempt. Faults later in the scenario see what earlier ones did to
/// `fate`; an attempt already struck is offered only to those that delay.
class WireEffect {
 public:
  virtual ~WireEffect() = default;
  virtual void apply(const Attempt& attempt, Prng draw, WireFate& fate) const = 0;
  /// Whether it has anything to change on this attempt, with the draw that `apply` would get; asked
  /// only where it `looks_closer`.
  virtual bool reaches(const Attempt&, Prng) const { return true; }
  virtual bool looks_closer() const { return false; }
  /// Only adds to `fate.delay` and never sets `fate.strike`.
  virtual bool delays() const { return false; }
  /// Where it has one, only what a device or a server host sends beyond it is struck; the chain
  /// counts what the selector lets through.
  virtual std::optional<Quota> quota() const { return std::nullopt; }
};

/// Where a host fault strikes.
enum class HostPoint : std::uint8_t {
  start,    ///< While the SDK is not there yet.
  storage,  ///< What earlier pages left on the device.
  end,      ///< What waits in the queue.
};

/// What becomes of a page or a server process; starts as "nothing".
struct HostFate {
  Micros ready_after = 0;   ///< Its SDK is there so long after it began; before, events are lost,
  bool calls_wait = false;  ///< or captured then.
  SimTime wiped = no_time;  ///< What was kept on the device before is gone.
  Micros loses_last = 0;    ///< At its end, what was queued within so much before is lost.
  SimTime ends = end_of_time;  ///< A process only: it ends then, and another one begins.
  /// Bit i: fault i did so. By HostPoint; set by the chain.
  std::array<std::uint64_t, 3> struck{};

  std::uint64_t struck_at(HostPoint point) const { return struck[static_cast<std::size_t>(point)]; }
};

/// Changes what becomes of a page or a process; decided when it begins. What it strikes are the
/// emissions that are lost by it. No mutable state: same input, same output.
class HostEffect {
 public:
  virtual ~HostEffect() = default;
  virtual HostPoint point() const = 0;
  /// `at`: when the host begins.
  virtual void apply(SimTime at, Prng draw, HostFate& fate) const = 0;
};

/// What an effect's maker gets besides its parameters.
struct FaultContext {
  const Scenario& scenario;
  SimTime start;  ///< scenario.time.start
};

/// The catalogue: kinds with their parameters, for the loader, the schema and the documentation.
std::span<const FaultKind> fault_kinds();
/// Null where there is no such kind.
const FaultKind* find_fault_kind(std::string_view kind);
/// Where the plan's fault strikes; see FaultKind. Empty where it is of no kind.
std::span<const StrikePlace> places_of(const FaultPlan& plan);
/// Whether that is something of this sort, at any of them.
bool meets(const FaultPlan& plan, StrikePlace::Meets what);
/// The side that a kind strikes where its plan names none; nothing: both.
std::optional<Source> default_side(std::string_view kind);

/// One of the effects, for the plan's kind; a wiped storage has one on emissions and one on hosts.
struct MadeFault {
  std::unique_ptr<EmissionEffect> emission;
  std::unique_ptr<WireEffect> wire;
  std::unique_ptr<HostEffect> host;
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
