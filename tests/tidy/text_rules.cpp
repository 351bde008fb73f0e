// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cctype>
#include <string>

#include "tests/tidy/rules.h"
#include "tests/tidy/tokens.h"

namespace parallax::tidy {
namespace {

// Each has a cut, which `whole` takes out: this file too is looked at.
constexpr std::array leftovers{std::string_view("TO|DO"), std::string_view("FIX|ME")};
constexpr std::array machine_names{
    std::string_view("/wo|rk/"),         std::string_view("/ro|ot/"),
    std::string_view("registry.npm|js"), std::string_view("deb.deb|ian.org"),
    std::string_view("pypi|.org"),       std::string_view("files.python|hosted"),
    std::string_view("proxy.go|lang"),   std::string_view("crates|.io"),
    std::string_view("repo1.mav|en"),    std::string_view("repo.mav|en")};

std::string whole(std::string_view word) {
  std::string text(word);
  std::erase(text, '|');
  return text;
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool is_script(std::string_view path) {
  return path == "parallax" || path.starts_with(".ci/") || path.ends_with(".sh");
}

/// Whether `word` stands in `line` with no letter before it, nor after it when it ends in one.
bool stands_in(std::string_view word, std::string_view line) {
  for (std::size_t at = line.find(word); at != std::string_view::npos;
       at = line.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool begins = at == 0 || !is_word(line[at - 1]);
    const bool ends = end == line.size() || !is_word(line[end]) || !is_word(word.back());
    if (begins && ends) return true;
  }
  return false;
}

template <std::size_t n>
void find_words(const std::array<std::string_view, n>& words, std::string_view why,
                const SourceFile& file, Findings& out) {
  for (const std::string_view cut : words) {
    const std::string word = whole(cut);
    std::size_t number = 0;
    for (const std::string_view line : lines_of(file.text)) {
      ++number;
      if (stands_in(word, line)) out.push_back({file.path, number, word + ": " + std::string(why)});
    }
  }
}

}  // namespace

bool is_cpp(std::string_view path) {
  return path.ends_with(".h") || path.ends_with(".cpp") || path.ends_with(".inc");
}

bool is_source(std::string_view path) {
  return is_cpp(path) || is_script(path) || path.ends_with(".sql") || path.ends_with(".js") ||
         path.ends_with(".mjs") || path.ends_with(".cmake") || path.ends_with("CMakeLists.txt");
}

void check_licence_line(const SourceFile& file, Findings& out) {
  if (!is_source(file.path)) return;
  const std::vector<std::string_view> lines = lines_of(file.text);
  const std::size_t at = !lines.empty() && lines.front().starts_with("#!") ? 1 : 0;
  const bool there =
      lines.size() > at && lines[at].ends_with(" SPDX-License-Identifier: Apache-2.0");
  if (!there) out.push_back({file.path, at + 1, "the SPDX licence line is missing"});
}

void check_file_length(const SourceFile& file, Findings& out) {
  if (!is_source(file.path)) return;
  const std::size_t limit = file.path.ends_with(".h") ? header_lines_max : source_lines_max;
  const std::size_t lines = lines_of(file.text).size();
  if (lines > limit)
    out.push_back(
        {file.path, 0, std::to_string(lines) + " lines; the limit is " + std::to_string(limit)});
}

void check_leftovers(const SourceFile& file, Findings& out) {
  find_words(leftovers, "finish it, or write an issue", file, out);
}

void check_machine_names(const SourceFile& file, Findings& out) {
  find_words(machine_names, "nothing here may depend on one machine or name a registry's host",
             file, out);
}

}  // namespace parallax::tidy
