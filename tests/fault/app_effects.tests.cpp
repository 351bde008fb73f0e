// SPDX-License-Identifier: Apache-2.0
// What the faults in the app's code make of one emission: exactly that, and nothing else.
#include <functional>
#include <set>

#include "sim/core/ledger_codec.h"
#include "tests/fault/support.h"

using namespace parallax;
using namespace parallax::test;

namespace {

using Change = std::function<void(Emission&)>;

/// What the fault makes of one emission.
std::vector<Captures::Item> effect(const FaultPlan& plan, const Emission& in) {
  return capture(chain_of(rich_shop({plan})), {in}).items;
}

struct Story {
  const char* name;
  FaultPlan plan;
  Source side;
  Change change;
};

/// Each fault that changes one emission in place.
std::vector<Story> stories() {
  const auto form = [](std::size_t field, FieldForm to) -> Change {
    return [=](Emission& e) {
      e.forms[field] = to;
      e.odd_fields = to > FieldForm::minor_units;
    };
  };
  const auto user = [](UserForm to) -> Change { return [=](Emission& e) { e.user_form = to; }; };
  const auto of = [](std::string field) { return word("field", std::move(field)); };
  const Source client = Source::client, server = Source::server;
  return {
      {"id_case", fault("id_case"), server, [](Emission& e) { e.id_form = IdForm::upper_case; }},
      {"renamed_event", fault("renamed_event", {word("of", "purchase"), word("to", "x")}), server,
       [](Emission& e) { e.other_name = true; }},
      {"renamed_field", fault("renamed_field", {of("revenue"), word("to", "amount")}), client,
       form(revenue, FieldForm::renamed)},
      {"missing_field", fault("missing_field", {of("tax")}), server, form(tax, FieldForm::absent)},
      {"missing_field null", fault("missing_field", {of("tax"), word("form", "null")}), client,
       form(tax, FieldForm::null)},
      {"missing_field undefined",
       fault("missing_field", {of("order_id"), word("form", "undefined")}), client,
       form(order_id, FieldForm::undefined)},
      {"retyped_field", fault("retyped_field", {of("revenue")}), server,
       form(revenue, FieldForm::as_text)},
      {"truncated_field", fault("truncated_field", {of("order_id"), number("length", 8)}), client,
       form(order_id, FieldForm::truncated)},
      {"minor_units", fault("minor_units", {of("revenue")}), client,
       form(revenue, FieldForm::minor_units)},
      {"flag_differs", fault("flag_differs", {of("gift")}), server,
       [](Emission& e) { e.seen.values[gift] = 0; }},
      {"personal_data", fault("personal_data", {of("email")}), client,
       [](Emission& e) {
         e.forms[email] = FieldForm::present;
         e.odd_fields = true;
       }},
      {"wrong_version", fault("wrong_version", {number("version", 3)}), server,
       [](Emission& e) { e.schema_version = 3; }},
      {"sampling_drift", fault("sampling_drift"), server,
       [](Emission& e) { e.withheld = Withheld::sampling; }},
      {"consent_overdrop", fault("consent_overdrop"), client,
       [](Emission& e) { e.withheld = Withheld::consent; }},
      {"user_not_passed", fault("user_not_passed"), server, user(UserForm::minted)},
      {"user_not_passed nothing", fault("user_not_passed", {word("sends", "nothing")}), server,
       user(UserForm::absent)},
      {"user_format", fault("user_format"), server, user(UserForm::digits)},
      {"user_format capitals", fault("user_format", {word("form", "capitals")}), server,
       user(UserForm::capitals)},
      {"no_alias", fault("no_alias"), client, user(UserForm::anonymous)},
      {"wrong_project", fault("wrong_project"), server,
       [](Emission& e) { e.other_project = true; }},
      {"local_time", fault("local_time", {number("offset", -5 * hour)}), client,
       [](Emission& e) { e.client_ts = e.client_ts + -5 * hour; }},
  };
}

Emission unpacked(const Emission& emission) {
  std::array<char, ledger_codec::record_size_max> bytes;
  const char* const end =
      ledger_codec::Packer().pack(EmissionRecord{emission, Fate::queued}, bytes.data());
  Ledger ledger;
  ledger_codec::Unpacker().unpack({bytes.data(), end}, ledger);
  REQUIRE(ledger.emissions.size() == 1);
  return ledger.emissions[0].emission;
}

}  // namespace

TEST_CASE("a fault in the app's code changes what it says, and nothing else", "[fault][app]") {
  for (const Story& story : stories()) {
    CAPTURE(story.name);
    const Emission in = rich_emission(1, story.side);
    Emission expected = struck(in);
    story.change(expected);
    CHECK_FALSE(same(expected, struck(in)));
    const auto items = effect(story.plan, in);
    REQUIRE(items.size() == 1);
    CHECK(same(items[0].emission, expected));
    CHECK(items[0].later == 0);
  }
}

TEST_CASE("the ledger keeps what a fault made of an emission, and which did", "[fault][app]") {
  for (const Story& story : stories()) {
    CAPTURE(story.name);
    const Emission made = effect(story.plan, rich_emission(1, story.side))[0].emission;
    CHECK(same(unpacked(made), made));
    CHECK(made.struck == 1);
  }
}

TEST_CASE("what is withheld is left alone", "[fault][app]") {
  for (const Story& story : stories()) {
    CAPTURE(story.name);
    Emission in = rich_emission(1, story.side);
    in.withheld = Withheld::refused;
    CHECK(same(effect(story.plan, in)[0].emission, in));
  }
}

TEST_CASE("a fault of one side leaves the other side alone", "[fault][app]") {
  for (const Story& story : stories()) {
    CAPTURE(story.name);
    FaultPlan plan = story.plan;
    plan.selector.side = story.side;
    const Emission in = rich_emission(1, other(story.side));
    CHECK(same(effect(plan, in)[0].emission, in));
  }
}

TEST_CASE("a rate strikes about that share, of users where the decision is theirs",
          "[fault][app]") {
  for (const Story& story : stories()) {
    CAPTURE(story.name);
    std::vector<Emission> in;
    for (std::uint32_t user = 0; user < 2'000; ++user)
      for (std::uint64_t turn = 0; turn < 3; ++turn) {
        Emission e = rich_emission(1, story.side);
        e.seen = action(user * 3 + turn, user);
        e.seen.values[gift] = 1;
        in.push_back(e);
      }
    const FaultPlan plan = with_rate(story.plan, 300);
    const Outcome out = capture(chain_of(rich_shop({plan})), in);
    std::set<std::uint32_t> users;
    std::uint64_t hit = 0;
    for (const Captures::Item& item : out.items) {
      if (item.emission.struck == 0) continue;
      ++hit;
      users.insert(item.emission.seen.user);
    }
    CAPTURE(hit, users.size());
    CHECK(out.counts[0].struck == hit);
    CHECK(out.counts[0].struck + out.counts[0].skipped == in.size());
    if (plan.selector.scope == SelectorPlan::Scope::user) {
      CHECK(hit == 3 * users.size());
      CHECK(users.size() > 497);  // Binomial(2'000, 0.3): 600 +- 5 deviations of 20.5.
      CHECK(users.size() < 703);
    } else {
      CHECK(hit > 1'493);  // At worst three of a session at once: 1'800 +- 5 deviations of 61.5.
      CHECK(hit < 2'107);
    }
  }
}

TEST_CASE("dual_write sends the event in both versions with one id", "[fault][dual_write]") {
  const Emission in = rich_emission(1, Source::server);
  const auto items = effect(fault("dual_write", {number("version", 2)}), in);
  REQUIRE(items.size() == 2);
  CHECK(same(items[0].emission, struck(in)));
  Emission second = struck(in);
  second.copy = 1;
  second.schema_version = 2;
  CHECK(same(items[1].emission, second));
  CHECK(items[1].later == 0);
  CHECK(effect(fault("dual_write", {number("version", 1)}), in).size() == 1);
}

TEST_CASE("previous_user names one other user for the whole session", "[fault][previous_user]") {
  std::set<std::uint32_t> others;
  for (std::uint32_t user = 0; user < 50; ++user) {
    Emission first = rich_emission(1, Source::client), second = first;
    first.seen.user = second.seen.user = user;
    first.seen.session = second.seen.session = 100 + user;
    second.seen.id.value += 1;
    const auto items =
        capture(chain_of(rich_shop({fault("previous_user")})), {first, second}).items;
    REQUIRE(items.size() == 2);
    const std::uint32_t previous = items[0].emission.seen.user;
    CHECK(previous != user);
    CHECK(previous < PopulationPlan{}.users);
    CHECK(items[1].emission.seen.user == previous);
    others.insert(previous);
    Emission expected = struck(first);
    expected.seen.user = previous;
    CHECK(same(items[0].emission, expected));
  }
  CHECK(others.size() > 40);
}

TEST_CASE("sampling_drift can take users whom the plan leaves out", "[fault][sampling_drift]") {
  FaultPlan plan = fault("sampling_drift", {word("takes", "more")});
  Emission in = rich_emission(1, Source::server);
  CHECK(same(effect(plan, in)[0].emission, in));
  in.withheld = Withheld::sampling;
  in.seen.sampled = false;
  Emission expected = struck(in);
  expected.withheld = Withheld::no;
  CHECK(same(effect(plan, in)[0].emission, expected));
  in.seen.refused = true;
  CHECK(effect(plan, in)[0].emission.withheld == Withheld::refused);
}

TEST_CASE("what sampling_drift leaves out it does not take in again", "[fault][sampling_drift]") {
  FaultPlan fewer = fault("sampling_drift"),
            more = fault("sampling_drift", {word("takes", "more")});
  more.name = "more";
  Emission sampled = rich_emission(1, Source::server), unsampled = rich_emission(2, Source::server);
  unsampled.seen.sampled = false;
  unsampled.withheld = Withheld::sampling;
  for (const bool fewer_first : {true, false}) {
    const std::vector<FaultPlan> plans =
        fewer_first ? std::vector{fewer, more} : std::vector{more, fewer};
    const auto items = capture(chain_of(rich_shop(plans)), {sampled, unsampled}).items;
    CHECK(items[0].emission.withheld == Withheld::sampling);
    CHECK(items[1].emission.withheld == Withheld::no);
  }
}

TEST_CASE("truncated_field strikes only texts that are too long", "[fault][truncated_field]") {
  Scenario scenario =
      rich_shop({fault("truncated_field", {word("field", "variant"), number("length", 4)})});
  scenario.plan.actions[purchase].fields[variant].cut_to = 4;
  Emission in = rich_emission(1, Source::client);  // "one"
  CHECK(same(capture(chain_of(scenario), {in}).items[0].emission, in));
  in.seen.values[variant] = 0;  // "control"
  const Emission out = capture(chain_of(scenario), {in}).items[0].emission;
  CHECK(out.forms[variant] == FieldForm::truncated);
  CHECK(sent_text(scenario.plan.actions[purchase].fields[variant], out.forms[variant], 0) ==
        "cont");
}

TEST_CASE("a text is cut between characters", "[fault][truncated_field]") {
  FieldPlan field = text_field("note", "", TextForm::Kind::list);
  field.form.texts = {"aé€b"};  // 1, 2, 3 and 1 bytes.
  const auto [cut_to, left] = GENERATE(
      table<std::uint16_t, std::string>({{1, "a"}, {2, "a"}, {3, "aé"}, {5, "aé"}, {6, "aé€"}}));
  field.cut_to = cut_to;
  CHECK(sent_text(field, FieldForm::truncated, 0) == left);
}

TEST_CASE("flag_differs reports another variant, each of them", "[fault][flag_differs]") {
  std::set<std::int64_t> variants;
  std::vector<Emission> in;
  for (std::uint64_t i = 0; i < 100; ++i) {
    in.push_back(rich_emission(i, Source::server));
    in.back().seen.values[variant] = 1;
  }
  const FaultPlan plan = fault("flag_differs", {word("field", "variant")});
  for (const auto& item : capture(chain_of(rich_shop({plan})), in).items)
    variants.insert(item.emission.seen.values[variant]);
  CHECK(variants == std::set<std::int64_t>{0, 2});
}

TEST_CASE("minor_units has nothing to change where a currency has none", "[fault][minor_units]") {
  Scenario scenario = rich_shop({fault("minor_units")});
  scenario.plan.currencies = {{"JPY", 0}};
  const Emission in = rich_emission(1, Source::client);
  CHECK(same(capture(chain_of(scenario), {in}).items[0].emission, in));
}

TEST_CASE("what a fault cannot do without is asked for by name", "[fault][app]") {
  const auto [kind, key] = GENERATE(table<std::string, std::string>({
      {"renamed_event", "of"},
      {"renamed_field", "field"},
      {"missing_field", "field"},
      {"truncated_field", "field"},
      {"flag_differs", "field"},
      {"wrong_version", "version"},
      {"dual_write", "version"},
      {"local_time", "offset"},
  }));
  CHECK(complaint(rich_shop({fault(kind)})) == "/faults/0/" + key);
}

TEST_CASE("what a fault cannot strike is refused by name", "[fault][app]") {
  const auto refused = [](const FaultPlan& plan) { return complaint(rich_shop({plan})); };
  CHECK(refused(fault("renamed_event", {word("of", "purchase")})) == "/faults/0/to");
  CHECK(refused(fault("renamed_field", {word("field", "tax")})) == "/faults/0/to");
  CHECK(refused(fault("retyped_field", {word("field", "order_id")})) == "/faults/0/field");
  CHECK(refused(fault("missing_field", {word("field", "tax"), word("form", "undefined")})) ==
        "/faults/0/field");
  CHECK(refused(fault("minor_units", {word("field", "gift")})) == "/faults/0/field");
  CHECK(refused(fault("flag_differs", {word("field", "order_id")})) == "/faults/0/field");
  CHECK(refused(fault("personal_data", {word("field", "tax")})) == "/faults/0/field");
  CHECK(refused(fault("truncated_field", {word("field", "variant"), number("length", 9)})) ==
        "/faults/0/field");
  CHECK(refused(fault("local_time", {number("offset", 15 * hour)})) == "/faults/0/offset");
  CHECK(complaint(fault("personal_data")) == "/faults/0/fault");
  FaultPlan plan = fault("sampling_drift");
  plan.selector.scope = SelectorPlan::Scope::emission;
  CHECK(refused(plan) == "/faults/0/per");
  plan = fault("previous_user");
  plan.selector.scope = SelectorPlan::Scope::emission;
  CHECK(refused(plan) == "/faults/0/per");
}
