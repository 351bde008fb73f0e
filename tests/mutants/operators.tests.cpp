// SPDX-License-Identifier: Apache-2.0
// What becomes of a source when every mutant is put into it.
#include "tests/mutants/operators.h"

#include "tests/support/catch.h"

namespace parallax::mutants {
namespace {

std::string mutated(const std::string& source) {
  Mutation mutation(source, 0);
  mutate(mutation);
  return mutation.text();
}

std::vector<std::string> kinds(const std::string& source) {
  Mutation mutation(source, 0);
  mutate(mutation);
  std::vector<std::string> kinds;
  for (const Mutant& mutant : mutation.mutants) kinds.push_back(mutant.kind);
  return kinds;
}

}  // namespace

TEST_CASE("a comparison is turned round and its edge is moved, in a loop only turned",
          "[mutants]") {
  CHECK(mutated("x = a < b;\n") == "x = a < ::mutant::Less{0, 1} < b;\n");
  CHECK(mutated("x = a == b;\n") == "x = a == ::mutant::Equal{0} == b;\n");
  CHECK(mutated("for (i = 0; i < n; ++i)\n") == "for (i = 0; i < ::mutant::Less{0} < n; ++i)\n");
}

TEST_CASE("an operand of a conjunction is dropped", "[mutants]") {
  CHECK(mutated("x = a && b;\n") == "x = a && ::mutant::All{0} | b;\n");
  CHECK(mutated("x = a ||\n  b;\n") == "x = a || ::mutant::None{0} &\n  b;\n");
}

TEST_CASE("verdicts become better and passes worse", "[mutants]") {
  CHECK(mutated("x = Verdict::fail;\n") ==
        "x = ::mutant::pick(0, Verdict::fail, Verdict::pass);\n");
  CHECK(mutated("x = Verdict::pass;\n") ==
        "x = ::mutant::pick(0, Verdict::pass, Verdict::fail);\n");
  CHECK(mutated("    case Verdict::fail:\n") == "    case Verdict::fail:\n");
}

TEST_CASE("a condition is turned round as a whole where it compares nothing", "[mutants]") {
  CHECK(mutated("if (is_open(x)) return;\n") == "if (::mutant::flip(0, is_open(x))) return;\n");
  CHECK(kinds("if (a < b) return;\n") == std::vector<std::string>{"reversed", "edge"});
  CHECK(kinds("if (const auto x = f()) return;\n").empty());
}

TEST_CASE("a statement is left out, a declaration is not", "[mutants]") {
  CHECK(mutated("{\n  ++n;\n}\n") == "{\n  ::mutant::on(0) ? void() : void(++n);\n}\n");
  CHECK(mutated("{\n  note(a.b, c);\n}\n") ==
        "{\n  ::mutant::on(0) ? void() : void(note(a.b, c));\n}\n");
  CHECK(mutated("{\n  const int n = 3;\n}\n") == "{\n  const int n = 3;\n}\n");
  CHECK(kinds("{\n  x =\n      f(3);\n}\n").empty());
}

TEST_CASE("comments, texts, templates and asserts are left alone", "[mutants]") {
  for (const char* source : {"// a < b && c\n", "x = f(\"a < b\");\n", "std::vector<int> x;\n",
                             "  assert(a < b);\n", "#if A == B\n", "auto&& x = f();\n"})
    CHECK(mutated(source) == source);
}

TEST_CASE("a written mutant stands beside the original, around what else is in it", "[mutants]") {
  Mutation mutation("f(a < b, b);\n", 0);
  mutate(mutation);
  CHECK(write_mutant(mutation, "all is well", "f(", "a < b", "true"));
  CHECK(mutation.text() == "f((::mutant::on(2) ? (true) : (a < ::mutant::Less{0, 1} < b)), b);\n");
  CHECK(write_mutant(mutation, "nothing is done", "", "f(a < b, b);", ";"));
  CHECK_THAT(mutation.text(), Catch::StartsWith("if (::mutant::on(3)) { ; } else { f("));
  CHECK_THAT(mutation.text(), Catch::EndsWith("b); }\n"));
}

TEST_CASE("a written mutant whose text is gone has no place", "[mutants]") {
  Mutation mutation("f(a, b);\n", 0);
  CHECK_FALSE(write_mutant(mutation, "m", "", "a < b", "true"));
  CHECK_FALSE(write_mutant(mutation, "m", "b", "f(", "true"));
  CHECK(mutation.mutants.empty());
}

}  // namespace parallax::mutants
