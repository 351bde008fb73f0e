// SPDX-License-Identifier: Apache-2.0
// What is made from the tree of commands: completions for three shells, the man page, --version;
// and doctor.
#include <regex>

#include "sim/run/cli.h"
#include "sim/run/version.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The candidates that bash offers for a line, sorted.
std::string bash_completes(const std::string& words) {
  const Output output = shell("source <(\"$PARALLAX\" completion bash)\nCOMP_WORDS=(" + words +
                              ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_parallax\n"
                              "printf '%s\\n' \"${COMPREPLY[@]}\" | sort | tr '\\n' ' '");
  INFO(output.err);
  CHECK(output.code == 0);
  return output.out;
}

std::string fish_completes(const std::string& line) {
  const TempFolder folder;
  const Output output = shell(
      "\"$PARALLAX\" completion fish >c.fish && fish --no-config -c 'source c.fish; complete -C "
      "\"" +
          line + "\"' | cut -f1 | sort | tr '\\n' ' '",
      folder.path());
  INFO(output.err);
  return output.out;
}

}  // namespace

TEST_CASE("bash completes commands, options and words of a registry", "[docs][completion]") {
  CHECK(bash_completes("parallax sc") == "scenarios schema ");
  CHECK(bash_completes("parallax report me") == "merge ");
  CHECK(bash_completes("parallax run a.json --rep") == "--report ");
  CHECK(bash_completes("parallax run --bug no_d") == "no_dedupe ");
  CHECK(bash_completes("parallax run --policy s") == "segment snowplow ");
  CHECK(bash_completes("parallax help verd") == "verdicts ");
  CHECK(bash_completes("parallax completion ''") == "bash fish zsh ");
  CHECK(bash_completes("parallax generate --format p") == "parquet ");
  CHECK(bash_completes("parallax generate --faults ''") == "off on ");
  CHECK(bash_completes("parallax --quiet nothing") == " ");
}

TEST_CASE("fish completes the same", "[docs][completion]") {
  if (shell("command -v fish").code != 0) FAIL("fish is missing: apt-get install fish");
  CHECK(has(fish_completes("parallax sc"), "scenarios schema"));
  CHECK(has(fish_completes("parallax report me"), "merge"));
  CHECK(has(fish_completes("parallax run a.json --rep"), "--report"));
  CHECK(has(fish_completes("parallax run --bug no_d"), "no_dedupe"));
  CHECK(has(fish_completes("parallax help verd"), "verdicts"));
  CHECK_FALSE(has(fish_completes("parallax run --"), "--listen"));
}

TEST_CASE("zsh takes the script, which knows every command and option", "[docs][completion]") {
  if (shell("command -v zsh").code != 0) FAIL("zsh is missing: apt-get install zsh");
  const Output checked = shell(
      "\"$PARALLAX\" completion zsh >/dev/null && "
      "zsh -fn <(\"$PARALLAX\" completion zsh)");
  INFO(checked.err);
  CHECK(checked.code == 0);
  const Output loaded = shell(
      "zsh -fc 'autoload -Uz compinit; compinit -u -D; source <(\"$PARALLAX\" "
      "completion zsh); print ${_comps[parallax]}'");
  INFO(loaded.err);
  CHECK(loaded.out == "_parallax\n");
  const std::string script = parallax({"completion", "zsh"}).out;
  for (const CommandNode& command : command_line_tree().commands)
    CHECK(has(script, "'" + command.name + ":"));
  CHECK(has(script, "--bug[Switch a bug"));
}

TEST_CASE("an unknown shell is refused with the nearest", "[docs][completion]") {
  const Output output = parallax({"completion", "zhs"});
  CHECK(output.code == 4);
  CHECK(has(output.err, "did you mean zsh?"));
}

TEST_CASE("the man page is free of warnings and has every command", "[docs][man]") {
  if (shell("command -v groff").code != 0) FAIL("groff is missing: apt-get install groff-base");
  const Output output =
      shell("\"$PARALLAX\" man | groff -man -Tascii -ww -P-c -P-b -P-u -rLL=100n");
  CHECK(output.err == "");
  CHECK(output.code == 0);
  for (const CommandNode& command : command_line_tree().commands)
    CHECK(has(output.out, "parallax " + command.name));
  CHECK(has(output.out, "EXIT STATUS"));
  CHECK(has(output.out, "an assertion failed"));
  CHECK(has(output.out, "--report TEXT"));
  CHECK_FALSE(has(output.out, "\\e"));
}

TEST_CASE("--version says what was built, with what", "[docs][version]") {
  const Output output = parallax({"--version"});
  CHECK(output.code == 0);
  CHECK(output.out.starts_with(std::string("parallax ") + version_text + "\n"));
  for (const char* part : {"build     ", "DuckDB v", "faults", "commit "})
    CHECK(has(output.out, part));
}

TEST_CASE("an installed program finds the scenarios that came with it, after those at hand",
          "[docs][installed]") {
  const TempFolder folder;
  const std::string tree =
      "mkdir -p prefix/bin prefix/share/parallax && cp \"$PARALLAX\" prefix/bin && "
      "ln -s '" +
      source("scenarios").string() + "' prefix/share/parallax; ";
  const Output found =
      shell(tree + "prefix/bin/parallax validate scenarios/smoke/plain.json", folder.path());
  INFO(found.err);
  CHECK(found.code == 0);
  CHECK(has(found.out, "prefix/share/parallax/scenarios/smoke/plain.json: ok"));
  const Output shown = shell("prefix/bin/parallax scenarios show shop", folder.path());
  CHECK(shown.code == 0);
  const Output own = shell(
      "mkdir -p scenarios/smoke; echo '{}' >scenarios/smoke/plain.json; "
      "prefix/bin/parallax validate scenarios/smoke/plain.json",
      folder.path());
  CHECK(own.code == 4);
  CHECK(has(own.err, "scenarios/smoke/plain.json"));
}

TEST_CASE("doctor finds a working machine ready, and says what is optional", "[docs][doctor]") {
  const Output output = parallax({"doctor"});
  INFO(output.out << output.err);
  CHECK(output.code == 0);
  CHECK(has(output.out, "writes and reads Parquet"));
  CHECK(std::regex_search(output.out, std::regex("a small run +pass: [0-9,]+ actions")));
  CHECK(has(output.out, "parallax: ready"));
}

TEST_CASE("doctor says what is wrong and what to do", "[docs][doctor]") {
  const TempFolder folder;
  write_file(folder / "file", "no folder");
  const Output blocked = parallax({"doctor", "--runs", (folder / "file/runs").string()});
  CHECK(blocked.code == 4);
  CHECK(has(blocked.out, "BAD"));
  CHECK(has(blocked.out, "cannot be written"));
  CHECK(has(blocked.out, "give every run its --out FOLDER"));
  const Output homeless = shell("TMPDIR=/proc \"$PARALLAX\" doctor", folder.path());
  CHECK(homeless.code == 4);
  CHECK(has(homeless.out, "set TMPDIR"));
  const Output few = shell("ulimit -n 256; PATH=/usr/bin \"$PARALLAX\" doctor", folder.path());
  CHECK(few.code == 0);
  CHECK(has(few.out, "ulimit -n"));
}

}  // namespace parallax::test
