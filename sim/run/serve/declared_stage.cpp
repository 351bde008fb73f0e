// SPDX-License-Identifier: Apache-2.0
#include "sim/run/serve/declared_stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "sim/core/money.h"
#include "sim/core/prng.h"
#include "sim/read/reader.h"

namespace parallax::serve {
namespace {

/// Those that need nothing that only a simulation knows: clocks, resending, what users would do.
constexpr std::array<std::string_view, 6> usable_assertions{"exactly_once", "fields",   "count",
                                                            "sum",          "distinct", "slo"};

/// Read as what they are beside the declared ones: a row in another currency is a finding.
constexpr std::array<std::string_view, 24> known_currencies{
    "USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "NZD", "CNY", "HKD", "SGD", "INR",
    "BRL", "MXN", "ZAR", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "TRY", "KRW", "KWD"};

Json sides_of(bool client, bool server) {
  const bool any = client || server;
  Json sides = Json::list();
  if (client || !any) sides.push(Json::of_text("client"));
  if (server || !any) sides.push(Json::of_text("server"));
  return sides;
}

/// The open plan as a scenario file says it.
Json actions_of(const TrackingPlan& plan) {
  Json actions = Json::object();
  for (const ActionPlan& action : plan.actions) {
    Json fields = Json::object();
    for (const FieldPlan& field : action.fields)
      fields.put(field.name, Json::object().put("type", Json::of_text(name_of(field.type))));
    actions.put(action.name, Json::object()
                                 .put("emits", sides_of(action.client, action.server))
                                 .put("fields", std::move(fields)));
  }
  return actions;
}

Json only(const Json& from, std::initializer_list<std::string_view> names) {
  Json out = Json::object();
  for (const std::string_view name : names)
    if (const Json* member = from.find(name)) out.put(name, *member);
  return out;
}

/// What of a tracking plan says how events look, without what a simulation makes them from: that
/// may lean on traits which nobody declares.
Json looks_of(const Json& actions) {
  Json out = Json::object();
  for (std::size_t i = 0; i < actions.items.size(); ++i) {
    Json action = only(actions.items[i], {"emits", "fields", "confirmed_by", "schema_version"});
    if (Json* fields = action.find("fields"))
      for (Json& field : fields->items) field = only(field, {"type", "owner", "required", "on"});
    out.put(actions.names[i], std::move(action));
  }
  return out;
}

Json document_of(const Declared& declared) {
  const Json idle = Json::object().put("states", Json::object().put("idle", Json::object()));
  const SimTime start = (declared.created - day).floor(day);
  Json document = Json::object();
  document.put("name", Json::of_text("declared"))
      .put("seed", Json::of_number(0))
      .put("time", Json::object()
                       .put("start", Json::of_text(to_rfc3339(start)))
                       .put("length", Json::of_text("366d")))
      .put("actions",
           declared.open() ? actions_of(declared.plan) : looks_of(declared.request.actions))
      .put("journeys", Json::object().put("none", idle));
  if (declared.request.assertions.kind != Json::Kind::null)
    document.put("assert", declared.request.assertions);
  return document;
}

void refuse_assertions(const Scenario& scenario, std::vector<Problem>& problems) {
  for (std::size_t i = 0; i < scenario.assertions.size(); ++i) {
    const std::string& that = scenario.assertions[i].that;
    if (std::find(usable_assertions.begin(), usable_assertions.end(), that) !=
        usable_assertions.end())
      continue;
    problems.push_back(
        {"body", fmt::format("/assert/{}/that", i), '"' + that + '"',
         fmt::format("one that declared actions can answer: {}", joined(usable_assertions)),
         nearest_name(that, usable_assertions), false});
  }
}

/// The declared currencies first: a row that states none is of the first.
void set_currencies(const Declared& declared, TrackingPlan& plan) {
  plan.currencies.clear();
  const auto add = [&](std::string_view code) {
    const bool known = std::any_of(plan.currencies.begin(), plan.currencies.end(),
                                   [&](const CurrencyPlan& c) { return c.code == code; });
    if (!known && !code.empty() && plan.currencies.size() < CanonicalRow::no_currency)
      plan.currencies.push_back({std::string(code), currency_exponent(code)});
  };
  for (const DeclaredAction& action : declared.actions) add(action.currency);
  for (const std::string_view code : known_currencies) add(code);
}

std::int64_t code_of(const std::string& text, FieldPlan& field) {
  field.form.kind = TextForm::Kind::list;
  std::vector<std::string>& texts = field.form.texts;
  const auto at = std::find(texts.begin(), texts.end(), text) - texts.begin();
  if (at == static_cast<std::ptrdiff_t>(texts.size())) texts.push_back(text);
  return at;
}

/// What a right row of the action says, in our column names.
std::string row_text(const DeclaredAction& action) {
  Json row = Json::object();
  const auto put = [&row](std::string_view name, std::string_view text) {
    if (!text.empty()) row.put(name, Json::of_text(text));
  };
  for (const DeclaredField& field : action.fields) row.put(field.name, field.value);
  put("event_id", action.event_id);
  put("event_name", action.name);
  put("user_id", action.user);
  put("currency", action.currency);
  put("event_ts", to_rfc3339(action.at));
  return write_json_line(row);
}

/// Turns one declaration after the other into records.
class Writer {
 public:
  Writer(const Declared& declared, Stage& stage)
      : declared_(declared),
        stage_(stage),
        decoder_(stage.scenario.plan, {}),
        salt_(hash_text(declared.id)) {}

  void write(std::size_t index) {
    const DeclaredAction& action = declared_.actions[index];
    Expected expected;
    const bool is_object = decoder_.decode(row_text(action), expected.row);
    assert(is_object && expected.row.type != CanonicalRow::no_type);
    expected.says_id = !action.event_id.empty();
    if (!expected.says_id)
      expected.row.event_id = Uuid::from_bits(mix64(salt_ ^ index), mix64(salt_ + index));
    if (!action.user.empty())
      expected.user =
          stage_.users.try_emplace(expected.row.user, stage_.users.size() + 1).first->second;
    ActionPlan& plan = stage_.scenario.plan.actions[expected.row.type];
    const Emission emission = emission_of(index, action, plan, expected);
    stage_.ledger.actions.push_back(emission.seen);
    expected.says_sides = action.says_who_emits() || !declared_.open();
    const bool client = action.says_who_emits() ? action.client : plan.client;
    const bool server = action.says_who_emits() ? action.server : plan.server;
    expected.client = client && expected.says_sides;
    expected.server = server || !expected.says_sides;
    if (expected.client) emit(emission, Source::client);
    if (expected.server) emit(emission, Source::server);
    stage_.expected.push_back(expected);
  }

 private:
  Emission emission_of(std::size_t index, const DeclaredAction& action, ActionPlan& plan,
                       Expected& expected) const {
    Emission emission;
    Action& seen = emission.seen;
    seen.id = action_id(index);
    seen.at = action.at;
    seen.user = expected.user;
    seen.session = session_of(index);
    seen.sequence = 1;
    seen.type = expected.row.type;
    seen.consent = action.consent;
    if (expected.row.currency != CanonicalRow::no_currency) seen.currency = expected.row.currency;
    emission.event_id = expected.row.event_id;
    emission.captured = action.at;
    emission.schema_version = plan.schema_version;
    for (const DeclaredField& field : action.fields) {
      const std::size_t at = *plan.field_index(field.name);
      FieldPlan& planned = plan.fields[at];
      expected.fields = static_cast<std::uint16_t>(expected.fields | 1U << at);
      if (field.name == action.key) expected.key = at;
      emission.forms[at] = FieldForm::present;
      seen.values[at] = planned.type == FieldType::string ? code_of(field.value.text, planned)
                                                          : expected.row.values[at];
    }
    if (action.consent == Consent::denied) emission.withheld = Withheld::consent;
    return emission;
  }

  void emit(Emission emission, Source side) {
    Ledger& ledger = stage_.ledger;
    emission.source = side;
    const SimTime clock = emission.captured.to_millisecond();
    (side == Source::client ? emission.client_ts : emission.server_ts) = clock;
    const bool denied = emission.withheld != Withheld::no;
    ledger.emissions.push_back({emission, denied ? Fate::withheld : Fate::queued});
    if (denied) return;
    AttemptRecord attempt;
    attempt.id = {make_lane_id(0, ledger.attempts.size() + 1)};
    attempt.at = attempt.arrives = attempt.sent_at = emission.captured;
    attempt.source = side;
    attempt.size = 1;
    ledger.attempts.push_back(attempt);
    ledger.deliveries.push_back({attempt.id, emission.key()});
    constexpr std::uint16_t ok = 200;
    ledger.receipts.push_back({attempt.id, attempt.at, Receipt::accepted, ok, false});
  }

  const Declared& declared_;
  Stage& stage_;
  RowDecoder decoder_;
  std::uint64_t salt_;
};

}  // namespace

std::int64_t allowed_minor(const Tolerances& tolerances, const TrackingPlan& plan,
                           const Expected& expected) {
  std::int64_t unit = 1;
  if (expected.row.currency != CanonicalRow::no_currency)
    for (int e = 0; e < plan.currencies[expected.row.currency].exponent; ++e) unit *= 10;
  return tolerances.amount_millionths / 1'000 * unit / 1'000;
}

std::optional<Refusal> set_stage(const Declared& declared, Stage& stage) {
  LoadOptions options;
  options.now = declared.created;
  Loaded loaded = load_scenario_text(write_json(document_of(declared)), "body", options);
  std::erase_if(loaded.problems, [](const Problem& problem) { return problem.warning; });
  if (loaded.problems.empty()) refuse_assertions(loaded.scenario, loaded.problems);
  if (!loaded.problems.empty())
    return Refusal{400, "the tracking plan or the assertions cannot be used",
                   std::move(loaded.problems)};
  stage.scenario = std::move(loaded.scenario);
  stage.scenario.name = declared.request.name;
  set_currencies(declared, stage.scenario.plan);
  Writer writer(declared, stage);
  for (std::size_t i = 0; i < declared.actions.size(); ++i) writer.write(i);
  return std::nullopt;
}

}  // namespace parallax::serve
