// SPDX-License-Identifier: Apache-2.0
// Writes copies of sources with every mutant in them, each behind its number, and the list of all:
//   make_mutants ROOT WRITTEN.json OUT FILE...        (FILEs relative to ROOT, copies below OUT)
// OUT/mutants.tsv: number, file, line, kind, name, what is there, what it becomes. A written mutant
// whose text is no longer in its file has the number -1: the run of the mutants tells it. Files
// that are as they were are not touched, so that only what changed is compiled again.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/mutants/operators.h"

namespace {

using namespace parallax::mutants;
using Json = nlohmann::json;
namespace fs = std::filesystem;

constexpr int numbers_a_file = 1'000;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot be read: " + path.string());
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  if (fs::exists(path) && read(path) == text) return;
  std::ofstream out(path, std::ios::binary);
  out << text;
  if (!out.flush()) throw std::runtime_error("cannot be written: " + path.string());
}

std::string in_one_line(const std::string& text) {
  std::string line;
  for (const char c : text) {
    const bool is_blank = c == '\n' || c == '\t' || c == ' ';
    if (!is_blank || (!line.empty() && line.back() != ' ')) line += is_blank ? ' ' : c;
  }
  return line;
}

std::string list(const std::string& file, const std::vector<Mutant>& mutants) {
  std::string text;
  for (const Mutant& m : mutants)
    text += fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\n", m.number, file, m.line, m.kind, m.name,
                        in_one_line(m.is), in_one_line(m.becomes));
  return text;
}

/// The copy of one file; adds its lines to the list.
void make(const fs::path& root, const fs::path& out, const std::string& file, int first,
          const Json& written, std::string& all) {
  Mutation mutation(read(root / file), first);
  mutate(mutation);
  for (const Json& m : written) {
    if (m.at("file") != file) continue;
    const std::string name = m.at("name"), after = m.value("after", ""), is = m.at("is"),
                      becomes = m.at("becomes");
    if (!write_mutant(mutation, name, after, is, becomes))
      mutation.mutants.push_back({-1, "written", 0, is, becomes, name});
  }
  if (mutation.next > first + numbers_a_file)
    throw std::runtime_error("too many mutants in one file: " + file);
  write(out / file, mutation.text());
  all += list(file, mutation.mutants);
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 5) throw std::runtime_error("ROOT WRITTEN.json OUT FILE...");
  const fs::path root = argv[1], out = argv[3];
  const Json written = Json::parse(read(argv[2]));
  std::string all;
  for (int i = 4; i < argc; ++i) make(root, out, argv[i], (i - 4) * numbers_a_file, written, all);
  write(out / "mutants.tsv", all);
  return EXIT_SUCCESS;
} catch (const std::exception& problem) {
  fmt::print(stderr, "make_mutants: {}\n", problem.what());
  return EXIT_FAILURE;
}
