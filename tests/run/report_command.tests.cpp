// SPDX-License-Identifier: Apache-2.0
#include <httplib.h>

#include <nlohmann/json.hpp>

#include "sim/run/page_server.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace fs = std::filesystem;
namespace {

Output run_plain(const fs::path& out) {
  return parallax({"run", source("scenarios/smoke/plain.json").string(), "--set",
                   "/population/users=20", "--out", out.string(), "-q"});
}

/// What the page holds between its data element's tags.
nlohmann::json data_of(const std::string& page) {
  const std::string begin = "<script id=\"data\" type=\"application/json\">";
  const std::size_t from = page.find(begin) + begin.size();
  REQUIRE(from > begin.size());
  return nlohmann::json::parse(page.substr(from, page.find("</script>", from) - from));
}

}  // namespace

TEST_CASE("run and judge leave a page, and report writes it anew", "[run][page]") {
  const TempFolder folder;
  const fs::path run = folder / "run", page = run / "report.html";
  REQUIRE(run_plain(run).code == 0);
  const nlohmann::json first = data_of(read_file(page));
  CHECK(first["report"] == nlohmann::json::parse(read_file(run / "report.json")));
  CHECK(first["scenario"] == nlohmann::json::parse(read_file(run / "scenario.json")));

  fs::remove(page);
  const Output anew = parallax({"report", run.string()});
  INFO(anew.err);
  CHECK(anew.code == 0);
  CHECK(anew.out == fs::absolute(page).string() + "\n");
  CHECK(data_of(read_file(page)) == first);

  fs::remove(page);
  CHECK(parallax({"judge", run.string(), "-q"}).code == 0);
  CHECK(data_of(read_file(page))["tables"] == first["tables"]);
}

TEST_CASE("report says what is wrong with a folder, and what to do", "[run][page]") {
  const TempFolder folder;
  const Output none = parallax({"report", folder.path().string()});
  CHECK(none.code == 4);
  CHECK(none.err.find("is no run folder") != std::string::npos);
  CHECK(parallax({"report"}).code == 4);

  const fs::path run = folder / "run";
  REQUIRE(run_plain(run).code == 0);
  fs::remove(run / "report.json");
  const Output unjudged = parallax({"report", run.string()});
  CHECK(unjudged.code == 4);
  CHECK(unjudged.err.find("report.json") != std::string::npos);
  CHECK(unjudged.err.find("parallax judge") != std::string::npos);

  write_file(run / "report.json", "{ half");
  const Output damaged = parallax({"report", run.string()});
  CHECK(damaged.code == 4);
  CHECK(damaged.err.find("is damaged") != std::string::npos);
}

TEST_CASE("the page server gives the reports as they are now, and nothing else", "[run][page]") {
  const TempFolder folder;
  write_file(folder / "report.html", "<p>one</p>");
  write_file(folder / "run.json", "{}");
  const auto server = PageServer::start(folder.path(), 0);
  REQUIRE(server);
  CHECK((*server)->url().starts_with("http://127.0.0.1:"));
  const std::string address = (*server)->url().substr(0, (*server)->url().size() - 1);
  httplib::Client client(address);
  REQUIRE(client.Get("/"));
  CHECK(client.Get("/")->body == "<p>one</p>");
  write_file(folder / "report.html", "<p>two</p>");
  CHECK(client.Get("/report.html")->body == "<p>two</p>");
  for (const char* path : {"/run.json", "/summary.md", "/../report.html", "/ledger"})
    CHECK(client.Get(path)->status == 404);

  const int taken = std::stoi(address.substr(address.rfind(':') + 1));
  CHECK(!PageServer::start(folder.path(), static_cast<std::uint16_t>(taken)));
}

TEST_CASE("a page server that is stopped at once does stop", "[run][page]") {
  const TempFolder folder;
  for (int i = 0; i < 20; ++i) CHECK(PageServer::start(folder.path(), 0));
}

}  // namespace parallax::test
