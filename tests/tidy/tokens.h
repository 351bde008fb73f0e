// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string_view>
#include <vector>

namespace parallax::tidy {

/// One word or sign of C++ source. `text` looks into the source, which must outlive it.
struct Token {
  std::string_view text;  ///< An identifier, a number, "::", "->", or one sign. Literals: "\"".
  std::size_t line = 1;   ///< From 1.
};

/// The code of a source: comments and preprocessor lines are left out, text and character literals
/// (raw ones too) shrink to one token, so that no rule trips over what a text says.
std::vector<Token> tokens_of(std::string_view source);

/// An #include line.
struct Include {
  std::string_view path;  ///< Between the quotes or the angle brackets.
  bool quoted = false;
  std::size_t line = 1;
};
std::vector<Include> includes_of(std::string_view source);

/// Splits at line ends; a last empty line is none.
std::vector<std::string_view> lines_of(std::string_view text);

}  // namespace parallax::tidy
