// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

/// The rules of the repository as functions from a file's text to findings: they read no disk, so a
/// test can plant a violation in a text and see it caught.
/// To add one: its function here and in one of the *_rules.cpp, a line in `check_file`, and a test
/// in tidy.tests.cpp that plants a violation.
namespace parallax::tidy {

struct SourceFile {
  std::string path;  ///< From the root, with '/': "sim/core/time.h".
  std::string text;
};

struct Finding {
  std::string path;
  std::size_t line = 0;  ///< From 1; 0 when it is about the whole file.
  std::string what;      ///< What is wrong, and what to write instead.

  std::string text() const { return path + ":" + std::to_string(line) + ": " + what; }
};
using Findings = std::vector<Finding>;

constexpr std::size_t header_lines_max = 250;
constexpr std::size_t source_lines_max = 400;
constexpr std::size_t function_lines_max = 70;

bool is_cpp(std::string_view path);  ///< .h .cpp .inc
bool is_source(
    std::string_view path);  ///< C++, SQL, JavaScript, shell, CMake: what carries a licence line.

/// Folder of the include table that a path belongs to ("sim/core", "fault", "tests"); empty when
/// none does.
std::string_view folder_of(std::string_view path);

// include_rules.cpp
void check_own_includes(const SourceFile& file, Findings& out);    ///< The table of DESIGN 3.
void check_other_includes(const SourceFile& file, Findings& out);  ///< Libraries, by folder.

// code_rules.cpp
void check_banned_words(const SourceFile& file, Findings& out);
/// Loops over names that the file or its `header` (empty: none) declares as unordered containers.
void check_unordered_loops(const SourceFile& file, std::string_view header, Findings& out);
void check_function_length(const SourceFile& file, Findings& out);

// text_rules.cpp
void check_licence_line(const SourceFile& file, Findings& out);
void check_file_length(const SourceFile& file, Findings& out);
void check_leftovers(const SourceFile& file, Findings& out);      ///< Notes to finish later.
void check_machine_names(const SourceFile& file, Findings& out);  ///< Paths, hosts of registries.

// folder_rules.cpp
using Exists = std::function<bool(const std::string& path)>;
/// Links of a Markdown file to files that are not there; links to the web are not looked at.
void check_links(const SourceFile& file, const Exists& exists, Findings& out);
/// Each folder of DESIGN 3 that holds something has a README.md. `paths`: every file of the
/// repository.
void check_readmes(const std::vector<std::string>& paths, Findings& out);
/// The top level holds what DESIGN 3 lays down and nothing else.
void check_top_level(const std::vector<std::string>& paths, Findings& out);

/// All rules that look at one file alone. `header`: the text of the .h beside a .cpp, or empty.
Findings check_file(const SourceFile& file, std::string_view header, const Exists& exists);

}  // namespace parallax::tidy
