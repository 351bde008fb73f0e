// SPDX-License-Identifier: Apache-2.0
// Is every check of the judge held by a test? The judge of this program has every mutant in it
// (make_mutants); each is switched on in turn and the tests of tests/assertions that reach it are
// run, until one is red:
//   test_mutants [TEXT] [--written] [--all] [--slow] [--tests TEXT] [--list FILE]
// TEXT: only mutants in whose file or name it stands. --written: only what stands in mutants.json.
// --all: a line for each mutant, not only for those that live. --slow: tests of more than a quarter
// of a second for those that nobody wrote, too. --tests: only tests in whose name the text stands;
// without the others mutants live, which shows that the gate can fail.
// --list: another list of mutants than that of make_mutants.
// Ends with 1 when a written mutant lives or has lost its place, or when of the others fewer are
// killed than `least_killed`.
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "tests/mutants/hunt.h"
#include "tests/mutants/operators.h"
#include "tests/mutants/session.h"

namespace {

using namespace parallax::mutants;

/// Of the mutants that some test reaches. Not all can be killed: some mean the same as the original
/// (an assignment that another repeats), others only cost time (a pass too many).
constexpr double least_killed = 0.70;
constexpr double quick_seconds = 0.25;
constexpr double every_test = 1e9;

struct Listed : Mutant {
  std::string file;
  bool is_written() const { return kind == "written"; }
  bool is_stale() const { return number < 0; }
  std::string place() const { return fmt::format("{}:{}", file, line); }
  std::string text() const {
    return fmt::format("{}{}{}", is, becomes.empty() ? ": " + kind : " -> " + becomes,
                       name.empty() ? "" : " (" + name + ")");
  }
};

std::vector<Listed> read_list(const std::string& path, const std::string& wanted, bool written) {
  std::vector<Listed> all;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> cells;
    std::istringstream text(line);
    for (std::string cell; std::getline(text, cell, '\t');) cells.push_back(cell);
    cells.resize(7);
    Listed one;
    one.number = std::atoi(cells[0].c_str());
    one.file = cells[1];
    one.line = static_cast<std::size_t>(std::atoi(cells[2].c_str()));
    one.kind = cells[3];
    one.name = cells[4];
    one.is = cells[5];
    one.becomes = cells[6];
    const bool is_wanted =
        one.file.find(wanted) != std::string::npos || one.name.find(wanted) != std::string::npos;
    if (is_wanted && (!written || one.is_written())) all.push_back(std::move(one));
  }
  return all;
}

struct Counts {
  std::size_t killed = 0, survived = 0, unreached = 0;
  void add(Fate fate) {
    killed += fate == Fate::killed ? 1U : 0U;
    survived += fate == Fate::survived ? 1U : 0U;
    unreached += fate == Fate::unreached ? 1U : 0U;
  }
  double share() const {
    const std::size_t reached = killed + survived;
    return reached == 0 ? 1 : static_cast<double>(killed) / static_cast<double>(reached);
  }
};

constexpr const char* fate_names[] = {"killed", "LIVES", "not reached"};

std::string fate_of(const Hunted& hunted, const std::vector<Scouted>& tests) {
  if (hunted.fate == Fate::killed) return tests[hunted.killer].name;
  return fate_names[static_cast<std::size_t>(hunted.fate)];
}

/// The written ones with every test: which are quick is up to the machine, and each has to die.
std::vector<Hunted> hunt_all(const std::vector<Listed>& mutants, const std::vector<Scouted>& tests,
                             bool slow, int workers) {
  std::vector<Hunted> hunted(mutants.size());
  for (const bool written : {true, false}) {
    std::vector<int> numbers;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < mutants.size(); ++i) {
      if (mutants[i].is_written() != written) continue;
      numbers.push_back(std::max(mutants[i].number, 0));
      places.push_back(i);
    }
    const double seconds = written || slow ? every_test : quick_seconds;
    const std::vector<Hunted> some = hunt(numbers, tests, seconds, workers);
    for (std::size_t i = 0; i < some.size(); ++i) hunted[places[i]] = some[i];
  }
  return hunted;
}

/// What somebody wrote down, with the test that each has to fear. Returns what is wrong with them.
std::vector<std::string> tell_written(const std::vector<Listed>& mutants,
                                      const std::vector<Hunted>& hunted,
                                      const std::vector<Scouted>& tests) {
  std::vector<std::string> wrong;
  fmt::print("| written mutant | the test that goes red |\n| --- | --- |\n");
  for (std::size_t i = 0; i < mutants.size(); ++i) {
    if (!mutants[i].is_written()) continue;
    const std::string fate = mutants[i].is_stale()
                                 ? "ITS TEXT IS NOT IN " + mutants[i].file + ": mend mutants.json"
                                 : fate_of(hunted[i], tests);
    fmt::print("| {} | {} |\n", mutants[i].name, fate);
    if (mutants[i].is_stale() || hunted[i].fate != Fate::killed)
      wrong.push_back(fmt::format("{}: {}", mutants[i].name, fate));
  }
  return wrong;
}

/// The others: a line for each that lives (or for all), and how many of each file. False where too
/// few are killed.
bool tell_others(const std::vector<Listed>& mutants, const std::vector<Hunted>& hunted,
                 const std::vector<Scouted>& tests, bool tell_all) {
  std::map<std::string, Counts> files;
  Counts total;
  for (std::size_t i = 0; i < mutants.size(); ++i) {
    if (mutants[i].is_written()) continue;
    files[mutants[i].file].add(hunted[i].fate);
    total.add(hunted[i].fate);
    if (tell_all || hunted[i].fate == Fate::survived)
      fmt::print("{}: {}: {}\n", mutants[i].place(), mutants[i].text(), fate_of(hunted[i], tests));
  }
  fmt::print("\n| file | killed | alive | killed, of those reached | not reached |\n");
  fmt::print("| --- | ---: | ---: | ---: | ---: |\n");
  const auto line = [](const std::string& file, const Counts& counts) {
    fmt::print("| {} | {} | {} | {:.0f} % | {} |\n", file, counts.killed, counts.survived,
               100 * counts.share(), counts.unreached);
  };
  for (const auto& [file, counts] : files) line(file, counts);
  line("all", total);
  return total.share() >= least_killed;
}

struct Words {
  std::string wanted, tests, list = PARALLAX_MUTANT_LIST;
  bool written = false, all = false, slow = false;
};

Words words_of(int argc, char** argv) {
  Words words;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--written") {
      words.written = true;
    } else if (word == "--all") {
      words.all = true;
    } else if (word == "--slow") {
      words.slow = true;
    } else if (word == "--tests" && i + 1 < argc) {
      words.tests = argv[++i];
    } else if (word == "--list" && i + 1 < argc) {
      words.list = argv[++i];
    } else {
      words.wanted = word;
    }
  }
  return words;
}

}  // namespace

int main(int argc, char** argv) {
  const Words words = words_of(argc, argv);
  const int workers = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const std::vector<Listed> mutants = read_list(words.list, words.wanted, words.written);
  std::vector<std::string> names;
  for (const std::string& name : test_names())
    if (name.find(words.tests) != std::string::npos) names.push_back(name);
  if (mutants.empty() || names.empty()) {
    fmt::print(stderr, "no {} to hunt {}\n", mutants.empty() ? "mutants" : "tests",
               mutants.empty() ? "for" : "with");
    return EXIT_FAILURE;
  }
  const std::vector<Scouted> tests = scout(names, workers);
  for (const Scouted& test : tests) {
    if (test.is_green) continue;
    fmt::print(stderr, "red without any mutant: {}\n", test.name);
    return EXIT_FAILURE;
  }
  const std::vector<Hunted> hunted = hunt_all(mutants, tests, words.slow, workers);
  std::vector<std::string> wrong = tell_written(mutants, hunted, tests);
  if (!tell_others(mutants, hunted, tests, words.all))
    wrong.push_back(fmt::format("fewer than {:.0f} % of all were killed", 100 * least_killed));
  if (wrong.empty()) return EXIT_SUCCESS;
  fmt::print("\n");
  for (const std::string& what : wrong) fmt::print("failed: {}\n", what);
  return EXIT_FAILURE;
}
