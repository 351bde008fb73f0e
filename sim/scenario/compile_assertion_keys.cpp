// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "sim/scenario/compile.h"
#include "sim/scenario/shape.h"

namespace parallax {
namespace {

void read_band(Compiler& compiler, const Node& band, AssertionPlan& out) {
  if (band.size() != 2) return;
  const auto low = millionths_of(band.at(0));
  const auto high = millionths_of(band.at(1));
  if (!low || !high) return;
  if (*low > *high)
    compiler.problems.error(band, write_json_line(band.json()), "the lower end first", "");
  out.between_millionths = {*low, *high};
}

void compile_ratio(Compiler& compiler, const Node& node, AssertionPlan& out) {
  const Node sides = node["client_per_server"];
  const Node per = node["per"];
  const Node between = node["between"];
  if (bool(sides) == bool(per) || bool(per) != bool(between))
    return compiler.problems.error(node, "a ratio of neither one kind nor the other",
                                   "\"client_per_server\" alone, or \"per\" with \"between\"", "");
  read_band(compiler, sides ? sides : between, out);
  out.per = compiler.action(per);
  if (sides && out.baseline)
    compiler.problems.error(node["baseline"], "a baseline of client_per_server",
                            "\"per\" with \"between\"", "");
  if (!sides || !out.of) return;
  const ActionPlan& action = compiler.plan().actions[*out.of];
  if (!action.client || !action.server)
    compiler.problems.error(node["of"], "an action that both client and server emit");
}

void compile_against_truth(Compiler& compiler, const Node& node, AssertionPlan& out) {
  if (out.that != "fields") return;
  out.against_truth = node["against"].word() == "truth";
  read_duration(node["within"], out.within_time);
  if (node["within"] && !out.against_truth)
    compiler.problems.error(node["within"], "\"within\" of what was sent",
                            "\"against\": \"truth\" beside it", "");
}

/// Fields by which numbers can be told apart: listed texts and truths.
bool is_listed(const FieldPlan& field) {
  return field.type == FieldType::boolean ||
         (field.type == FieldType::string && field.form.kind == TextForm::Kind::list);
}

void compile_by(Compiler& compiler, const Node& by, AssertionPlan& out) {
  const std::string_view word = by.word();
  if (word.empty()) return;
  if (word == "hour" || word == "day") {
    out.by = word == "hour" ? hour : day;
    return;
  }
  using Kind = Attribute::Kind;
  constexpr std::array fixed{std::pair{"action", Kind::action}, std::pair{"page", Kind::page},
                             std::pair{"consent", Kind::consent},
                             std::pair{"currency", Kind::currency}};
  std::vector<std::string> known{"hour", "day"};
  std::vector<Attribute> attributes(known.size());
  const auto offer = [&](Kind kind, std::size_t index, const std::string& name) {
    attributes.push_back({kind, index, name});
    known.push_back(name);
  };
  for (const auto& [name, kind] : fixed) offer(kind, 0, name);
  const TrackingPlan& plan = compiler.plan();
  for (std::size_t i = 0; i < plan.traits.size(); ++i) offer(Kind::trait, i, plan.traits[i].name);
  if (out.of) {
    const auto& fields = plan.actions[*out.of].fields;
    for (std::size_t i = 0; i < fields.size(); ++i)
      if (is_listed(fields[i])) offer(Kind::field, i, fields[i].name);
  }
  const auto found = std::find(known.begin(), known.end(), word);
  if (found == known.end())
    return compiler.problems.unknown(by, word, "something to tell numbers apart by", views(known));
  out.by_attribute = attributes[static_cast<std::size_t>(found - known.begin())];
}

void compile_percentiles(Compiler& compiler, const Node& at_most, AssertionPlan& out) {
  if (!at_most.is(Json::Kind::object)) return;
  for (std::size_t i = 0; i < at_most.size(); ++i) {
    const std::string& name = at_most.name(i);
    const auto share = name.starts_with('p') ? parse_ratio(name.substr(1) + "%") : std::nullopt;
    const auto bound = duration_of(at_most.at(i));
    if (!share || share->parts == 0 || *share == Ratio::whole()) {
      compiler.problems.error(at_most.at(i), name, "a percentile such as p50 or p99.9", "");
    } else if (bound) {
      out.at_most.emplace_back(*share, *bound);
    }
  }
  std::sort(out.at_most.begin(), out.at_most.end());
}

void read_clock(const Node& node, RowClock& out) {
  for (const RowClock clock :
       {RowClock::client, RowClock::server, RowClock::event, RowClock::ingestion})
    if (node.word() == name_of(clock)) out = clock;
}

void compile_versions(const Node& versions, AssertionPlan& out) {
  for (std::size_t i = 0; i < versions.size(); ++i)
    if (const auto version = integer_of(versions.at(i)))
      out.versions.push_back(static_cast<std::uint16_t>(*version));
}

void check_distinct(Compiler& compiler, const Node& node, const AssertionPlan& out) {
  if (out.that == "distinct" && bool(out.id) == bool(out.field))
    compiler.problems.error(node, "a distinct of neither one kind nor the other",
                            "\"of\": ACTION.FIELD, or \"id\"", "");
}

void check_latency(Compiler& compiler, const Node& node, const AssertionPlan& out) {
  if (out.that == "latency" && out.from == out.to)
    compiler.problems.error(node["to"], "a clock other than \"from\"");
}

void check_drift(Compiler& compiler, const Node& node, const AssertionPlan& out) {
  if (out.that != "drift") return;
  const bool wants_baseline = out.against == AssertionPlan::Against::baseline;
  if (wants_baseline != bool(out.baseline))
    compiler.problems.error(node, "a drift of neither one kind nor the other",
                            "\"against\": \"sides\", or \"baseline\" with the span of it", "");
}

void check_where(Compiler& compiler, const Node& node, const AssertionPlan& out) {
  if (out.that == "metamorphic" && node["where"])
    compiler.problems.error(node["where"], "a condition", "none: it is about all that is sent", "");
  if (out.that == "rollup" && node["where"])
    compiler.problems.error(node["where"], "a condition", "none: daily totals are of all rows", "");
}

}  // namespace

void compile_field_of(Compiler& compiler, const Node& of, std::string_view what,
                      bool (*fits)(FieldType), AssertionPlan& out) {
  const std::string_view whole = of.word();
  const auto dot = whole.rfind('.');
  if (dot == std::string_view::npos) {
    if (of) compiler.problems.error(of, "ACTION.FIELD, such as purchase.revenue");
    return;
  }
  std::vector<std::string> known;
  for (const ActionPlan& action : compiler.plan().actions)
    for (const FieldPlan& field : action.fields)
      if (fits(field.type)) known.push_back(action.name + "." + field.name);
  if (std::find(known.begin(), known.end(), whole) == known.end())
    return compiler.problems.unknown(of, whole, what, views(known));
  out.of = compiler.plan().action_index(whole.substr(0, dot));
  out.field = compiler.plan().actions[*out.of].field_index(whole.substr(dot + 1));
}

void compile_assertion_keys(Compiler& compiler, const Node& node, AssertionPlan& out) {
  compile_by(compiler, node["by"], out);
  if (const auto span = parse_span(node["baseline"].word()))
    out.baseline = {span->from, span->until};
  if (out.that == "ratio") compile_ratio(compiler, node, out);
  compile_against_truth(compiler, node, out);
  compile_percentiles(compiler, node["at_most"], out);
  read_clock(node["from"], out.from);
  read_clock(node["to"], out.to);
  for (const OwnerId id : {OwnerId::user, OwnerId::device, OwnerId::session})
    if (node["id"].word() == name_of(id)) out.id = id;
  if (const auto rate = ratio_of(node["rate"])) out.rate = *rate;
  read_flag(node["each_side"], out.each_side);
  compile_versions(node["versions"], out);
  if (node["against"].word() == "baseline") out.against = AssertionPlan::Against::baseline;
  read_duration(node["seen_within"], out.seen_within);
  read_integer(node["reads"], out.reads);
  read_ratio(node["at_least"], out.objective);
  check_distinct(compiler, node, out);
  check_latency(compiler, node, out);
  check_drift(compiler, node, out);
  check_where(compiler, node, out);
}

}  // namespace parallax
