// SPDX-License-Identifier: Apache-2.0
#include "tests/run/process.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/support/catch.h"

namespace parallax::test {
namespace fs = std::filesystem;
namespace {

std::string quoted(const std::string& word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

}  // namespace

Output shell(const std::string& command, const fs::path& cwd) {
  const TempFolder folder;
  const std::string line = "cd " + quoted(cwd.string()) +
                           " && PARALLAX=" + quoted(PARALLAX_BINARY) + " timeout 300 bash -c " +
                           quoted(command) + " >" + quoted((folder / "out").string()) + " 2>" +
                           quoted((folder / "err").string()) + " </dev/null";
  const int status = std::system(line.c_str());  // NOLINT(concurrency-mt-unsafe): one thread
  Output output;
  output.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  output.out = read_file(folder / "out");
  output.err = read_file(folder / "err");
  return output;
}

Output parallax(const std::vector<std::string>& words, const fs::path& cwd) {
  std::string command = "\"$PARALLAX\"";
  for (const std::string& word : words) command += " " + quoted(word);
  return shell(command, cwd);
}

TempFolder::TempFolder() {
  std::string name = (fs::temp_directory_path() / "parallax-test-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  path_ = name;
}

TempFolder::~TempFolder() {
  std::error_code code;
  fs::remove_all(path_, code);
}

std::string read_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void write_file(const fs::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  REQUIRE(out.good());
}

fs::path source(const std::string& path) { return fs::path(PARALLAX_SOURCE_DIR) / path; }

}  // namespace parallax::test
