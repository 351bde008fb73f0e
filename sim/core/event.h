// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "sim/core/id.h"
#include "sim/core/time.h"
#include "sim/core/tracking_plan.h"

namespace parallax {

enum class Consent : std::uint8_t { granted, denied };
constexpr std::string_view name_of(Consent c) {
  return c == Consent::granted ? "granted" : "denied";
}

/// How a field stands in an emission or a row, when it is not simply there.
enum class FieldForm : std::uint8_t {
  absent,       ///< The key is missing.
  present,      ///< The value as planned.
  null,         ///< The key is there, the value is JSON null.
  as_text,      ///< A number sent as a string.
  minor_units,  ///< Money sent in minor units without a decimal point.
  renamed,      ///< The value as planned, under FieldPlan::other_name.
  truncated,    ///< A string cut to FieldPlan::cut_to bytes.
  undefined,    ///< A string that is the text "undefined".
  other,        ///< Rows only: a value that does not read as the field's type.
  inexact,      ///< Rows only: a number with digits that the type has not; the nearest value.
};

std::string_view name_of(FieldForm f);

/// How the event id stands on the wire.
enum class IdForm : std::uint8_t {
  normal,
  absent,       ///< No `event_id` key, or null.
  empty,        ///< "".
  placeholder,  ///< The zero UUID.
  upper_case,   ///< The same id in capitals.
  foreign,      ///< Rows only: a text that is no UUID.
};
constexpr bool identifies(IdForm f) { return f == IdForm::normal || f == IdForm::upper_case; }

/// How the user stands in an emission.
enum class UserForm : std::uint8_t {
  normal,     ///< "u-17".
  absent,     ///< No `user_id` key.
  digits,     ///< "17".
  capitals,   ///< "USER-17".
  anonymous,  ///< The device's id: who it is has not been said.
  minted,     ///< An id that the side made up for the session: "anon-" + 16 hex digits.
};
std::string_view name_of(UserForm f);

/// One thing a user really did at one true instant: the fact. Plain value, no pointers.
struct Action {
  ActionId id;
  SimTime at;                  ///< True simulated time.
  std::uint64_t device = 0;    ///< Written as "d-" + 16 hex digits.
  std::uint64_t session = 0;   ///< Written as "s-" + 16 hex digits.
  std::uint32_t user = 0;      ///< Written as "u-" + decimal digits.
  std::uint32_t sequence = 0;  ///< 1, 2, ... within the session.
  std::uint16_t type = 0;      ///< Index into TrackingPlan::actions.
  std::uint16_t page = 0;      ///< Index into TrackingPlan::pages.
  std::uint8_t currency = 0;   ///< Index into TrackingPlan::currencies.
  Consent consent = Consent::granted;
  bool sampled = true;   ///< False: the user is outside the sample, nobody may emit.
  bool refused = false;  ///< The backend refused the attempt: the fact did not happen.
  std::array<std::uint16_t, max_traits> traits{};  ///< Index into TraitPlan::values.
  std::array<std::int64_t, max_fields> values{};   ///< By FieldPlan index; meaning by its type.
};

/// Why an emission is not to be sent although the action's plan names its side.
enum class Withheld : std::uint8_t { no, consent, sampling, refused };
std::string_view name_of(Withheld w);

/// Which of an action's emissions. `copy` is 0 for the emission itself, 1.. for what faults added.
struct EmissionKey {
  ActionId action;
  Source source = Source::client;
  std::uint8_t copy = 0;
  friend auto operator<=>(const EmissionKey&, const EmissionKey&) = default;
};

/// One source's record of an action, as that side sees and sends it. Starts as the truth; faults
/// change it. Plain value: copied through queues, written to the ledger as bytes.
struct Emission {
  Action seen;  ///< What this side believes; `seen.at` stays the true instant.
  Uuid event_id;
  SimTime captured;             ///< True time at which this side's code captured it.
  SimTime client_ts = no_time;  ///< The device's clock at capture, ms; client emissions.
  SimTime server_ts = no_time;  ///< The backend's clock at capture, ms; server emissions.
  Micros clock_error = 0;       ///< This side's clock minus true time, at capture.
  std::uint64_t struck = 0;     ///< Bit i: fault i of the scenario struck this emission.
  std::uint64_t skipped = 0;    ///< Bit i: fault i looked at it and its selector passed it over.
  Source source = Source::client;
  std::uint8_t copy = 0;
  IdForm id_form = IdForm::normal;
  Withheld withheld : 2 = Withheld::no;
  UserForm user_form : 3 = UserForm::normal;
  bool other_name : 1 = false;     ///< Called ActionPlan::other_name.
  bool other_project : 1 = false;  ///< Sent with another project's key.
  /// A field is renamed, truncated or undefined, or stands where its side does not send it.
  bool odd_fields : 1 = false;
  std::uint16_t schema_version = 1;
  std::uint16_t retry_count = 0;  ///< Set by the SDK model on each attempt.
  std::array<FieldForm, max_fields> forms{};

  EmissionKey key() const { return {seen.id, source, copy}; }
  /// Written as the plan has it, but for ids, values, and fields left out, null or retyped: what
  /// the fast encoders know. Nearly every emission is.
  bool is_plain() const {
    return user_form == UserForm::normal && !other_name && !other_project && !odd_fields;
  }
};

/// Most faults a scenario may have: one bit each in `struck` and `skipped`.
constexpr std::size_t max_faults = 64;

/// Texts of the ids above, as they stand on the wire and in rows. Each writes and returns its end.
char* write_user_id(std::uint32_t user, char* out);        ///< At most 12 characters.
char* write_device_id(std::uint64_t device, char* out);    ///< 18 characters.
char* write_session_id(std::uint64_t session, char* out);  ///< 18 characters.
std::string user_id_text(std::uint32_t user);
std::string device_id_text(std::uint64_t device);
std::string session_id_text(std::uint64_t session);

/// What the emission says, in whatever form. The user: at most 21 characters, none when absent.
char* write_sent_user_id(const Emission& emission, char* out);
std::string sent_user_id(const Emission& emission);
const std::string& sent_name(const TrackingPlan& plan, const Emission& emission);
/// The text of a string field. Precondition: the form has a value.
std::string sent_text(const FieldPlan& field, FieldForm form, std::int64_t value);
constexpr std::string_view undefined_text = "undefined";
/// The run id under which the events of another project are kept: in its tables, not in the run's.
std::string other_project(std::string_view run_id);

}  // namespace parallax
