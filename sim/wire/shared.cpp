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

namespace parallax {
namespace {

using json::copy;

constexpr std::size_t uuid_length = 36;
/// Room for what has a fixed longest text in any event: keys, ids, times, counts.
constexpr std::size_t envelope_longest = 512;

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
  Piece open;    ///< {"event_name":"purchase","event_id":"
  Piece source;  ///< ,"source":"client","schema_version":
  /// From `source` up to the page, of what is sent for the first time, with consent, in the plan's
  /// version: of nearly everything.
  Piece usual_state;
  std::uint16_t usual_version = 1;
  bool states_currency = false;
  std::vector<Field> beside;  ///< Money that stands beside `currency`: revenue, then tax.
  std::vector<Field> properties;
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
  made.open = Piece("{\"event_name\":" + json::quoted(action.name) + ",\"event_id\":\"");
  const std::string source = ",\"source\":" + json::quoted(name_of(side)) + ",\"schema_version\":";
  made.source = Piece(source);
  made.usual_state = Piece(source + std::to_string(action.schema_version) +
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
  std::size_t longest = envelope_longest + made.open.size();
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

/// Behind the template's `open`, whose key is taken back when there is no id.
char* write_event_id(const Emission& emission, char* out) {
  constexpr std::size_t key_length = std::string_view(",\"event_id\":\"").size();
  if (emission.id_form == IdForm::absent) return out - key_length;
  assert(emission.id_form != IdForm::foreign);  // rows only
  if (emission.id_form != IdForm::empty) {
    const Uuid id = emission.id_form == IdForm::placeholder ? Uuid{} : emission.event_id;
    id.write(out);
    if (emission.id_form == IdForm::upper_case) {
      std::transform(out, out + uuid_length, out,
                     [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
    }
    out += uuid_length;
  }
  *out++ = '"';
  return out;
}

char* write_who(const Action& seen, char* out) {
  out = copy(",\"user_id\":\"", out);
  out = write_user_id(seen.user, out);
  out = copy("\",\"device_id\":\"", out);
  out = write_device_id(seen.device, out);
  out = copy("\",\"session_id\":\"", out);
  out = write_session_id(seen.session, out);
  out = copy("\",\"sequence_id\":", out);
  return write_decimal(seen.sequence, out);
}

char* write_time(SimTime time, char* out) {
  *out++ = '"';
  write_rfc3339(time, out);
  out += rfc3339_length;
  *out++ = '"';
  return out;
}

class SharedFormat final : public WireFormat {
 public:
  SharedFormat(const TrackingPlan& plan, std::string_view run_id) : odd_(plan, run_id) {
    for (const CurrencyPlan& currency : plan.currencies) {
      currencies_.push_back(Piece(",\"currency\":" + json::quoted(currency.code)));
      exponents_.push_back(currency.exponent);
    }
    for (const std::string& page : plan.pages) pages_.push_back(Piece(json::quoted(page)));
    for (const TraitPlan& trait : plan.traits) {
      std::vector<Piece>& pieces = traits_.emplace_back();
      const std::string key = ',' + json::quoted(trait.name) + ':';
      for (const std::string& value : trait.values) pieces.emplace_back(key + json::quoted(value));
    }
    const std::string rest = ",\"run_id\":" + json::quoted(run_id) + ",\"context\":{\"page\":";
    const std::string queued = ",\"delivery_status\":\"queued\"" + rest;
    queued_ = Piece(queued);
    retrying_ = Piece(",\"delivery_status\":\"retrying\"" + rest);
    for (const ActionPlan& action : plan.actions)
      for (const Source side : both_sources) templates_.push_back(compile(action, side, queued));
    measure();
  }

  void batch(std::span<const Emission* const> emissions, SimTime sent_at,
             std::string& out) const override {
    // What `out` holds is overwritten, not cleared: nothing is filled with zeros twice.
    constexpr std::size_t frame = 128;
    out.resize(std::max(out.size(), frame + emissions.size() * event_room()));
    char* end = copy("{\"batch\":[", out.data());
    for (const Emission* emission : emissions) {
      end = write_event(*emission, end);
      *end++ = ',';
    }
    if (!emissions.empty()) --end;
    *end++ = ']';
    if (sent_at != no_time) end = write_time(sent_at, copy(",\"sent_at\":", end));
    *end++ = '}';
    out.resize(static_cast<std::size_t>(end - out.data()));
  }

  char* write_event(const Emission& emission, char* out) const override {
    if (!emission.is_plain()) [[unlikely]]
      return write_odd(emission, out);
    const Template& made = template_of(emission);
    [[maybe_unused]] const char* const start = out;
    out = made.open.put(out);
    out = write_event_id(emission, out);
    out = write_who(emission.seen, out);
    if (emission.client_ts != no_time)
      out = write_time(emission.client_ts, copy(",\"client_ts\":", out));
    if (emission.server_ts != no_time)
      out = write_time(emission.server_ts, copy(",\"server_ts\":", out));
    out = write_state(made, emission, out);
    out = write_context(emission.seen, out);
    out = write_business(made, emission, out);
    assert(out <= start + longest_);
    return out;
  }

  std::size_t event_room() const override { return longest_ + Piece::slack; }

  std::string_view content_type() const override { return "application/json"; }

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
    for (const auto& values : traits_) common += longest_of(values);
    for (const Template& made : templates_)
      longest_ = std::max(longest_, common + longest_of(made));
  }

  const Template& template_of(const Emission& emission) const {
    const std::size_t side = emission.source == Source::client ? 0 : 1;
    const std::size_t index = std::size_t{emission.seen.type} * both_sources.size() + side;
    assert(index < templates_.size());
    return templates_[index];
  }

  char* write_state(const Template& made, const Emission& emission, char* out) const {
    const bool granted = emission.seen.consent == Consent::granted;
    if (granted && emission.retry_count == 0 && emission.schema_version == made.usual_version)
      return made.usual_state.put(out);
    out = write_decimal(emission.schema_version, made.source.put(out));
    out = granted ? copy(",\"consent_state\":\"granted\",\"retry_count\":", out)
                  : copy(",\"consent_state\":\"denied\",\"retry_count\":", out);
    out = write_decimal(emission.retry_count, out);
    return (emission.retry_count == 0 ? queued_ : retrying_).put(out);
  }

  char* write_context(const Action& seen, char* out) const {
    assert(seen.page < pages_.size());
    out = pages_[seen.page].put(out);
    for (std::size_t i = 0; i < traits_.size(); ++i) {
      assert(seen.traits[i] < traits_[i].size());
      out = traits_[i][seen.traits[i]].put(out);
    }
    *out++ = '}';
    return out;
  }

  char* write_business(const Template& made, const Emission& emission, char* out) const {
    int exponent = 0;
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
  std::vector<Piece> pages_;                ///< Quoted.
  std::vector<std::vector<Piece>> traits_;  ///< ,"country":"US"
  Piece queued_;                            ///< From delivery_status up to the page.
  Piece retrying_;
  std::size_t longest_ = 0;  ///< Most bytes of any event.
};

}  // namespace

std::unique_ptr<WireFormat> make_shared_format(const TrackingPlan& plan, std::string_view run_id) {
  return std::make_unique<SharedFormat>(plan, run_id);
}

}  // namespace parallax
