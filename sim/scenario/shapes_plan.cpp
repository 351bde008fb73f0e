// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "sim/scenario/sdk_keys.h"
#include "sim/scenario/shape.h"

namespace parallax {
namespace {

/// A number, text or flag: what a field can be.
const Shape* value_shape(ShapeBook& book) {
  constexpr std::int64_t most = 1'000'000'000'000;
  return book.any_of({book.decimal(-most * 1'000'000, most * 1'000'000), book.text(), book.flag()});
}

bool is_amount(std::string_view text) { return parse_decimal(text, 6).has_value(); }

/// Two numbers; amounts may stand in quotes, where a formatter would eat the zeros of 40.00.
const Shape* pair_of_numbers(ShapeBook& book, std::string expected) {
  constexpr std::int64_t most = 1'000'000'000'000;
  const Shape* quoted = book.text("a number in quotes", "^-?[0-9]+(\\.[0-9]+)?$", is_amount);
  const Shape* number = book.decimal(-most * 1'000'000, most * 1'000'000);
  Shape shape = *book.list(book.any_of({number, quoted}), 2, 2);
  shape.expected = std::move(expected);
  return book.add(std::move(shape));
}

const Shape* rate_shape(ShapeBook& book) {
  const Shape* share = book.ratio();
  Shape by_trait = *book.object(
      {{"by", book.text(), "The trait that decides.", true}, {"else", share, "All other values."}});
  by_trait.item = share;
  by_trait.expected = "an object like {\"by\": \"country\", \"US\": 0.07, \"else\": 0.19}";
  const Shape* pick = book.object({{"pick", book.weights(), "Shares with their weights.", true}});
  return book.any_of({share, pick, book.add(std::move(by_trait))});
}

const Shape* field_shape(ShapeBook& book) {
  const Shape* text = book.text();
  const Shape* prefix = book.any_of({text, book.flag()});
  return book.object(
      {{"type", book.words({"string", "integer", "number", "money", "boolean"}),
        "Money is a decimal of the user's currency. Default string."},
       {"owner", book.words({"client", "server"}),
        "The authoritative side. Default the server where it emits."},
       {"required", book.flag(), "The contract rejects events without it. Default false."},
       {"on", book.words({"client", "server", "both", "nobody"}),
        "Who sends the field. Default both. Nobody: it is known, but no side may send it."},
       {"value", value_shape(book), "Always this."},
       {"pick", book.weights(), "Values with their weights."},
       {"uniform", pair_of_numbers(book, "a list [low, high] of two numbers, low first"),
        "[low, high], both included."},
       {"log_normal", pair_of_numbers(book, "a list [median, sigma]: above 0, and 0 .. 5"),
        "[median, sigma of the logarithm]."},
       {"zipf", book.integer(1, 10'000'000), "Popularity of so many items: NAME-1, NAME-2 ..."},
       {"theta", book.decimal(0, 3'000'000), "Slope of zipf, 0 .. 3. Default 0.99."},
       {"unique", prefix, "A fresh key an action, with this prefix; true: NAME-."},
       {"percent_of", text, "A share of an earlier money field; see rate."},
       {"rate", rate_shape(book), "Of percent_of: one share, weighted ones, or one by trait."},
       {"sum", book.list(text, 1, max_fields), "Earlier fields with signs: [\"a\", \"-b\"]."}});
}

const Shape* side_shape(ShapeBook& book) {
  std::vector<Key> keys{{"profile", book.text(), "What the other keys start from."}};
  for (Key& key : sdk_object_keys(book)) keys.push_back(std::move(key));
  return book.any_of({book.text(), book.object(std::move(keys))});
}

}  // namespace

const Shape* actions_shape(ShapeBook& book) {
  const Shape* side = book.words({"client", "server"});
  return book.map(
      book.object(
          {{"about", book.text(), "One sentence: what the user did."},
           {"emits", book.list(side, 1, 2), "Who records it: client, server or both.", true},
           {"fields", book.map(field_shape(book)), "Business fields, at most 16, in order."},
           {"succeeds", book.ratio(), "Share that the backend grants. Default 1."},
           {"result", book.text(), "The action that follows when this attempt succeeded."},
           {"confirmed_by", side, "Only this side's record makes a row."},
           {"server_after", book.duration(0, hour), "Client click to server record. Default 40ms."},
           {"schema_version", book.integer(1, 65'535), "Of its events. Default 1."}}),
      1);
}

const Shape* sdk_shape(ShapeBook& book) {
  const Shape* side = side_shape(book);
  return book.object(
      {{"client", side, "A profile such as posthog-js@1.449, or own numbers. Default browser."},
       {"server", side, "A profile such as posthog-node@5.70, or own numbers. Default node."}});
}

const Shape* journeys_shape(ShapeBook& book) {
  const Shape* state = book.object(
      {{"does", book.text(), "The action done here. Default none: only thinking."},
       {"page", book.text(), "Where it happens. Default the state's name."},
       {"think", book.duration(0, day), "Mean time until the next state. Default 7s."},
       {"wait", book.duration(0, 366 * day), "Exact time until the next state, instead of think."},
       {"next", book.weights(), "States with their weights; leave ends the session (default)."}});
  return book.map(
      book.object(
          {{"weight", book.integer(1, 1'000'000), "Share of the sessions. Default 1."},
           {"follows", book.text(),
            "The action after which the server does all this by itself, without a session."},
           {"start", book.text(), "Its first state. Default the first written."},
           {"steps_max", book.integer(1, 100'000), "States a session at most. Default 200."},
           {"states", book.map(state, 1), "The state machine.", true}}),
      1);
}

}  // namespace parallax
