// SPDX-License-Identifier: Apache-2.0
#include "sim/wire/shared.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <string>
#include <vector>

#include "sim/core/money.h"
#include "sim/wire/json_text.h"

namespace parallax {
namespace {

using json::copy;
using json::write_integer;

constexpr std::size_t uuid_length = 36;
/// Room for what has a fixed longest text in any event: keys, ids, times, counts.
constexpr std::size_t envelope_longest = 512;

/// A business field, ready to be written. Texts in `form` are already escaped.
struct Field {
  std::size_t index = 0;  ///< In Action::values and Emission::forms.
  FieldType type = FieldType::string;
  std::string key;  ///< ,"sku":
  TextForm form;
};

/// What one side sends for one action type.
struct Template {
  std::string open;  ///< {"event_name":"purchase"
  bool states_currency = false;
  std::vector<Field> beside;  ///< Money that stands beside `currency`: revenue, then tax.
  std::vector<Field> properties;
  std::size_t longest = 0;  ///< Most bytes of one event.
};

TextForm escaped_form(const TextForm& plain) {
  TextForm form = plain;
  form.prefix = json::escaped(plain.prefix);
  for (std::string& text : form.texts) text = json::escaped(text);
  return form;
}

std::size_t longest_of(const std::vector<std::string>& texts) {
  std::size_t longest = 0;
  for (const std::string& text : texts) longest = std::max(longest, text.size());
  return longest;
}

/// 0 for revenue, 1 for tax, nothing for what belongs into the properties.
std::optional<int> place_beside_currency(const FieldPlan& field) {
  if (field.type != FieldType::money) return std::nullopt;
  if (field.name == "revenue") return 0;
  if (field.name == "tax") return 1;
  return std::nullopt;
}

Template compile(const ActionPlan& action, Source side) {
  Template made;
  made.open = "{\"event_name\":" + json::quoted(action.name);
  made.longest = envelope_longest + made.open.size();
  std::array<std::optional<Field>, 2> beside;
  for (std::size_t i = 0; i < action.fields.size(); ++i) {
    const FieldPlan& plan = action.fields[i];
    if (plan.type == FieldType::money) made.states_currency = true;
    if (!plan.on(side)) continue;
    Field field{i, plan.type, ',' + json::quoted(plan.name) + ':', escaped_form(plan.form)};
    const bool is_text = plan.type == FieldType::string;
    made.longest += field.key.size() + 2 + (is_text ? field.form.longest() : json::longest_number);
    if (const auto place = place_beside_currency(plan)) {
      beside[static_cast<std::size_t>(*place)] = std::move(field);
    } else {
      made.properties.push_back(std::move(field));
    }
  }
  for (auto& field : beside) {
    if (field) made.beside.push_back(*std::move(field));
  }
  return made;
}

/// The bare value, without quotes even where JSON wants them.
char* write_bare(const Field& field, std::int64_t value, int exponent, char* out) {
  switch (field.type) {
    case FieldType::string:
      return field.form.write(value, out);
    case FieldType::integer:
      return write_integer(value, out);
    case FieldType::number:
      return json::write_millionths(value, out);
    case FieldType::money:
      return write_money(value, exponent, out);
    case FieldType::boolean:
      return copy(value != 0 ? "true" : "false", out);
  }
  assert(false);
  return out;
}

char* write_field(const Field& field, FieldForm form, std::int64_t value, int exponent, char* out) {
  assert(form != FieldForm::other);  // rows only
  if (form == FieldForm::absent) return out;
  out = copy(field.key, out);
  if (form == FieldForm::null) return copy("null", out);
  const int places = form == FieldForm::minor_units ? 0 : exponent;
  const bool in_quotes = field.type == FieldType::string || form == FieldForm::as_text;
  if (in_quotes) *out++ = '"';
  out = write_bare(field, value, places, out);
  if (in_quotes) *out++ = '"';
  return out;
}

char* write_event_id(const Emission& emission, char* out) {
  if (emission.id_form == IdForm::absent) return out;
  assert(emission.id_form != IdForm::foreign);  // rows only
  out = copy(",\"event_id\":\"", out);
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
  return write_integer(seen.sequence, out);
}

char* write_time(std::string_view key, SimTime time, char* out) {
  if (time == no_time) return out;
  out = copy(key, out);
  *out++ = '"';
  write_rfc3339(time, out);
  out += rfc3339_length;
  *out++ = '"';
  return out;
}

class SharedFormat final : public WireFormat {
 public:
  SharedFormat(const TrackingPlan& plan, std::string_view run_id) {
    for (const ActionPlan& action : plan.actions) {
      for (const Source side : both_sources) templates_.push_back(compile(action, side));
    }
    for (const CurrencyPlan& currency : plan.currencies) {
      currencies_.push_back({",\"currency\":" + json::quoted(currency.code), currency.exponent});
    }
    for (const std::string& page : plan.pages) pages_.push_back(json::quoted(page));
    for (const TraitPlan& trait : plan.traits) {
      std::vector<std::string>& pieces = traits_.emplace_back();
      const std::string key = ',' + json::quoted(trait.name) + ':';
      for (const std::string& value : trait.values) pieces.push_back(key + json::quoted(value));
    }
    const std::string rest = ",\"run_id\":" + json::quoted(run_id) + ",\"context\":{\"page\":";
    queued_ = ",\"delivery_status\":\"queued\"" + rest;
    retrying_ = ",\"delivery_status\":\"retrying\"" + rest;
    add_common_lengths();
  }

  void batch(std::span<const Emission* const> emissions, SimTime sent_at,
             std::string& out) const override {
    out.assign("{\"batch\":[");
    for (const Emission* emission : emissions) {
      event(*emission, out);
      out += ',';
    }
    if (!emissions.empty()) out.pop_back();
    out += ']';
    if (sent_at != no_time) {
      std::array<char, 16 + rfc3339_length> piece;
      char* const end = write_time(",\"sent_at\":", sent_at, piece.data());
      out.append(piece.data(), end);
    }
    out += '}';
  }

  void event(const Emission& emission, std::string& out) const override {
    const Template& made = template_of(emission);
    const std::size_t at = out.size();
    out.resize(at + made.longest);
    const char* const end = write_event(made, emission, out.data() + at);
    assert(end <= out.data() + out.size());
    out.resize(static_cast<std::size_t>(end - out.data()));
  }

  std::string_view content_type() const override { return "application/json"; }

 private:
  struct Currency {
    std::string piece;  ///< ,"currency":"USD"
    int exponent = 2;
  };

  void add_common_lengths() {
    std::size_t common = longest_of(pages_) + retrying_.size();
    for (const auto& values : traits_) common += longest_of(values);
    std::size_t currency = 0;
    for (const Currency& c : currencies_) currency = std::max(currency, c.piece.size());
    for (Template& made : templates_) made.longest += common + currency;
  }

  const Template& template_of(const Emission& emission) const {
    const std::size_t side = emission.source == Source::client ? 0 : 1;
    const std::size_t index = std::size_t{emission.seen.type} * both_sources.size() + side;
    assert(index < templates_.size());
    return templates_[index];
  }

  char* write_event(const Template& made, const Emission& emission, char* out) const {
    out = copy(made.open, out);
    out = write_event_id(emission, out);
    out = write_who(emission.seen, out);
    out = write_time(",\"client_ts\":", emission.client_ts, out);
    out = write_time(",\"server_ts\":", emission.server_ts, out);
    out = write_state(emission, out);
    out = write_context(emission.seen, out);
    return write_business(made, emission, out);
  }

  char* write_state(const Emission& emission, char* out) const {
    const bool client = emission.source == Source::client;
    out = copy(client ? ",\"source\":\"client\"" : ",\"source\":\"server\"", out);
    out = copy(",\"schema_version\":", out);
    out = write_integer(emission.schema_version, out);
    const bool granted = emission.seen.consent == Consent::granted;
    out = copy(granted ? ",\"consent_state\":\"granted\"" : ",\"consent_state\":\"denied\"", out);
    out = copy(",\"retry_count\":", out);
    out = write_integer(emission.retry_count, out);
    return copy(emission.retry_count == 0 ? queued_ : retrying_, out);
  }

  char* write_context(const Action& seen, char* out) const {
    assert(seen.page < pages_.size());
    out = copy(pages_[seen.page], out);
    for (std::size_t i = 0; i < traits_.size(); ++i) {
      assert(seen.traits[i] < traits_[i].size());
      out = copy(traits_[i][seen.traits[i]], out);
    }
    *out++ = '}';
    return out;
  }

  char* write_business(const Template& made, const Emission& emission, char* out) const {
    int exponent = 0;
    if (made.states_currency) {
      assert(emission.seen.currency < currencies_.size());
      const Currency& currency = currencies_[emission.seen.currency];
      exponent = currency.exponent;
      out = copy(currency.piece, out);
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

  std::vector<Template> templates_;  ///< Index: action type x side.
  std::vector<Currency> currencies_;
  std::vector<std::string> pages_;                ///< Quoted.
  std::vector<std::vector<std::string>> traits_;  ///< ,"country":"US"
  std::string queued_;                            ///< From delivery_status up to the page.
  std::string retrying_;
};

}  // namespace

std::unique_ptr<WireFormat> make_shared_format(const TrackingPlan& plan, std::string_view run_id) {
  return std::make_unique<SharedFormat>(plan, run_id);
}

}  // namespace parallax
