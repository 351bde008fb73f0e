// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/shape.h"
#include "sim/scenario/verdict_words.h"

namespace parallax {
namespace {

bool is_span(std::string_view text) { return parse_span(text).has_value(); }

const Shape* findings_shape(ShapeBook& book) {
  return book.words({finding_words.begin(), finding_words.end()});
}

const Shape* expect_shape(ShapeBook& book) {
  const Shape* verdict = book.words({"pass", "unknown", "fail"});
  std::vector<std::string_view> words{finding_words.begin(), finding_words.end()};
  words.insert(words.end(), cause_words.begin(), cause_words.end());
  const Shape* with = book.list(book.words(std::move(words)), 1, 16);
  return book.any_of({verdict, book.object({{"verdict", verdict, "How it is to end.", true},
                                            {"with", with, "Verdicts or causes it must name."}})});
}

/// The kinds of assertions as they are put together: each has the common keys and its own.
struct Kinds {
  ShapeBook& book;
  std::vector<Key> common;
  Shape all;

  void add(std::string_view kind, std::string_view about, std::vector<Key> own) {
    std::vector<Key> keys = common;
    keys.front().about = about;
    keys.insert(keys.end(), own.begin(), own.end());
    all.words.push_back(kind);
    all.options.push_back(book.object(std::move(keys)));
  }
  Key of() { return {"of", book.text(), "An action of the tracking plan. Default all."}; }
  Key by_time() { return {"by", book.words({"hour", "day"}), "Judge each on its own."}; }
  Key by_any() {
    return {"by", book.text(),
            "Judge each on its own: hour, day, action, page, consent, currency, a trait, or a "
            "field with listed values."};
  }
  Key within(std::string_view about) { return {"within", book.ratio(), about}; }
  Key baseline(std::string_view about) {
    return {"baseline", book.text("a span such as \"0d..3d\"", "\\.\\.", is_span), about};
  }
};

void add_rows(Kinds& kinds) {
  ShapeBook& book = kinds.book;
  const Shape* allow = book.object({{"verdict", findings_shape(book), "Of the action.", true},
                                    {"cause", book.text(), "Its cause. Default any."},
                                    {"share", book.ratio(), "Of the judged actions.", true}});
  kinds.add("exactly_once", "Each action lands once, as it was.",
            {kinds.of(), {"allow", book.list(allow, 1, 64), "What is tolerated, by name."}});
  kinds.add("fields", "Each landed action has the right fields, user and time.",
            {kinds.of(),
             {"against", book.words({"sent", "truth"}),
              "sent (default): what the app said; truth: what really happened."},
             {"within", book.duration(0, 366 * day),
              "against truth: how far the event time may be off. Default 1s."}});
}

void add_numbers(Kinds& kinds) {
  ShapeBook& book = kinds.book;
  const Key within = kinds.within("Allowance on top of the ledger's interval. Default 0.");
  const Shape* text = book.text();
  const Shape* band = book.list(book.decimal(0, 1'000'000'000), 2, 2);
  kinds.add("count", "As many rows as the ledger allows.", {kinds.of(), kinds.by_any(), within});
  kinds.add(
      "sum", "A field adds up to what the ledger allows.",
      {{"of", text, "ACTION.FIELD, such as purchase.revenue.", true}, kinds.by_any(), within});
  kinds.add("distinct", "As many different values as the ledger allows.",
            {{"of", text, "ACTION.FIELD, or an action. Default all."},
             {"id", book.words({"user", "device", "session"}), "Count ids instead of a field."},
             kinds.by_any(),
             within});
  kinds.add("ratio", "A ratio of two counts lies in a band.",
            {{"of", text, "The action counted.", true},
             {"client_per_server", band, "[low, high] of client over server records."},
             {"per", text, "The action it is divided by."},
             {"between", band, "[low, high] of `of` over `per`."},
             kinds.baseline("\"between\" is then of the rate divided by the rate in this span."),
             kinds.by_time()});
}

void add_promises(Kinds& kinds) {
  ShapeBook& book = kinds.book;
  const Shape* id = book.words({"user", "device", "session"});
  kinds.add("order", "Each session's rows run in the order of its actions.",
            {kinds.of(), kinds.within("Share of steps that may run backwards. Default 0.")});
  kinds.add("consent", "No row after an opt-out, none missing after an opt-in.",
            {kinds.of(),
             {"each_side", book.flag(), "No side may even send what is refused. Default false."}});
  kinds.add("identity", "Each person's rows stand under one id, and nobody else's do.",
            {kinds.of(), {"id", id, "Which id says who it was. Default user."}});
  kinds.add("person", "Put together by logins, each person's rows are that person's alone.",
            {kinds.of()});
  kinds.add("sampling", "Both sides sample the same users, at the declared rate.",
            {kinds.of(),
             {"rate", book.ratio(), "The declared share. Default population.sampling."},
             kinds.within("Distance from the rate that is allowed. Default 0.")});
  kinds.add("contract", "Rows have what the plan requires, in type and value.", {kinds.of()});
  kinds.add("schema_version", "Each row has a version that was sent, and counts once.",
            {kinds.of(),
             {"versions", book.list(book.integer(0, 32'767), 1, 64),
              "Versions that may stand. Default the plan's own of each action."}});
}

void add_samples(Kinds& kinds) {
  ShapeBook& book = kinds.book;
  const Shape* clock = book.words({"client_ts", "server_ts", "event_ts", "ingestion_ts"});
  kinds.add("latency", "Percentiles of the time between two clocks of a row.",
            {kinds.of(),
             {"from", clock, "The earlier clock. Default client_ts."},
             {"to", clock, "The later clock. Default server_ts."},
             {"at_most", book.map(book.duration(std::numeric_limits<Micros>::min()), 1),
              "Percentiles with their bounds: {\"p50\": \"1s\", \"p99.9\": \"2m\"}.", true}});
  kinds.add(
      "drift", "Fields and traits are distributed as they are elsewhere.",
      {{"of", book.text(), "ACTION.FIELD, or an action with all its fields and traits.", true},
       {"against", book.words({"sides", "baseline"}),
        "Client against server events (default), or rows against the baseline's."},
       kinds.baseline("The rows that the others are compared with."),
       kinds.within("Distance between distributions that is allowed. Default 0.")});
  kinds.add(
      "freshness", "Rows are seen soon after they arrived, and stay.",
      {kinds.of(),
       {"seen_within", book.duration(0), "From arrival at the target to its ingestion_ts.", true},
       {"reads", book.integer(1, 10), "How often more the target is read. Default 2."},
       kinds.within("Share of rows that may be later. Default 0.")});
  kinds.add("metamorphic",
            "Neither reading nor sending all twice changes a row, nor the order it comes in.", {});
  kinds.add("rollup", "The target's daily totals are those of its rows, and of the ledger.",
            {{"of", book.text(), "An action, or ACTION.FIELD for its sum. Default all actions."},
             kinds.within("Distance that is allowed. Default 0.")});
  kinds.add(
      "slo", "A share of actions is right, and its error budget lasts.",
      {kinds.of(), {"at_least", book.ratio(), "The share of actions with one right row.", true}});
}

}  // namespace

const Shape* assertions_shape(ShapeBook& book) {
  const Shape* text = book.text();
  Kinds kinds{book,
              {{"that", text, "", true},
               {"name", book.text("a name", "", is_label), "Default the kind and what it is of."},
               {"about", text, "One sentence: why it must hold."},
               {"where", text, "Condition over actions. Default all."},
               {"expect", expect_shape(book), "It is to end so; then that is what passes."}},
              {}};
  kinds.all.kind = Shape::Kind::tagged;
  kinds.all.tag = "that";
  add_rows(kinds);
  add_numbers(kinds);
  add_promises(kinds);
  add_samples(kinds);
  return book.list(book.add(std::move(kinds.all)), 0, 1'000);
}

}  // namespace parallax
