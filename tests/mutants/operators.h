// SPDX-License-Identifier: Apache-2.0
#pragma once
/// Makes a source wrong in every way that a slip of the pen would, one mutant a way.
///
/// Works on text, not on a syntax tree: clang-format puts blanks around binary operators and none
/// around the brackets of templates, and that is all that has to be known of C++. What is inserted
/// never breaks a line, so that lines keep their numbers.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace parallax::mutants {

/// A text put in before a place of a source. Of a pair around an expression, `partner` is the
/// other's place; else it is `at`.
struct Insertion {
  std::size_t at = 0, partner = 0;
  std::string text;
};

/// One way to be wrong.
struct Mutant {
  int number = 0;
  std::string kind;  ///< "reversed", "edge", ...; of a written one "written".
  std::size_t line = 0;
  std::string is, becomes;
  std::string name;  ///< Of a written one.
};

/// A source, what is wrong with it and how that is put in. `next` numbers the mutants.
struct Mutation {
  std::string source;
  std::string mask;  ///< `source` with comments, texts and characters blanked out.
  int next = 0;
  std::vector<Insertion> insertions;
  std::vector<Mutant> mutants;

  Mutation(std::string text, int first);
  /// Numbers a mutant at a place of the source.
  int add(std::string_view kind, std::size_t at, std::string is, std::string becomes);
  void insert(std::size_t at, std::string text);
  void wrap(std::size_t begin, std::size_t end, std::string before, std::string behind);
  /// The source with all mutants in it, each behind its number.
  std::string text() const;
};

/// One way that somebody wrote down: the expression, or the statement with its semicolon, `is`
/// turned into `becomes`. `is` is looked for behind the first `after`. False where it is not there.
bool write_mutant(Mutation& mutation, std::string_view name, std::string_view after,
                  std::string_view is, std::string_view becomes);

/// All the ways that need nobody's thought: comparisons reversed and moved by their edge, operands
/// of `&&` and `||` dropped, conditions turned round, verdicts and causes swapped, plus for minus,
/// statements left out.
void mutate(Mutation& mutation);

}  // namespace parallax::mutants
