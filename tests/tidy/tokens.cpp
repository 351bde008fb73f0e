// SPDX-License-Identifier: Apache-2.0
#include "tests/tidy/tokens.h"

#include <algorithm>
#include <cctype>
#include <string>

namespace parallax::tidy {
namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

/// Reads a source from left to right and keeps count of the lines.
class Scanner {
 public:
  explicit Scanner(std::string_view source) : rest_(source) {}

  std::vector<Token> run() {
    while (!rest_.empty()) step();
    return std::move(tokens_);
  }

 private:
  void step() {
    const char c = rest_.front();
    if (c == '\n') {
      skip(1);
      line_begins_ = true;
    } else if (is_space(c)) {
      skip(1);
    } else if (rest_.starts_with("//")) {
      skip_to("\n", 0);
    } else if (rest_.starts_with("/*")) {
      skip_to("*/", 2);
    } else if (c == '#' && line_begins_) {
      directive();
    } else {
      line_begins_ = false;
      code(c);
    }
  }

  void code(char c) {
    if (c == '"' || c == '\'') {
      literal(c);
    } else if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      take(length_while([](char d) { return is_word(d) || d == '\'' || d == '.'; }));
    } else if (is_word(c)) {
      word();
    } else {
      take(rest_.starts_with("::") || rest_.starts_with("->") ? 2 : 1);
    }
  }

  void word() {
    const std::size_t length = length_while(is_word);
    const bool raw =
        rest_.substr(0, length).ends_with('R') && rest_.substr(length).starts_with('"');
    if (raw) {
      rest_.remove_prefix(length);
      raw_literal();
    } else {
      take(length);
    }
  }

  void literal(char quote) {
    std::size_t end = 1;
    while (end < rest_.size() && rest_[end] != quote) end += rest_[end] == '\\' ? 2U : 1U;
    tokens_.push_back({rest_.substr(0, 1), line_});
    skip(std::min(end + 1, rest_.size()));
  }

  void raw_literal() {
    const std::size_t open = rest_.find('(');
    const std::string close = ")" + std::string(rest_.substr(1, open - 1)) + "\"";
    tokens_.push_back({rest_.substr(0, 1), line_});
    skip_to(close, close.size());
  }

  void directive() {
    while (true) {
      const std::size_t end = std::min(rest_.find('\n'), rest_.size());
      const bool goes_on = end > 0 && end < rest_.size() && rest_[end - 1] == '\\';
      skip(goes_on ? end + 1 : end);
      if (!goes_on) return;
    }
  }

  template <class Predicate>
  std::size_t length_while(Predicate holds) const {
    return static_cast<std::size_t>(std::find_if_not(rest_.begin(), rest_.end(), holds) -
                                    rest_.begin());
  }

  void take(std::size_t length) {
    tokens_.push_back({rest_.substr(0, length), line_});
    rest_.remove_prefix(length);
  }

  void skip_to(std::string_view end, std::size_t extra) {
    const std::size_t at = rest_.find(end);
    skip(at == std::string_view::npos ? rest_.size() : at + extra);
  }

  void skip(std::size_t length) {
    const auto skipped = rest_.substr(0, length);
    line_ += static_cast<std::size_t>(std::count(skipped.begin(), skipped.end(), '\n'));
    rest_.remove_prefix(length);
  }

  std::string_view rest_;
  std::size_t line_ = 1;
  bool line_begins_ = true;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokens_of(std::string_view source) { return Scanner(source).run(); }

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::vector<Include> includes_of(std::string_view source) {
  constexpr std::string_view directive = "#include ";
  std::vector<Include> includes;
  std::size_t number = 0;
  for (const std::string_view line : lines_of(source)) {
    ++number;
    if (!line.starts_with(directive)) continue;
    const std::string_view name = line.substr(directive.size());
    const bool quoted = name.starts_with('"');
    const std::size_t end = name.find(quoted ? '"' : '>', 1);
    if (end == std::string_view::npos) continue;
    includes.push_back({name.substr(1, end - 1), quoted, number});
  }
  return includes;
}

}  // namespace parallax::tidy
