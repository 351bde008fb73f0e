// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/shape.h"

namespace parallax {
namespace {

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

}  // namespace

bool is_label(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) < 0x20) return false;
  return !text.empty() && text.size() <= 120;
}

const Shape* faults_shape(ShapeBook& book, std::span<const FaultKind> faults) {
  const Shape* spread = spread_shape(book);
  const std::vector<Key> common = selector_keys(book);
  Shape all;
  all.kind = Shape::Kind::tagged;
  all.tag = "fault";
  for (const FaultKind& fault : faults) {
    std::vector<Key> keys = common;
    keys.front().about = fault.about;
    if (const auto at = point_param(fault))
      keys.push_back({at->name, param_shape(book, *at, spread), at->about});
    for (const ParamKind& param : fault.params)
      keys.push_back({param.name, param_shape(book, param, spread), param.about});
    all.words.push_back(fault.name);
    all.options.push_back(book.object(std::move(keys)));
  }
  return book.list(book.add(std::move(all)), 0, max_faults);
}

}  // namespace parallax
