// SPDX-License-Identifier: Apache-2.0
#include "tests/mutants/operators.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <regex>
#include <tuple>

namespace parallax::mutants {
namespace {

/// `from` up to `end`, without line breaks.
void blank(std::string& text, std::size_t from, std::size_t end) {
  for (std::size_t i = from; i < std::min(end, text.size()); ++i)
    if (text[i] != '\n') text[i] = ' ';
}

std::size_t end_of_quotes(const std::string& text, std::size_t at) {
  std::size_t i = at + 1;
  while (i < text.size() && text[i] != text[at]) i += text[i] == '\\' ? 2U : 1U;
  return i + 1;
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::string mask_of(const std::string& source) {
  std::string mask = source;
  for (std::size_t i = 0; i < source.size(); ++i) {
    std::size_t end = i;
    if (source.compare(i, 2, "//") == 0) {
      end = source.find('\n', i);
    } else if (source.compare(i, 2, "/*") == 0) {
      end = source.find("*/", i) + 2;
    } else if (source[i] == '"' || (source[i] == '\'' && (i == 0 || !is_word(source[i - 1])))) {
      end = end_of_quotes(source, i);
      // Quotes stay: an empty place is no operand.
      blank(mask, i + 1, end - 1);
      i = end - 1;
      continue;
    }
    if (end == i) continue;
    blank(mask, i, end);
    i = end - 1;
  }
  return mask;
}

std::string line_at(const std::string& text, std::size_t at) {
  const std::size_t begin = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
  return text.substr(begin, text.find('\n', at) - begin);
}

std::size_t indent_of(const std::string& line) {
  const std::size_t at = line.find_first_not_of(' ');
  return at == std::string::npos ? line.size() : at;
}

/// Lines on which nothing runs, or nothing that a test could tell.
bool is_left_alone(const std::string& line) {
  static const std::regex quiet(
      R"(^\s*(#|template|static_assert|using |typedef|enum |case |assert\(|friend auto|\{\"))");
  return std::regex_search(line, quiet);
}

std::size_t close_of(const std::string& mask, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < mask.size(); ++i) {
    if (mask[i] == '(' || mask[i] == '[' || mask[i] == '{') ++depth;
    if (mask[i] == ')' || mask[i] == ']' || mask[i] == '}') --depth;
    if (depth == 0) return i;
  }
  return std::string::npos;
}

/// Each place of the mask at which the text stands, on lines that are not left alone.
template <class Use>
void each(const Mutation& mutation, std::string_view text, Use use) {
  for (std::size_t at = mutation.mask.find(text); at != std::string::npos;
       at = mutation.mask.find(text, at + 1))
    if (!is_left_alone(line_at(mutation.mask, at))) use(at);
}

struct Comparison {
  const char* sign;
  const char* name;
  const char* reversed;
  const char* edge;  ///< Null: none.
};
constexpr std::array comparisons{
    Comparison{"<", "Less", ">=", "<="},      Comparison{"<=", "LessEqual", ">", "<"},
    Comparison{">", "Greater", "<=", ">="},   Comparison{">=", "GreaterEqual", "<", ">"},
    Comparison{"==", "Equal", "!=", nullptr}, Comparison{"!=", "Unequal", "==", nullptr},
};

bool is_loop(const std::string& line) { return line.find("for (") != std::string::npos; }

/// A binary operator between blanks, or at the end of a line.
template <class Use>
void each_operator(const Mutation& mutation, const std::string& sign, Use use) {
  each(mutation, " " + sign, [&](std::size_t at) {
    const char next = mutation.mask[at + 1 + sign.size()];
    const bool is_whole = next == ' ' || next == '\n';
    if (is_whole) use(at + 1);
  });
}

void mutate_comparisons(Mutation& mutation) {
  for (const auto& [sign, name, reversed, edge] : comparisons) {
    each_operator(mutation, sign,
                  [&, sign = sign, name = name, reversed = reversed, edge = edge](std::size_t at) {
                    const int turned = mutation.add("reversed", at, sign, reversed);
                    // A loop one step too long reads what is not there.
                    const bool has_edge = edge != nullptr && !is_loop(line_at(mutation.mask, at));
                    const std::string moved =
                        has_edge ? fmt::format(", {}", mutation.add("edge", at, sign, edge)) : "";
                    mutation.insert(
                        at, fmt::format("{} ::mutant::{}{{{}{}}} ", sign, name, turned, moved));
                  });
  }
}

void mutate_conjunctions(Mutation& mutation) {
  each_operator(mutation, "&&", [&](std::size_t at) {
    const int number = mutation.add("dropped", at, "&& ...", "");
    mutation.insert(at + 2, fmt::format(" ::mutant::All{{{}}} |", number));
  });
  each_operator(mutation, "||", [&](std::size_t at) {
    const int number = mutation.add("dropped", at, "|| ...", "");
    mutation.insert(at + 2, fmt::format(" ::mutant::None{{{}}} &", number));
  });
}

void mutate_arithmetic(Mutation& mutation) {
  const auto swap = [&](const char* sign, const char* name, const char* other) {
    each_operator(mutation, sign, [&](std::size_t at) {
      const int number = mutation.add("arithmetic", at, sign, other);
      mutation.insert(at, fmt::format("{} ::mutant::{}{{{}}} ", sign, name, number));
    });
  };
  swap("+", "Plus", "-");
  swap("-", "Minus", "+");
}

/// Conditions that hold no comparison: those are turned round by themselves.
void mutate_conditions(Mutation& mutation) {
  static const std::regex compared(R"( (<|<=|>|>=|==|!=)[ \n])");
  each(mutation, "if (", [&](std::size_t at) {
    const std::size_t open = at + 3, close = close_of(mutation.mask, open);
    const std::string condition = mutation.mask.substr(open + 1, close - open - 1);
    const bool declares = condition.find(" = ") != std::string::npos;
    if (declares || std::regex_search(condition, compared)) return;
    const int number = mutation.add("turned", at, "if (...)", "if (!(...))");
    mutation.wrap(open + 1, close, fmt::format("::mutant::flip({}, ", number), ")");
  });
  for (const char* truth : {"true", "false"}) {
    each(mutation, fmt::format("return {};", truth), [&](std::size_t at) {
      const bool is = truth[0] == 't';
      const int number = mutation.add("turned", at, fmt::format("return {}", truth),
                                      fmt::format("return {}", !is));
      const std::size_t begin = at + std::string_view("return ").size();
      mutation.wrap(begin, begin + std::string_view(truth).size(),
                    fmt::format("::mutant::flip({}, ", number), ")");
    });
  }
}

struct Constant {
  const char* type;
  const char* is;  ///< Null: any other.
  const char* becomes;
};
constexpr std::array constants{
    Constant{"Verdict", "pass", "fail"},        Constant{"Verdict", nullptr, "pass"},
    Constant{"ActionVerdict", "ok", "lost"},    Constant{"ActionVerdict", nullptr, "ok"},
    Constant{"Expectation", "must", "may"},     Constant{"Expectation", nullptr, "must"},
    Constant{"Cause", "none", "value_changed"}, Constant{"Cause", nullptr, "none"},
    Constant{"Source", "client", "server"},     Constant{"Source", nullptr, "client"},
};

void mutate_constants(Mutation& mutation) {
  static const std::regex constant(R"(\b(Verdict|ActionVerdict|Expectation|Cause|Source)::(\w+))");
  using Matches = std::sregex_iterator;
  for (Matches found(mutation.mask.begin(), mutation.mask.end(), constant); found != Matches();
       ++found) {
    const auto at = static_cast<std::size_t>(found->position());
    const std::string text = found->str(), type = (*found)[1], is = (*found)[2];
    if (is_left_alone(line_at(mutation.mask, at)) || mutation.mask[at + text.size()] == '(')
      continue;
    const auto other = std::find_if(constants.begin(), constants.end(), [&](const Constant& c) {
      return type == c.type && (c.is == nullptr || is == c.is);
    });
    const std::string becomes = fmt::format("{}::{}", type, other->becomes);
    const int number = mutation.add("constant", at, text, becomes);
    mutation.wrap(at, at + text.size(), fmt::format("::mutant::pick({}, ", number),
                  fmt::format(", {})", becomes));
  }
}

/// One line that changes something: an increment, an assignment to what is there, a call.
bool is_statement(const std::string& line) {
  static const std::regex change(
      R"(^\s*(\+\+[^ ]+|[^ (]+(\([^ ]*\))?[^ (]* (=|\+=|-=|\|=|&=|\*=) .+|\w[\w.:>\[\]()*-]*\(.*\));$)");
  static const std::regex other(
      R"(^\s*(return|if|for|while|switch|else|do|const|auto|static|assert|explicit|~|\w+\(const )\b)");
  return std::regex_search(line, change) && !std::regex_search(line, other);
}

bool ends_before(const std::string& mask, std::size_t line_begin) {
  const std::size_t last = mask.find_last_not_of(" \n", line_begin == 0 ? 0 : line_begin - 1);
  if (last == std::string::npos) return false;
  return std::string_view(";{})").find(mask[last]) != std::string_view::npos ||
         (last >= 3 && mask.compare(last - 3, 4, "else") == 0);
}

void mutate_statements(Mutation& mutation) {
  std::size_t begin = 0;
  while (begin < mutation.mask.size()) {
    const std::string line = line_at(mutation.mask, begin);
    const std::size_t indent = indent_of(line), end = begin + line.size();
    const bool is_balanced =
        std::count(line.begin(), line.end(), '(') == std::count(line.begin(), line.end(), ')') &&
        std::count(line.begin(), line.end(), '{') == std::count(line.begin(), line.end(), '}');
    if (indent > 0 && is_balanced && is_statement(line) && !is_left_alone(line) &&
        ends_before(mutation.mask, begin)) {
      const std::size_t first = begin + indent, semicolon = begin + line.rfind(';');
      const int number =
          mutation.add("left out", first, mutation.source.substr(first, semicolon - first), "");
      mutation.wrap(first, semicolon, fmt::format("::mutant::on({}) ? void() : void(", number),
                    ")");
    }
    begin = end + 1;
  }
}

}  // namespace

Mutation::Mutation(std::string text, int first)
    : source(std::move(text)), mask(mask_of(source)), next(first) {}

int Mutation::add(std::string_view kind, std::size_t at, std::string is, std::string becomes) {
  const auto line = 1 + std::count(source.begin(), source.begin() + static_cast<long>(at), '\n');
  mutants.push_back({next,
                     std::string(kind),
                     static_cast<std::size_t>(line),
                     std::move(is),
                     std::move(becomes),
                     {}});
  return next++;
}

void Mutation::insert(std::size_t at, std::string text) {
  insertions.push_back({at, at, std::move(text)});
}

void Mutation::wrap(std::size_t begin, std::size_t end, std::string before, std::string behind) {
  insertions.push_back({begin, end, std::move(before)});
  insertions.push_back({end, begin, std::move(behind)});
}

std::string Mutation::text() const {
  // At one place what ends there comes first, the inner before the outer; then what begins there,
  // the outer before the inner. Of two around the same the one put in later is the outer.
  std::vector<Insertion> order = insertions;
  std::reverse(order.begin(), order.end());
  std::stable_sort(order.begin(), order.end(), [](const Insertion& a, const Insertion& b) {
    return std::tuple(a.at, a.partner >= a.at, b.partner) <
           std::tuple(b.at, b.partner >= b.at, a.partner);
  });
  std::string made;
  std::size_t from = 0;
  for (auto it = order.begin(); it != order.end();) {
    made.append(source, from, it->at - from);
    from = it->at;
    const auto same = std::find_if(it, order.end(), [&](const Insertion& other) {
      return std::pair(other.at, other.partner) != std::pair(it->at, it->partner);
    });
    if (it->partner < it->at) std::reverse(it, same);
    for (; it != same; ++it) made += it->text;
  }
  return made.append(source, from);
}

bool write_mutant(Mutation& mutation, std::string_view name, std::string_view after,
                  std::string_view is, std::string_view becomes) {
  const std::size_t begin = mutation.source.find(after);
  if (begin == std::string::npos) return false;
  const std::size_t at = mutation.source.find(is, begin + after.size());
  if (at == std::string::npos) return false;
  const int number = mutation.add("written", at, std::string(is), std::string(becomes));
  mutation.mutants.back().name = name;
  const std::size_t end = at + is.size();
  if (is.ends_with(';')) {
    mutation.wrap(at, end, fmt::format("if (::mutant::on({})) {{ {} }} else {{ ", number, becomes),
                  " }");
  } else {
    mutation.wrap(at, end, fmt::format("(::mutant::on({}) ? ({}) : (", number, becomes), "))");
  }
  return true;
}

void mutate(Mutation& mutation) {
  mutate_constants(mutation);
  mutate_arithmetic(mutation);
  mutate_comparisons(mutation);
  mutate_conjunctions(mutation);
  mutate_conditions(mutation);
  mutate_statements(mutation);
}

}  // namespace parallax::mutants
