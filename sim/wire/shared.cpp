// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/shared.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <string>
#include <vector>

#include "sim/core/digits.h"
#include "sim/core/money.h"
#include "sim/wire/context_texts.h"
#include "sim/wire/json_text.h"
#include "sim/wire/shared_odd.h"
#include "sim/wire/shared_template.h"

namespace parallax {
namespace {

using json::copy;
using shared_text::Field;
using shared_text::id_key;
using shared_text::Template;
using shared_text::user_key;
using shared_text::uuid_length;

/// From behind the user's number to the sequence number; blanks where ids are patched in.
constexpr std::string_view who =
    "\",\"device_id\":\"d-                \",\"session_id\":\"s-                "
    "\",\"sequence_id\":";
constexpr std::size_t device_at = who.find("d-") + 2;
constexpr std::size_t session_at = who.find("s-  ") + 2;

/// A number or boolean, without quotes.
char* write_bare(FieldType type, std::int64_t value, int exponent, char* out) {
  switch (type) {
    case FieldType::integer:
      return json::write_integer(value, out);
    case FieldType::number:
      return json::write_millionths(value, out);
    case FieldType::money:
      return write_money(value, exponent, out);
    case FieldType::boolean:
      return value != 0 ? copy("true", out) : copy("false", out);
    case FieldType::string:
      break;
  }
  assert(false);
  return out;
}

/// The text behind the field's `open`, with its closing quote.
char* write_text(const Field& field, std::int64_t value, char* out) {
  switch (field.text) {
    case TextForm::Kind::list:
      assert(value >= 0 && static_cast<std::size_t>(value) < field.texts.size());
      return field.texts[static_cast<std::size_t>(value)].put(out);
    case TextForm::Kind::numbered:
      out = json::write_integer(value, out);
      break;
    case TextForm::Kind::hex:
      out = write_hex16(static_cast<std::uint64_t>(value), out);
      break;
  }
  *out++ = '"';
  return out;
}

char* write_field(const Field& field, FieldForm form, std::int64_t value, int exponent, char* out) {
  assert(form <= FieldForm::minor_units);  // The others are odd, or rows only.
  if (form == FieldForm::absent) return out;
  if (form == FieldForm::null) return copy("null", field.key.put(out));
  out = field.open.put(out);
  if (field.type == FieldType::string) return write_text(field, value, out);
  const int places = form == FieldForm::minor_units ? 0 : exponent;
  if (form == FieldForm::as_text) *out++ = '"';
  out = write_bare(field.type, value, places, out);
  if (form == FieldForm::as_text) *out++ = '"';
  return out;
}

/// From the beginning up to the user's number.
char* write_open(const Template& made, const Emission& emission, char* out) {
  if (emission.id_form == IdForm::absent) return copy(user_key, made.name.put(out));
  if (emission.id_form == IdForm::empty) {
    out = copy(id_key, made.name.put(out));
    *out++ = '"';
    return copy(user_key, out);
  }
  assert(emission.id_form != IdForm::foreign);  // rows only
  char* const id = out + made.id_at;
  out = made.usual_open.put(out);
  if (emission.id_form == IdForm::placeholder) {
    Uuid{}.write(id);
    return out;
  }
  write_uuid(emission.event_id.high, emission.event_id.low, id);
  if (emission.id_form == IdForm::upper_case) {
    std::transform(id, id + uuid_length, id,
                   [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
  }
  return out;
}

[[gnu::always_inline]] inline char* write_who(const Action& seen, char* out) {
  out = write_usual_decimal(seen.user, out);
  copy(who, out);
  write_hex16(seen.device, out + device_at);
  write_hex16(seen.session, out + session_at);
  return write_decimal(seen.sequence, out + who.size());
}

/// Of what is usual: up to the page.
[[gnu::always_inline]] inline char* write_usual(const Template& made, const Emission& emission,
                                                char* out) {
  char* const id = out + made.id_at;
  out = made.usual_open.put_long(out);
  write_uuid(emission.event_id.high, emission.event_id.low, id);
  out = write_who(emission.seen, out);
  char* const time = out + made.time_at;
  out = made.usual_state.put_long(out);
  const bool is_client = emission.source == Source::client;
  write_rfc3339(is_client ? emission.client_ts : emission.server_ts, time);
  return out;
}

char* write_time(SimTime time, char* out) {
  write_rfc3339(time, out);
  out[rfc3339_length] = '"';
  return out + rfc3339_length + 1;
}

class SharedFormat final : public WireFormat {
 public:
  SharedFormat(const TrackingPlan& plan, std::string_view run_id) : odd_(plan, run_id) {
    for (const CurrencyPlan& currency : plan.currencies) {
      currencies_.emplace_back(",\"currency\":" + json::quoted(currency.code));
      exponents_.push_back(currency.exponent);
    }
    context_ = context_texts(plan);
    const std::string rest = ",\"run_id\":" + json::quoted(run_id) + ",\"context\":{\"page\":";
    const std::string queued = ",\"delivery_status\":\"queued\"" + rest;
    queued_ = Piece(queued);
    retrying_ = Piece(",\"delivery_status\":\"retrying\"" + rest);
    for (const ActionPlan& action : plan.actions)
      for (const Source side : both_sources)
        templates_.push_back(shared_text::compile(action, side, queued));
    measure();
  }

  void begin_batch(TextBuffer& body) const override { body.append("{\"batch\":["); }

  void add_event(const Emission& emission, TextBuffer& body) const override {
    char* const end = write_event(emission, body.room(event_room()));
    *end = ',';
    body.end_at(end + 1);
  }

  void end_batch(SimTime sent_at, TextBuffer& body) const override {
    if (body.text().back() == ',') body.drop_last();
    body.append("]");
    if (sent_at != no_time) {
      body.append(",\"sent_at\":\"");
      body.end_at(write_time(sent_at, body.room(rfc3339_length + 1)));
    }
    body.append("}");
  }

  char* write_event(const Emission& emission, char* out) const override {
    const Template& made = template_of(emission);
    [[maybe_unused]] const char* const start = out;
    if (made.is_usual(emission)) [[likely]] {
      out = write_usual(made, emission, out);
    } else if (emission.is_plain()) {
      out = write_unusual(made, emission, out);
    } else {
      return write_odd(emission, out);
    }
    for (const ContextTexts& some : context_) out = some.put(emission.seen, out);
    out = made.is_bare() ? copy("},\"properties\":{}}", out) : write_business(made, emission, out);
    assert(out <= start + longest_);
    return out;
  }

  std::size_t event_room() const override { return longest_ + Piece::slack; }

  std::string_view content_type() const override { return "application/json"; }
  std::string_view path() const override { return "/v1/events"; }

 private:
  [[gnu::noinline]] char* write_odd(const Emission& emission, char* out) const {
    std::string text;
    odd_.append(emission, text);
    assert(text.size() <= longest_);
    return copy(text, out);
  }

  void measure() {
    longest_ = odd_.longest();
    std::size_t common = retrying_.size();
    for (const Piece& currency : currencies_)
      common = std::max(common, retrying_.size() + currency.size());
    for (const ContextTexts& some : context_) common += some.room;
    for (const Template& made : templates_) longest_ = std::max(longest_, common + made.longest());
  }

  const Template& template_of(const Emission& emission) const {
    const std::size_t side = emission.source == Source::client ? 0 : 1;
    return templates_[std::size_t{emission.seen.type} * both_sources.size() + side];
  }

  /// Up to the page, of what is plain in some other way than the usual.
  [[gnu::noinline]] char* write_unusual(const Template& made, const Emission& emission,
                                        char* out) const {
    out = write_who(emission.seen, write_open(made, emission, out));
    if (emission.client_ts != no_time)
      out = write_time(emission.client_ts, copy(",\"client_ts\":\"", out));
    if (emission.server_ts != no_time)
      out = write_time(emission.server_ts, copy(",\"server_ts\":\"", out));
    out = write_decimal(emission.schema_version, made.source.put(out));
    const bool granted = emission.seen.consent == Consent::granted;
    out = granted ? copy(",\"consent_state\":\"granted\",\"retry_count\":", out)
                  : copy(",\"consent_state\":\"denied\",\"retry_count\":", out);
    out = write_decimal(emission.retry_count, out);
    return (emission.retry_count == 0 ? queued_ : retrying_).put(out);
  }

  char* write_business(const Template& made, const Emission& emission, char* out) const {
    int exponent = 0;
    *out++ = '}';
    if (made.states_currency) {
      assert(emission.seen.currency < currencies_.size());
      exponent = exponents_[emission.seen.currency];
      out = currencies_[emission.seen.currency].put(out);
    }
    out = write_fields(made.beside, emission, exponent, out);
    out = copy(",\"properties\":", out);
    char* const first = out;
    out = write_fields(made.properties, emission, exponent, out);
    if (out == first) ++out;
    *first = '{';  // where the first field, if any, has put its comma
    return copy("}}", out);
  }

  static char* write_fields(const std::vector<Field>& fields, const Emission& emission,
                            int exponent, char* out) {
    for (const Field& field : fields) {
      out = write_field(field, emission.forms[field.index], emission.seen.values[field.index],
                        exponent, out);
    }
    return out;
  }

  OddEvents odd_;
  std::vector<Template> templates_;  ///< Index: action type x side.
  std::vector<Piece> currencies_;    ///< ,"currency":"USD"
  std::vector<int> exponents_;
  std::vector<ContextTexts> context_;
  Piece queued_;  ///< From delivery_status up to the page.
  Piece retrying_;
  std::size_t longest_ = 0;  ///< Most bytes of any event.
};

}  // namespace

std::unique_ptr<WireFormat> make_shared_format(const TrackingPlan& plan, std::string_view run_id) {
  return std::make_unique<SharedFormat>(plan, run_id);
}

}  // namespace parallax
