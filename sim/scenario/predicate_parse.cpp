// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>

#include "sim/scenario/load.h"
#include "sim/scenario/predicate_program.h"

namespace parallax {
namespace {

using Step = Predicate::Program::Step;

struct Token {
  enum class Kind : std::uint8_t { word, quoted, sign, end, broken } kind = Kind::end;
  std::string_view text;
  std::size_t at = 0;  ///< Offset of its first character.
};

constexpr std::string_view signs = "=!<>(),";
constexpr std::string_view blanks = " \t\r\n";

/// One nesting costs at most two bits of the evaluation's stack of 64.
constexpr int nesting_max = 30;

class Parser {
 public:
  Parser(std::string_view text, const TrackingPlan& plan, bool allows_source,
         Predicate::Program& program)
      : text_(text), plan_(plan), allows_source_(allows_source), program_(program) {
    advance();
  }

  Result<void> parse() {
    auto result = condition();
    if (!result) return result;
    if (token_.kind != Token::Kind::end) return unexpected("and, or, or the end");
    return {};
  }

 private:
  void advance() {
    const std::size_t at = text_.find_first_not_of(blanks, next_);
    if (at == std::string_view::npos) {
      token_ = {Token::Kind::end, {}, text_.size()};
      return;
    }
    const char c = text_[at];
    std::size_t end = at + 1;
    Token::Kind kind = Token::Kind::sign;
    if (c == '\'' || c == '"') {
      end = text_.find(c, at + 1);
      const bool closed = end != std::string_view::npos;
      kind = closed ? Token::Kind::quoted : Token::Kind::broken;
      end = closed ? end + 1 : text_.size();
    } else if (signs.find(c) != std::string_view::npos) {
      while (end < text_.size() && c != '(' && c != ')' && c != ',' && text_[end] == '=') ++end;
    } else {
      kind = Token::Kind::word;
      while (end < text_.size() && !ends_word(text_[end])) ++end;
    }
    token_ = {kind, text_.substr(at, end - at), at};
    next_ = end;
  }

  static bool ends_word(char c) {
    return blanks.find(c) != std::string_view::npos || signs.find(c) != std::string_view::npos ||
           c == '\'' || c == '"';
  }

  bool is(std::string_view word) const {
    return (token_.kind == Token::Kind::word || token_.kind == Token::Kind::sign) &&
           token_.text == word;
  }

  Error wrong(std::size_t at, const std::string& what) const {
    return {Error::Kind::invalid_input, "at character " + std::to_string(at + 1) + ": " + what, ""};
  }

  Error unexpected(const std::string& expected) const {
    if (token_.kind == Token::Kind::broken)
      return wrong(token_.at, "found a quote that is never closed, expected its end");
    const std::string found =
        token_.kind == Token::Kind::end ? "the end" : "\"" + std::string(token_.text) + "\"";
    return wrong(token_.at, "found " + found + ", expected " + expected);
  }

  Result<void> condition() {
    auto result = term();
    while (result && is("or")) {
      advance();
      result = term();
      program_.steps.push_back({Step::Kind::either, 0});
    }
    return result;
  }

  Result<void> term() {
    auto result = factor();
    while (result && is("and")) {
      advance();
      result = factor();
      program_.steps.push_back({Step::Kind::both, 0});
    }
    return result;
  }

  Result<void> factor() {
    if (nesting_ >= nesting_max)
      return wrong(token_.at, "found nesting deeper than " + std::to_string(nesting_max) +
                                  ", expected a simpler condition");
    ++nesting_;
    auto result = is("not") ? negation() : is("(") ? group() : comparison();
    --nesting_;
    return result;
  }

  Result<void> negation() {
    advance();
    auto result = factor();
    program_.steps.push_back({Step::Kind::negate, 0});
    return result;
  }

  Result<void> group() {
    advance();
    auto result = condition();
    if (!result) return result;
    if (!is(")")) return unexpected("and, or, or )");
    advance();
    return {};
  }

  Result<void> comparison() {
    const bool keyword = is("and") || is("or") || is("in");
    if (token_.kind != Token::Kind::word || keyword) return unexpected("a name, not, or (");
    const Token name = token_;
    if (auto known = check_predicate_name(name.text, plan_, allows_source_); !known)
      return wrong(name.at, known.error().what);
    advance();
    if (is("in")) return one_of(name);
    const auto relation = relation_of(token_.text);
    if (token_.kind != Token::Kind::sign || !relation)
      return unexpected("one of = != < <= > >= in");
    advance();
    return compare(name, *relation);
  }

  static std::optional<Relation> relation_of(std::string_view sign) {
    static constexpr std::array<std::pair<std::string_view, Relation>, 6> all{
        {{"=", Relation::equal},
         {"!=", Relation::unequal},
         {"<", Relation::less},
         {"<=", Relation::at_most},
         {">", Relation::more},
         {">=", Relation::at_least}}};
    for (const auto& [text, relation] : all)
      if (text == sign) return relation;
    return std::nullopt;
  }

  Result<void> one_of(const Token& name) {
    advance();
    if (!is("(")) return unexpected("( and a list of values");
    bool first = true;
    do {
      advance();
      if (auto result = compare(name, Relation::equal); !result) return result;
      if (!first) program_.steps.push_back({Step::Kind::either, 0});
      first = false;
    } while (is(","));
    if (!is(")")) return unexpected(", or )");
    advance();
    return {};
  }

  Result<void> compare(const Token& name, Relation relation) {
    const bool quoted = token_.kind == Token::Kind::quoted;
    if (!quoted && token_.kind != Token::Kind::word) return unexpected("a value");
    std::string_view text = token_.text;
    if (quoted) text = text.substr(1, text.size() - 2);
    auto made = resolve_comparison(name.text, relation, {text, quoted}, plan_);
    if (!made) return wrong(token_.at, made.error().what);
    const auto index = static_cast<std::uint32_t>(program_.comparisons.size());
    program_.comparisons.push_back(std::move(made).value());
    program_.steps.push_back({Step::Kind::compare, index});
    advance();
    return {};
  }

  std::string_view text_;
  const TrackingPlan& plan_;
  bool allows_source_;
  Predicate::Program& program_;
  Token token_;
  std::size_t next_ = 0;
  int nesting_ = 0;
};

}  // namespace

Result<Predicate> Predicate::parse(std::string_view text, const TrackingPlan& plan, SimTime start,
                                   bool allows_source) {
  auto program = std::make_shared<Program>();
  program->start = start;
  program->currencies = plan.currencies.empty() ? 1 : plan.currencies.size();
  auto parsed = Parser(text, plan, allows_source, *program).parse();
  if (!parsed) return parsed.error();
  Predicate predicate;
  predicate.program_ = std::move(program);
  predicate.text_ = text;
  return predicate;
}

}  // namespace parallax
