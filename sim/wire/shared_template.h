// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/event.h"
#include "sim/core/tracking_plan.h"
#include "sim/wire/piece.h"

/// The constant texts of the shared format's events, ready to be copied: what shared.cpp fills in.
namespace parallax::shared_text {

constexpr std::size_t uuid_length = 36;
constexpr std::string_view id_key = ",\"event_id\":\"";
constexpr std::string_view user_key = ",\"user_id\":\"u-";

/// A business field, ready to be written.
struct Field {
  std::size_t index = 0;  ///< In Action::values and Emission::forms.
  FieldType type = FieldType::string;
  TextForm::Kind text = TextForm::Kind::list;
  Piece key;                 ///< ,"sku":
  Piece open;                ///< The key with the quote and the prefix of a text: ,"sku":"sku-
  std::vector<Piece> texts;  ///< list: escaped, with the closing quote.
  std::size_t longest = 0;   ///< Most bytes with the key.
};

/// What one side sends for one action type.
struct Template {
  Piece name;        ///< {"event_name":"purchase"
  Piece usual_open;  ///< From there to the user's number, with blanks for a UUID at `id_at`.
  std::size_t id_at = 0;
  Piece source;  ///< ,"source":"client","schema_version":
  /// From the side's time, blanks at `time_at`, up to the page, of what is usual.
  Piece usual_state;
  std::size_t time_at = 0;
  /// The small fields of what is usual, nearly everything: of this side, with a normal id, sent for
  /// the first time, in the plan's version, and plain. And the bits of them that matter.
  std::uint64_t usual_fields = 0, usual_mask = 0;
  bool states_currency = false;
  std::vector<Field> beside;  ///< Money that stands beside `currency`: revenue, then tax.
  std::vector<Field> properties;

  bool is_bare() const { return !states_currency && properties.empty(); }
  /// With consent and with its own time alone, besides.
  bool is_usual(const Emission& emission) const;
  /// Most bytes of an event but for its context and its currency.
  std::size_t longest() const;
};

/// `queued`: from the delivery status up to the page.
Template compile(const ActionPlan& action, Source side, const std::string& queued);

/// From `source` to `retry_count`, as they lie in memory.
inline std::uint64_t small_fields(const Emission& emission) {
  static_assert(offsetof(Emission, forms) == offsetof(Emission, source) + sizeof(std::uint64_t));
  std::uint64_t fields = 0;
  std::memcpy(&fields, reinterpret_cast<const char*>(&emission) + offsetof(Emission, source),
              sizeof fields);
  return fields;
}

inline bool Template::is_usual(const Emission& emission) const {
  const bool is_client = emission.source == Source::client;
  const SimTime own = is_client ? emission.client_ts : emission.server_ts;
  const SimTime foreign = is_client ? emission.server_ts : emission.client_ts;
  return (small_fields(emission) & usual_mask) == usual_fields && own != no_time &&
         foreign == no_time && emission.seen.consent == Consent::granted;
}

}  // namespace parallax::shared_text
