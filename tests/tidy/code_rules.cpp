// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "tests/tidy/rules.h"
#include "tests/tidy/tokens.h"

namespace parallax::tidy {
namespace {

using Tokens = std::span<const Token>;

bool is_name(std::string_view text) {
  const char c = text.front();
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// Where a ban holds.
enum class Where {
  deciding,      ///< Folders whose code decides results.
  all_but_run,   ///< Everywhere but sim/run, which makes the fresh run id of a live target.
  all_but_pace,  ///< Everywhere but sim/drive, which paces, and the tests.
  everywhere,
};

struct Ban {
  std::string_view word;  ///< An identifier; "*x": one that ends with x; "x(": one that is called.
  Where where;
  std::string_view instead;
};
constexpr std::string_view clocks = "take the time as a SimTime parameter";
constexpr std::string_view draws = "draw from sim/core/prng.h";
constexpr std::string_view maths = "use sim/core/math.h: libm's last bit differs between machines";
constexpr std::string_view waits = "wait for an event with a limit, do not sleep";
constexpr std::array bans{
    Ban{"system_clock", Where::deciding, clocks},
    Ban{"steady_clock", Where::deciding, clocks},
    Ban{"high_resolution_clock", Where::everywhere, "use steady_clock"},
    Ban{"gettimeofday", Where::everywhere, "use std::chrono"},
    Ban{"clock_gettime", Where::deciding, clocks},
    Ban{"time(", Where::deciding, clocks},
    Ban{"localtime", Where::everywhere, "times are UTC: sim/core/time.h"},
    Ban{"rand(", Where::everywhere, draws},
    Ban{"srand(", Where::everywhere, draws},
    Ban{"random_device", Where::all_but_run, draws},
    Ban{"mt19937", Where::everywhere, draws},
    Ban{"mt19937_64", Where::everywhere, draws},
    Ban{"*_distribution", Where::everywhere, draws},
    Ban{"log(", Where::deciding, maths},
    Ban{"log2(", Where::deciding, maths},
    Ban{"log10(", Where::deciding, maths},
    Ban{"log1p(", Where::deciding, maths},
    Ban{"exp(", Where::deciding, maths},
    Ban{"exp2(", Where::deciding, maths},
    Ban{"expm1(", Where::deciding, maths},
    Ban{"pow(", Where::deciding, maths},
    Ban{"sin(", Where::deciding, maths},
    Ban{"cos(", Where::deciding, maths},
    Ban{"tan(", Where::deciding, maths},
    Ban{"erf(", Where::deciding, maths},
    Ban{"lgamma(", Where::deciding, maths},
    Ban{"sleep_for", Where::all_but_pace, waits},
    Ban{"sleep_until", Where::all_but_pace, waits},
    Ban{"usleep(", Where::all_but_pace, waits},
    Ban{"sleep(", Where::all_but_pace, waits},
};

bool decides(std::string_view path) {
  constexpr std::array folders{std::string_view("sim/core"),    std::string_view("sim/scenario"),
                               std::string_view("sim/journey"), std::string_view("sim/sdk"),
                               std::string_view("sim/wire"),    std::string_view("fault"),
                               std::string_view("assertions")};
  return std::find(folders.begin(), folders.end(), folder_of(path)) != folders.end();
}

bool holds_in(Where where, std::string_view path) {
  const std::string_view folder = folder_of(path);
  switch (where) {
    case Where::deciding:
      return decides(path) && !path.starts_with("sim/core/math.");
    case Where::all_but_run:
      return folder != "sim/run";
    case Where::all_but_pace:
      return folder != "sim/drive" && folder != "tests";
    case Where::everywhere:
      return true;
  }
  return true;
}

/// A member's name or a declaration is no call of the C library: `x.log(`, `double exp(`.
bool is_library_call(Tokens tokens, std::size_t at) {
  if (at + 1 >= tokens.size() || tokens[at + 1].text != "(") return false;
  if (at == 0) return true;
  const std::string_view before = tokens[at - 1].text;
  if (before == "." || before == "->") return false;
  if (before == "::")
    return at < 2 || !is_name(tokens[at - 2].text) || tokens[at - 2].text == "std";
  return !is_name(before) || before == "return";
}

bool fits(const Ban& ban, Tokens tokens, std::size_t at) {
  const std::string_view text = tokens[at].text;
  if (ban.word.starts_with('*')) return text.ends_with(ban.word.substr(1));
  if (!ban.word.ends_with('(')) return text == ban.word;
  return text == ban.word.substr(0, ban.word.size() - 1) && is_library_call(tokens, at);
}

/// Index of the token after the '>' that closes the '<' at `open`.
std::size_t after_template(Tokens tokens, std::size_t open) {
  std::size_t depth = 0;
  for (std::size_t i = open; i < tokens.size(); ++i) {
    if (tokens[i].text == "<") ++depth;
    if (tokens[i].text == ">" && --depth == 0) return i + 1;
  }
  return tokens.size();
}

std::set<std::string_view> unordered_names(Tokens tokens) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    const bool declared = tokens[i].text.starts_with("unordered_") && tokens[i + 1].text == "<";
    if (!declared) continue;
    std::size_t name = after_template(tokens, i + 1);
    while (name < tokens.size() && (tokens[name].text == "&" || tokens[name].text == "const"))
      ++name;
    if (name < tokens.size() && is_name(tokens[name].text)) names.insert(tokens[name].text);
  }
  return names;
}

/// The name a range-for goes over, of the `for` at `at`: the last word before its closing bracket.
std::optional<Token> ranged_over(Tokens tokens, std::size_t at) {
  if (at + 1 >= tokens.size() || tokens[at + 1].text != "(") return {};
  std::size_t depth = 0;
  bool ranged = false;
  for (std::size_t i = at + 1; i < tokens.size(); ++i) {
    const std::string_view text = tokens[i].text;
    if (text == "(") ++depth;
    if (text == ":" && depth == 1) ranged = true;
    if (text != ")" || --depth > 0) continue;
    return ranged ? std::optional(tokens[i - 1]) : std::nullopt;
  }
  return {};
}

/// Follows braces through a file and measures the bodies of functions.
class BodyMeter {
 public:
  BodyMeter(const SourceFile& file, Findings& out) : file_(file), out_(out) {}

  void run(Tokens tokens) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const std::string_view text = tokens[i].text;
      if (text == "(") ++round_;
      if (text == ")") --round_;
      if (text == "(") head_has_call_ = true;
      if (text == ":" && head_has_call_) in_initialisers_ = true;
      if (text == "{") open(tokens, i);
      if (text == "}") close(tokens[i].line);
      if (text == ";" && round_ == 0) begin_statement();
    }
  }

 private:
  void open(Tokens tokens, std::size_t at) {
    ++depth_;
    if (body_depth_ != 0 || round_ != 0) return;
    const std::string_view before = at == 0 ? std::string_view{} : tokens[at - 1].text;
    const bool initialiser = in_initialisers_ && !before.empty() && is_name(before) &&
                             before != "const" && before != "noexcept" && before != "override";
    if (initialiser) return;
    if (head_has_call_) {
      body_depth_ = depth_;
      body_line_ = tokens[at].line;
    }
    begin_statement();
  }

  void close(std::size_t line) {
    if (depth_ == body_depth_) {
      body_depth_ = 0;
      const std::size_t lines = line - body_line_;
      if (lines > function_lines_max)
        out_.push_back({file_.path, body_line_,
                        "a function of " + std::to_string(lines) + " lines; the limit is " +
                            std::to_string(function_lines_max)});
      begin_statement();
    }
    --depth_;
  }

  void begin_statement() {
    head_has_call_ = false;
    in_initialisers_ = false;
  }

  const SourceFile& file_;
  Findings& out_;
  int round_ = 0;
  int depth_ = 0;
  int body_depth_ = 0;  ///< Brace depth of the function being measured; 0 outside of any.
  std::size_t body_line_ = 0;
  bool head_has_call_ = false;    ///< The statement so far has "(": its brace opens a body.
  bool in_initialisers_ = false;  ///< After the ':' of a constructor: `member_{1}` opens none.
};

}  // namespace

void check_banned_words(const SourceFile& file, Findings& out) {
  if (!is_cpp(file.path)) return;
  const std::vector<Token> tokens = tokens_of(file.text);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    for (const Ban& ban : bans) {
      if (fits(ban, tokens, i) && holds_in(ban.where, file.path))
        out.push_back(
            {file.path, tokens[i].line,
             std::string(tokens[i].text) + " is banned here: " + std::string(ban.instead)});
    }
  }
}

void check_unordered_loops(const SourceFile& file, std::string_view header, Findings& out) {
  if (!decides(file.path)) return;
  const std::vector<Token> tokens = tokens_of(file.text);
  const std::vector<Token> declared = tokens_of(header);
  std::set<std::string_view> names = unordered_names(tokens);
  names.merge(unordered_names(declared));
  for (std::size_t i = 0; i + 2 < tokens.size(); ++i) {
    std::optional<Token> over;
    if (tokens[i].text == "for") over = ranged_over(tokens, i);
    if (tokens[i + 1].text == "." && tokens[i + 2].text == "begin") over = tokens[i];
    if (over && names.contains(over->text))
      out.push_back({file.path, over->line,
                     std::string(over->text) +
                         " is unordered and walked through: its order differs between libraries"});
  }
}

void check_function_length(const SourceFile& file, Findings& out) {
  if (is_cpp(file.path)) BodyMeter(file, out).run(tokens_of(file.text));
}

}  // namespace parallax::tidy
