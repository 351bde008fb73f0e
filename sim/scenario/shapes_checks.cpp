// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/shape.h"
#include "sim/scenario/verdict_words.h"

namespace parallax {
namespace {

bool is_label(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20) return false;
  return !text.empty() && text.size() <= 120;
}

bool is_span(std::string_view text) { return parse_span(text).has_value(); }

/// A duration, or a distribution of durations.
const Shape* spread_shape(ShapeBook& book) {
  const Shape* span = book.duration(std::numeric_limits<Micros>::min());
  const Shape* two = book.list(span, 2, 2);
  Shape* spread =
      book.add(*book.any_of({span, book.object({{"normal", two, "[mean, deviation].", true}}),
                             book.object({{"uniform", two, "[low, high].", true}}),
                             book.object({{"exponential", span, "The mean.", true}})}));
  spread->id = "spread";
  return spread;
}

const Shape* param_shape(ShapeBook& book, const ParamKind& param, const Shape* spread) {
  switch (param.type) {
    case ParamKind::Type::duration:
    case ParamKind::Type::distribution:
      return spread;
    case ParamKind::Type::ratio:
      return book.ratio();
    case ParamKind::Type::integer:
      return book.integer(std::numeric_limits<std::int64_t>::min(),
                          std::numeric_limits<std::int64_t>::max());
    case ParamKind::Type::cut:
      return book.integer(1, 65'535);
    case ParamKind::Type::word:
      return book.words(param.words);
    case ParamKind::Type::text:
    case ParamKind::Type::action:
    case ParamKind::Type::field:
    case ParamKind::Type::other_name:
      break;
  }
  return book.text();
}

std::vector<Key> selector_keys(ShapeBook& book) {
  Shape* burst = book.add(
      *book.object({{"rate", book.ratio(), "Long-run share inside one.", true},
                    {"length", book.integer(1, 1'000'000), "Mean length of a burst.", true},
                    {"inside", book.ratio(), "Share struck inside one. Default all."},
                    {"outside", book.ratio(), "Share struck between two. Default none."}}));
  burst->id = "burst";
  const Shape* span =
      book.text("a span such as \"2d..4d\", \"2d..\" or \"..4d\"", "\\.\\.", is_span);
  return {{"fault", book.text(), "", true},
          {"name", book.text("a name", "", is_label), "Default the kind, then kind-2, kind-3."},
          {"about", book.text(), "One sentence: why it is here."},
          {"per", book.words({"emission", "session", "device", "user", "host"}),
           "What one decision covers."},
          {"where", book.text(), "Condition: who is hit. Default all that the fault can strike."},
          {"side", book.words({"client", "server"}), "Which side's. Default the fault's own."},
          {"when", span, "From and until, counted from the start: 2d..4d."},
          {"rate", book.ratio(), "Share struck."},
          {"burst", burst, "Strikes in runs: {\"rate\": 0.02, \"length\": 8}."},
          {"nth", book.integer(1, 1'000'000'000), "Every n-th of each user's."},
          {"ids", book.list(book.text(), 1, 100'000), "Exactly these event ids, users or actions."},
          {"with", book.any_of({book.text(), book.list(book.text(), 1, max_faults)}),
           "Only what these faults before it struck too, by name."},
          {"may_miss", book.flag(), "A run in which it never struck may pass. Default false."}};
}

const Shape* expect_shape(ShapeBook& book) {
  const Shape* verdict = book.words({"pass", "unknown", "fail"});
  std::vector<std::string_view> words{finding_words.begin(), finding_words.end()};
  words.insert(words.end(), cause_words.begin(), cause_words.end());
  const Shape* with = book.list(book.words(std::move(words)), 1, 16);
  return book.any_of({verdict, book.object({{"verdict", verdict, "How it is to end.", true},
                                            {"with", with, "Verdicts or causes it must name."}})});
}

}  // namespace

const Shape* faults_shape(ShapeBook& book, std::span<const FaultKind> faults) {
  const Shape* spread = spread_shape(book);
  const std::vector<Key> common = selector_keys(book);
  Shape all;
  all.kind = Shape::Kind::tagged;
  all.tag = "fault";
  for (const FaultKind& fault : faults) {
    std::vector<Key> keys = common;
    keys.front().about = fault.about;
    for (const ParamKind& param : fault.params)
      keys.push_back({param.name, param_shape(book, param, spread), param.about});
    all.words.push_back(fault.name);
    all.options.push_back(book.object(std::move(keys)));
  }
  return book.list(book.add(std::move(all)), 0, max_faults);
}

const Shape* assertions_shape(ShapeBook& book) {
  const Shape* text = book.text();
  const Shape* share = book.ratio();
  const Shape* band = book.list(book.decimal(0, 1'000'000'000), 2, 2);
  const Shape* allow =
      book.object({{"verdict", book.words({finding_words.begin(), finding_words.end()}),
                    "Of the action.", true},
                   {"cause", text, "Its cause. Default any."},
                   {"share", share, "Of the judged actions.", true}});
  const std::vector<Key> common = {
      {"that", text, "", true},
      {"name", book.text("a name", "", is_label), "Default the kind and what it is of."},
      {"about", text, "One sentence: why it must hold."},
      {"where", text, "Condition over actions. Default all."},
      {"expect", expect_shape(book), "It is to end so; then that is what passes."}};
  const Key of{"of", text, "An action of the tracking plan. Default all."};
  const Key by{"by", book.words({"hour", "day"}), "Judge each on its own."};
  const Key within{"within", share, "Allowance on top of the ledger's interval. Default 0."};
  Shape all;
  all.kind = Shape::Kind::tagged;
  all.tag = "that";
  const auto add = [&](std::string_view kind, std::string_view about, std::vector<Key> own) {
    std::vector<Key> keys = common;
    keys.front().about = about;
    keys.insert(keys.end(), own.begin(), own.end());
    all.words.push_back(kind);
    all.options.push_back(book.object(std::move(keys)));
  };
  const Key whole_sum{"of", text, "ACTION.FIELD, such as purchase.revenue.", true};
  const Key ratio_of{"of", text, "The action counted.", true};
  add("exactly_once", "Each action lands once, as it was.",
      {of, {"allow", book.list(allow, 1, 64), "What is tolerated, by name."}});
  add("fields", "Each landed action has the right fields, user and time.",
      {of,
       {"against", book.words({"sent", "truth"}),
        "sent (default): what the app said; truth: what really happened."},
       {"within", book.duration(0, 366 * day),
        "against truth: how far the event time may be off. Default 1s."}});
  add("count", "As many rows as the ledger allows.", {of, by, within});
  add("sum", "A field adds up to what the ledger allows.", {whole_sum, by, within});
  add("ratio", "A ratio of two counts lies in a band.",
      {ratio_of,
       {"client_per_server", band, "[low, high] of client over server records."},
       {"per", text, "The action it is divided by."},
       {"between", band, "[low, high] of `of` over `per`."},
       by});
  return book.list(book.add(std::move(all)), 0, 1'000);
}

}  // namespace parallax
