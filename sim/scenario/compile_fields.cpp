// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "sim/scenario/compile.h"

namespace parallax {
namespace {

using Kind = FieldChoice::Kind;

constexpr std::array<std::string_view, 8> generators{"value", "pick",   "uniform",    "log_normal",
                                                     "zipf",  "unique", "percent_of", "sum"};

FieldType type_of(std::string_view word) {
  if (word == "integer") return FieldType::integer;
  if (word == "number") return FieldType::number;
  if (word == "money") return FieldType::money;
  if (word == "boolean") return FieldType::boolean;
  return FieldType::string;
}

bool counts(FieldType type) {
  return type == FieldType::integer || type == FieldType::number || type == FieldType::money;
}

bool generates(Kind kind, FieldType type) {
  switch (kind) {
    case Kind::constant:
    case Kind::pick:
      return true;
    case Kind::uniform:
    case Kind::log_normal:
    case Kind::sum:
      return counts(type);
    case Kind::zipf:
      return type == FieldType::string || type == FieldType::integer;
    case Kind::unique:
      return type == FieldType::string;
    case Kind::percent_of:
      return type == FieldType::money;
  }
  return false;
}

/// One field while it is compiled.
class FieldCompiler {
 public:
  FieldCompiler(Compiler& compiler, const Node& node, ActionPlan& action, FieldPlan& plan,
                FieldChoice& choice)
      : compiler_(compiler), node_(node), action_(action), plan_(plan), choice_(choice) {}

  void compile() {
    plan_.type = type_of(node_["type"].word());
    compile_sides();
    std::vector<std::size_t> given;
    for (std::size_t i = 0; i < generators.size(); ++i)
      if (node_[generators[i]]) given.push_back(i);
    if (given.size() > 1)
      return problem(
          node_,
          "both " + std::string(generators[given[0]]) + " and " + std::string(generators[given[1]]),
          "one way to make the value");
    if (node_["theta"] && !node_["zipf"])
      problem(node_["theta"], "\"theta\" without \"zipf\"", "\"zipf\" beside it");
    if (node_["rate"] && !node_["percent_of"])
      problem(node_["rate"], "\"rate\" without \"percent_of\"", "\"percent_of\" beside it");
    if (given.empty()) return use_default();
    choice_.kind = static_cast<Kind>(given[0]);
    const Node made = node_[generators[given[0]]];
    if (!generates(choice_.kind, plan_.type))
      return problem(made,
                     "\"" + std::string(generators[given[0]]) + "\" for a " +
                         std::string(node_["type"] ? node_["type"].word() : "string"),
                     "another way to make such a value");
    generate(made);
  }

 private:
  void problem(const Node& at, std::string found, std::string expected) {
    compiler_.problems.error(at, std::move(found), std::move(expected), "");
  }

  void compile_sides() {
    plan_.owner = action_.server ? Source::server : Source::client;
    const Node owner = node_["owner"];
    if (owner) plan_.owner = owner.word() == "server" ? Source::server : Source::client;
    read_flag(node_["required"], plan_.required);
    const std::string_view on = node_["on"].word();
    plan_.on_client = on != "server" && on != "nobody";
    plan_.on_server = on != "client" && on != "nobody";
    if (on == "nobody") {
      if (plan_.required) problem(node_["required"], "true", "a field that somebody sends");
      return;
    }
    const std::string side(name_of(plan_.owner));
    if (!action_.emits(plan_.owner))
      compiler_.problems.warn(owner, "a field of the " + side,
                              "an owner that emits " + action_.name);
    else if (!plan_.on(plan_.owner))
      compiler_.problems.warn(node_["on"], shown(node_["on"]),
                              "a field that its owner, the " + side + ", sends");
  }

  int places() const {
    return plan_.type == FieldType::money ? 2 : plan_.type == FieldType::number ? 6 : 0;
  }

  /// A value's text in the field's own unit.
  std::optional<std::int64_t> amount(const Node& at, std::string_view text) {
    if (plan_.type == FieldType::boolean && (text == "true" || text == "false"))
      return text == "true" ? 1 : 0;
    const auto value =
        plan_.type == FieldType::boolean ? std::nullopt : parse_decimal(text, places());
    if (value) return value;
    static constexpr std::array<std::string_view, 5> expected{
        "a text", "a whole number", "a number with at most 6 decimals",
        "an amount with at most 2 decimals", "true or false"};
    problem(at, text.empty() ? shown(at) : "\"" + std::string(text) + "\"",
            std::string(expected[static_cast<std::size_t>(plan_.type)]));
    return std::nullopt;
  }

  void generate(const Node& made) {
    switch (choice_.kind) {
      case Kind::constant:
        return constant(made);
      case Kind::pick:
        return pick(made);
      case Kind::uniform:
        return uniform(made);
      case Kind::log_normal:
        return log_normal(made);
      case Kind::zipf:
        return zipf(made);
      case Kind::unique:
        return unique(made.is(Json::Kind::text) ? std::string(made.word()) : plan_.name + "-");
      case Kind::percent_of:
        return percent_of(made);
      case Kind::sum:
        return sum(made);
    }
  }

  void constant(const Node& made) {
    if (plan_.type == FieldType::string) {
      if (!made.is(Json::Kind::text)) return problem(made, shown(made), "a text");
      plan_.form.texts = {std::string(made.word())};
      return;
    }
    const bool flag = made.is(Json::Kind::boolean);
    const auto value = amount(made, flag ? (made.json().truth ? "true" : "false") : made.word());
    if (value) choice_.low = *value;
  }

  void pick(const Node& made) {
    if (!made.is(Json::Kind::object)) return;
    choice_.pick = weights_of(made);
    if (plan_.type == FieldType::string) {
      plan_.form.texts = made.json().names;
      return;
    }
    for (std::size_t i = 0; i < made.size(); ++i)
      choice_.pick_values.push_back(amount(made.at(i), made.name(i)).value_or(0));
  }

  void uniform(const Node& made) {
    if (made.size() != 2) return;
    const auto low = amount(made.at(0), made.at(0).word());
    const auto high = amount(made.at(1), made.at(1).word());
    if (!low || !high) return;
    if (*low > *high) problem(made, write_json_line(made.json()), "the lower end first");
    choice_.low = *low;
    choice_.high = std::max(*low, *high);
  }

  void log_normal(const Node& made) {
    if (made.size() != 2) return;
    const auto median = amount(made.at(0), made.at(0).word());
    const auto sigma = real_of(made.at(1));
    if (!median || !sigma) return;
    if (*median <= 0 || *sigma < 0 || *sigma > 5)
      problem(made, write_json_line(made.json()), "a median above 0 and a sigma 0 .. 5");
    choice_.low = *median;
    choice_.sigma = *sigma;
  }

  void zipf(const Node& made) {
    read_integer(made, choice_.items);
    if (const auto theta = real_of(node_["theta"])) choice_.theta = *theta;
    plan_.form.kind = TextForm::Kind::numbered;
    plan_.form.prefix = plan_.name + "-";
  }

  void unique(std::string prefix) {
    choice_.kind = Kind::unique;
    plan_.form.kind = TextForm::Kind::hex;
    plan_.form.prefix = std::move(prefix);
  }

  /// The index of a field that stands before this one.
  std::optional<std::size_t> earlier(const Node& at, std::string_view name) {
    std::vector<std::string_view> known;
    for (const FieldPlan& field : action_.fields)
      if (&field != &plan_ && field.type == plan_.type) known.push_back(field.name);
    const auto index = action_.field_index(name);
    if (std::find(known.begin(), known.end(), name) != known.end()) return index;
    const std::string type(plan_.type == FieldType::money ? "money" : "same type's");
    compiler_.problems.unknown(at, name, "an earlier " + type + " field of " + action_.name, known);
    return std::nullopt;
  }

  void percent_of(const Node& made) {
    if (const auto base = earlier(made, made.word())) choice_.base = *base;
    const Node rate = node_["rate"];
    if (!rate) return problem(node_, "\"percent_of\" without \"rate\"", "\"rate\" beside it");
    if (!rate.is(Json::Kind::object)) {
      choice_.shares = {ratio_of(rate).value_or(Ratio{})};
    } else if (const Node weights = rate["pick"]) {
      choice_.pick = weights_of(weights);
      for (std::size_t i = 0; i < weights.size(); ++i) {
        const auto share = parse_ratio(weights.name(i));
        if (!share)
          problem(weights.at(i), "\"" + weights.name(i) + "\"", "a share such as \"10%\", 0 .. 1");
        choice_.shares.push_back(share.value_or(Ratio{}));
      }
    } else if (const auto by_value = trait_members(compiler_, rate)) {
      choice_.by_trait = by_value->trait;
      for (const Node& member : by_value->members)
        choice_.shares.push_back(ratio_of(member).value_or(Ratio{}));
    }
  }

  void sum(const Node& made) {
    for (std::size_t i = 0; i < made.size(); ++i) {
      const std::string_view word = made.at(i).word();
      const bool minus = word.substr(0, 1) == "-";
      const auto field = earlier(made.at(i), minus ? word.substr(1) : word);
      if (field) choice_.terms.push_back({*field, minus ? -1 : 1});
    }
  }

  void use_default() {
    switch (plan_.type) {
      case FieldType::string:
        if (plan_.name == "id" || (plan_.name.size() > 3 && plan_.name.ends_with("_id")))
          return unique(plan_.name + "-");
        choice_.kind = Kind::zipf;
        choice_.items = 100;
        return zipf(node_["zipf"]);
      case FieldType::integer:
        choice_.kind = Kind::uniform;
        choice_.low = 1;
        choice_.high = 3;
        return;
      case FieldType::number:
        choice_.kind = Kind::uniform;
        choice_.high = 1'000'000;
        return;
      case FieldType::boolean:
        choice_.kind = Kind::pick;
        choice_.pick = {{0, 1}, {1, 1}};
        choice_.pick_values = {0, 1};
        return;
      case FieldType::money:
        return use_default_money();
    }
  }

  void use_default_money() {
    const auto first = std::find_if(
        action_.fields.begin(), action_.fields.end(),
        [&](const FieldPlan& field) { return field.type == FieldType::money && &field != &plan_; });
    const bool share =
        first != action_.fields.end() && (plan_.name == "tax" || plan_.name == "discount");
    if (!share) {
      choice_.kind = Kind::log_normal;
      choice_.low = 4'000;
      choice_.sigma = 0.6;
      return;
    }
    choice_.kind = Kind::percent_of;
    choice_.base = static_cast<std::size_t>(first - action_.fields.begin());
    if (plan_.name == "tax") {
      choice_.shares = {Ratio{80'000'000}};
    } else {
      choice_.pick = {{0, 7}, {1, 3}};
      choice_.shares = {Ratio::zero(), Ratio{100'000'000}};
    }
  }

  Compiler& compiler_;
  const Node& node_;
  ActionPlan& action_;
  FieldPlan& plan_;
  FieldChoice& choice_;
};

}  // namespace

void compile_fields(Compiler& compiler, const Node& fields) {
  ActionPlan& action = compiler.plan().actions.back();
  ActionChoice& choice = compiler.scenario.actions.back();
  if (!fields.is(Json::Kind::object)) return;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Node node = fields.at(i);
    const std::string& name = fields.name(i);
    if (!check_plan_name(compiler, node, name)) continue;
    if (compiler.plan().trait_index(name)) {
      compiler.problems.error(node, "\"" + name + "\"", "a name that no trait has", "");
      continue;
    }
    if (action.fields.size() == max_fields) {
      compiler.problems.error(node, "one more field",
                              "at most " + std::to_string(max_fields) + " fields an action", "");
      return;
    }
    FieldPlan& plan = action.fields.emplace_back();
    plan.name = name;
    FieldCompiler(compiler, node, action, plan, choice.fields.emplace_back()).compile();
  }
}

}  // namespace parallax
