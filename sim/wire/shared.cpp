// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/shared.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <string>
#include <vector>

#include "sim/core/digits.h"
#include "sim/core/money.h"
#include "sim/wire/json_text.h"
#include "sim/wire/piece.h"
#include "sim/wire/shared_odd.h"
#include "sim/wire/trait_texts.h"

namespace parallax {
namespace {

using json::copy;

constexpr std::size_t uuid_length = 36;
/// Room for what has a fixed longest text in any event: keys, ids, times, counts.
constexpr std::size_t envelope_longest = 512;

constexpr std::string_view id_key = ",\"event_id\":\"";
constexpr std::string_view user_key = ",\"user_id\":\"u-";
/// From behind the user's number to the sequence number; blanks where ids are patched in.
constexpr std::string_view who =
    "\",\"device_id\":\"d-                \",\"session_id\":\"s-                "
    "\",\"sequence_id\":";
constexpr std::size_t device_at = who.find("d-") + 2;
constexpr std::size_t session_at = who.find("s-  ") + 2;

/// ,"client_ts":"
std::string time_key(Source side) { return ",\"" + std::string(name_of(side)) + "_ts\":\""; }

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
  /// From the side's time, blanks at `time_at`, up to the page, of what is sent for the first time,
  /// with consent, with its own time alone, in the plan's version: of nearly everything.
  Piece usual_state;
  std::size_t time_at = 0;
  std::uint16_t usual_version = 1;
  bool states_currency = false;
  std::vector<Field> beside;  ///< Money that stands beside `currency`: revenue, then tax.
  std::vector<Field> properties;

  bool is_bare() const { return !states_currency && properties.empty(); }
};

Field field_of(std::size_t index, const FieldPlan& plan) {
  Field field;
  field.index = index;
  field.type = plan.type;
  field.text = plan.form.kind;
  const std::string key = ',' + json::quoted(plan.name) + ':';
  field.key = Piece(key);
  const bool is_text = plan.type == FieldType::string;
  field.open = Piece(is_text ? key + '"' + json::escaped(plan.form.prefix) : key);
  field.longest = field.open.size() + 2 + json::longest_number;
  for (const std::string& text : plan.form.texts) {
    field.texts.emplace_back(json::escaped(text) + '"');
    field.longest = std::max(field.longest, field.open.size() + field.texts.back().size());
  }
  return field;
}

/// 0 for revenue, 1 for tax, nothing for what belongs into the properties.
std::optional<int> place_beside_currency(const FieldPlan& field) {
  if (field.type != FieldType::money) return std::nullopt;
  if (field.name == "revenue") return 0;
  if (field.name == "tax") return 1;
  return std::nullopt;
}

/// `queued`: from the delivery status up to the page.
Template compile(const ActionPlan& action, Source side, const std::string& queued) {
  Template made;
  const std::string name = "{\"event_name\":" + json::quoted(action.name);
  const std::string with_id = name + std::string(id_key);
  const std::string own_time = time_key(side);
  const std::string source = ",\"source\":" + json::quoted(name_of(side)) + ",\"schema_version\":";
  made.name = Piece(name);
  made.id_at = with_id.size();
  made.usual_open = Piece(with_id + std::string(uuid_length, ' ') + '"' + std::string(user_key));
  made.source = Piece(source);
  made.time_at = own_time.size();
  made.usual_state = Piece(own_time + std::string(rfc3339_length, ' ') + '"' + source +
                           std::to_string(action.schema_version) +
                           ",\"consent_state\":\"granted\",\"retry_count\":0" + queued);
  made.usual_version = action.schema_version;
  std::array<std::optional<Field>, 2> beside;
  for (std::size_t i = 0; i < action.fields.size(); ++i) {
    const FieldPlan& plan = action.fields[i];
    if (plan.type == FieldType::money) made.states_currency = true;
    if (!plan.on(side)) continue;
    if (const auto place = place_beside_currency(plan)) {
      beside[static_cast<std::size_t>(*place)] = field_of(i, plan);
    } else {
      made.properties.push_back(field_of(i, plan));
    }
  }
  for (auto& field : beside) {
    if (field) made.beside.push_back(*std::move(field));
  }
  return made;
}

std::size_t longest_of(const Template& made) {
  std::size_t longest = envelope_longest + made.usual_open.size();
  for (const auto* fields : {&made.beside, &made.properties})
    for (const Field& field : *fields) longest += field.longest;
  return longest;
}

std::size_t longest_of(const std::vector<Piece>& pieces) {
  std::size_t longest = 0;
  for (const Piece& piece : pieces) longest = std::max(longest, piece.size());
  return longest;
}

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

char* write_who(const Action& seen, char* out) {
  out = write_decimal(seen.user, out);
  copy(who, out);
  write_hex16(seen.device, out + device_at);
  write_hex16(seen.session, out + session_at);
  return write_decimal(seen.sequence, out + who.size());
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
      currencies_.push_back(Piece(",\"currency\":" + json::quoted(currency.code)));
      exponents_.push_back(currency.exponent);
    }
    for (const std::string& page : plan.pages) pages_.push_back(Piece(json::quoted(page)));
    traits_ = trait_texts(plan);
    const std::string rest = ",\"run_id\":" + json::quoted(run_id) + ",\"context\":{\"page\":";
    const std::string queued = ",\"delivery_status\":\"queued\"" + rest;
    queued_ = Piece(queued);
    retrying_ = Piece(",\"delivery_status\":\"retrying\"" + rest);
    for (const ActionPlan& action : plan.actions)
      for (const Source side : both_sources) templates_.push_back(compile(action, side, queued));
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
    if (!emission.is_plain()) [[unlikely]]
      return write_odd(emission, out);
    const Template& made = template_of(emission);
    [[maybe_unused]] const char* const start = out;
    out = write_open(made, emission, out);
    out = write_who(emission.seen, out);
    out = write_state(made, emission, out);
    out = write_context(emission.seen, out);
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
    std::size_t common = longest_of(pages_) + longest_of(currencies_) + retrying_.size();
    for (const TraitTexts& some : traits_) common += longest_of(some.texts);
    for (const Template& made : templates_)
      longest_ = std::max(longest_, common + longest_of(made));
  }

  const Template& template_of(const Emission& emission) const {
    const std::size_t side = emission.source == Source::client ? 0 : 1;
    const std::size_t index = std::size_t{emission.seen.type} * both_sources.size() + side;
    assert(index < templates_.size());
    return templates_[index];
  }

  /// From the times up to the page.
  char* write_state(const Template& made, const Emission& emission, char* out) const {
    const bool is_client = emission.source == Source::client;
    const SimTime own = is_client ? emission.client_ts : emission.server_ts;
    const SimTime foreign = is_client ? emission.server_ts : emission.client_ts;
    const bool granted = emission.seen.consent == Consent::granted;
    const bool usual = granted && emission.retry_count == 0 && foreign == no_time &&
                       own != no_time && emission.schema_version == made.usual_version;
    if (!usual) return write_unusual_state(made, emission, out);
    char* const end = made.usual_state.put(out);
    write_rfc3339(own, out + made.time_at);
    return end;
  }

  char* write_unusual_state(const Template& made, const Emission& emission, char* out) const {
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

  char* write_context(const Action& seen, char* out) const {
    assert(seen.page < pages_.size());
    out = pages_[seen.page].put(out);
    for (const TraitTexts& some : traits_) out = some.text_of(seen).put(out);
    return out;
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
  std::vector<Piece> pages_;  ///< Quoted.
  std::vector<TraitTexts> traits_;
  Piece queued_;  ///< From delivery_status up to the page.
  Piece retrying_;
  std::size_t longest_ = 0;  ///< Most bytes of any event.
};

}  // namespace

std::unique_ptr<WireFormat> make_shared_format(const TrackingPlan& plan, std::string_view run_id) {
  return std::make_unique<SharedFormat>(plan, run_id);
}

}  // namespace parallax
