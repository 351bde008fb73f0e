// SPDX-License-Identifier: Apache-2.0
// `parallax proxy` as people use it: in front of the built-in pipeline, with `parallax run` as the
// clients, judged and replayed afterwards.
#include <nlohmann/json.hpp>

#include "tests/proxy/proxied.h"
#include "tests/run/process.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::test;
using namespace parallax::proxy_tests;
using Json = nlohmann::json;

namespace {

/// Starts a pipeline and a proxy before it; their URLs are $PIPELINE and $PROXY, their processes
/// $P and $X, the proxy's run folder is `proxied`. Words go to the proxy.
std::string stage(const std::string& words, const std::string& bug = "") {
  return R"(
    trap 'kill $P $X $Q 2>/dev/null; wait' EXIT
    address() { for i in $(seq 200); do grep -om1 "$2" "$1" && return; sleep 0.05; done; cat "$1"; }
    "$PARALLAX" pipeline --listen 127.0.0.1:0 --data pipeline )" +
         bug + R"( >pipeline.log 2>&1 & P=$!
    PIPELINE=$(address pipeline.log 'http://[0-9.:]*')
    "$PARALLAX" proxy --listen 127.0.0.1:0 --upstream $PIPELINE --out proxied )" +
         words + R"( >proxy.log 2>&1 & X=$!
    PROXY=$(address proxy.log 'http://[0-9.:]*' | head -1)
    CONTROL=$(address proxy.log 'http://[0-9.:]*/v1/faults')
    end_proxy() { kill -INT $X; wait $X; }
  )";
}

/// The shop, smaller, without its own faults, and with these.
void write_shop(const TempFolder& folder, const std::string& name, const std::string& faults) {
  write_file(folder / name, R"({"extends": ")" + source("scenarios/examples/shop.json").string() +
                                R"(", "population": {"users": 400, "consent": null},
      "faults": )" + faults + R"(, "assert": [{"that": "exactly_once"}, {"that": "fields"}]})");
}

Json report_of(const TempFolder& folder, const std::string& run) {
  return Json::parse(read_file(folder / (run + "/report.json")));
}

}  // namespace

TEST_CASE("the shop passes through a proxy without faults, and so does the proxy's own judgement",
          "[proxy][command]") {
  const TempFolder folder;
  write_shop(folder, "shop.json", "[]");
  const Output output =
      shell(stage("--simulated --scenario shop.json") +
                R"("$PARALLAX" run shop.json --target $PROXY --out played --quiet || exit 10
            end_proxy || exit 11
            cat proxy.log
            "$PARALLAX" judge proxied --target $PIPELINE --quiet || exit 12)",
            folder.path());
  INFO(output.out << output.err);
  REQUIRE(output.code == 0);
  const Json played = report_of(folder, "played"), judged = report_of(folder, "proxied");
  CHECK(judged["verdict"] == "pass");
  CHECK(judged["actions"]["ok"].get<int>() > 500);
  CHECK(judged["actions"]["ok"] == judged["actions"]["total"]);
  CHECK(judged["rows"]["total"] == played["rows"]["total"]);
  CHECK(judged["rows"]["phantom"] == 0);
  CHECK(judged["run_id"] == played["run_id"]);
  CHECK(output.out.find("events, ") != std::string::npos);
}

TEST_CASE("what the proxy destroyed is excused, and a bug behind it is found", "[proxy][command]") {
  const TempFolder folder;
  write_shop(folder, "clients.json", "[]");
  write_shop(folder, "wire.json", R"([
      {"fault": "status", "code": 400, "rate": 0.05},
      {"fault": "answer_lost", "rate": 0.05}, {"fault": "duplicate", "rate": 0.1, "after": "0s"}])");
  const std::string play = R"("$PARALLAX" run clients.json --target $PROXY --out played --quiet
      end_proxy || exit 11
      "$PARALLAX" judge proxied --target $PIPELINE --quiet)";
  const Output right = shell(stage("--simulated --scenario wire.json") + play, folder.path());
  INFO(right.out << right.err);
  CHECK(right.code == 0);
  const Json report = report_of(folder, "proxied");
  CHECK(report["actions"]["excused"].get<int>() > 10);
  CHECK(report["actions"]["lost"] == 0);
  for (const Json& fault : report["faults"]) {
    CAPTURE(fault["name"]);
    CHECK(fault["struck"].get<int>() > 10);
  }
  const TempFolder other;
  write_shop(other, "clients.json", "[]");
  write_shop(other, "wire.json", R"([{"fault": "duplicate", "rate": 0.1, "after": "0s"}])");
  const Output wrong =
      shell(stage("--simulated --scenario wire.json", "--bug no_dedupe") + play, other.path());
  INFO(wrong.out << wrong.err);
  CHECK(wrong.code == 1);
  CHECK(report_of(other, "proxied")["actions"]["duplicated"].get<int>() > 10);
}

TEST_CASE("a killed proxy has every event that was acknowledged", "[proxy][command]") {
  const TempFolder folder;
  write_shop(folder, "shop.json", "[]");
  const Output output =
      shell(stage("--simulated --scenario shop.json") +
                R"sh("$PARALLAX" run shop.json --target $PROXY --out played --quiet \
              --set /population/users=20000 >/dev/null 2>&1 & Q=$!
            for i in $(seq 200); do
              [ "$(stat -c %s proxied/ledger/journal-0.plx)" -gt 200000 ] && break; sleep 0.05; done
            kill -KILL $X; kill -KILL $Q
            "$PARALLAX" judge proxied --target $PIPELINE --quiet)sh",
            folder.path());
  INFO(output.out << output.err);
  const Json report = report_of(folder, "proxied");
  CHECK(report["actions"]["total"].get<int>() > 300);
  CHECK(report["rows"]["phantom"] == 0);
  CHECK(report["actions"]["lost"] == 0);
  CHECK(report["actions"]["ok"].get<int>() > 300);
}

TEST_CASE("real traffic is sent again, to another pipeline, and judged there", "[proxy][command]") {
  const TempFolder folder;
  write_shop(folder, "shop.json", "[]");
  const Output output = shell(stage("--simulated --scenario shop.json") +
                                  R"("$PARALLAX" run shop.json --target $PROXY --out played --quiet
            end_proxy || exit 11
            kill -INT $P; wait $P
            "$PARALLAX" pipeline --listen 127.0.0.1:0 --data second >second.log 2>&1 & P=$!
            SECOND=$(address second.log 'http://[0-9.:]*')
            "$PARALLAX" replay proxied --target $SECOND || exit 12
            "$PARALLAX" judge proxied --target $SECOND --quiet || exit 13
            kill -INT $P; wait $P
            "$PARALLAX" replay proxied --target $SECOND)",
                              folder.path());
  INFO(output.out << output.err);
  CHECK(output.code == 2);  // The last one: nobody listens any more.
  CHECK(output.out.find("stored requests sent to") != std::string::npos);
  CHECK(output.err.find("connection refused") != std::string::npos);
  CHECK(report_of(folder, "proxied")["verdict"] == "pass");
}

TEST_CASE("vendors' formats stand in the ledger as the shared one does", "[proxy][command]") {
  const std::vector<std::pair<std::string, std::string>> formats{
      {"posthog", "/batch/"},
      {"segment", "/v1/batch"},
      {"snowplow", "/com.snowplowanalytics.snowplow/tp2"},
      {"amplitude", "/2/httpapi"},
      {"mixpanel", "/import"}};
  for (const auto& [format, path] : formats) {
    CAPTURE(format, path);
    const TempFolder folder;
    write_shop(folder, "shop.json", "[]");
    write_file(
        folder / "target.json",
        R"({"send": {"kind": "http", "url": "${env:PROXY})" + path + R"(", "format": ")" + format +
            R"("}, "read": {"kind": "http", "url": "${env:PIPELINE}/v1/clean_events?run_id={run_id}"}})");
    const Output output = shell(stage("--simulated --scenario shop.json") +
                                    R"(export PIPELINE PROXY
              "$PARALLAX" run shop.json --target target.json --out played --quiet \
                --set /population/users=60
              end_proxy || exit 11
              "$PARALLAX" judge proxied --target $PIPELINE --quiet)",
                                folder.path());
    INFO(output.out << output.err << read_file(folder / "proxy.log"));
    CHECK(output.code == 0);
    const Json judged = report_of(folder, "proxied");
    CHECK(judged["actions"]["ok"].get<int>() > 50);
    CHECK(judged["actions"]["ok"] == judged["actions"]["total"]);
  }
}

TEST_CASE("users and texts that no plan knows are judged by what they are", "[proxy][command]") {
  const TempFolder folder;
  write_file(folder / "plan.json", scenario_text());
  const std::string event = event_text(1, "purchase", R"("currency":"USD","revenue":9.99,)");
  std::string foreign = event;
  foreign.replace(foreign.find("\"u-1\""), 5, "\"alice@shop.example\"");
  foreign.replace(foreign.find("\"d-0000000000000001\""), 20, "\"phone 7\"");
  foreign.replace(foreign.find("\"properties\":{"), 14, R"("properties":{"order_id":"R-2024/17")");
  write_file(folder / "body.json", batch_of({foreign}));
  const std::string send =
      R"(curl -s -f -H 'Content-Type: application/json' -d @body.json $PROXY/v1/events || exit 9
         end_proxy || exit 11
         "$PARALLAX" judge proxied --target $PIPELINE --quiet)";
  const Output output = shell(stage("--scenario plan.json") + send, folder.path());
  INFO(output.out << output.err << read_file(folder / "proxy.log"));
  CHECK(output.code == 0);
  CHECK(report_of(folder, "proxied")["actions"]["ok"] == 1);
}

TEST_CASE("words that cannot be are refused before anything listens", "[proxy][command]") {
  const TempFolder folder;
  write_file(folder / "plan.json", scenario_text());
  const auto refused = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"proxy", "--scenario", "plan.json"});
    const Output output = parallax::test::parallax(words, folder.path());
    CHECK(output.code == 4);
    return output.err;
  };
  CHECK(refused({"--upstream", "http://collector.example"}).find("--allow-host") !=
        std::string::npos);
  CHECK(refused({"--upstream", "ftp://127.0.0.1"}).find("--upstream") != std::string::npos);
  CHECK(refused({"--upstream", "http://127.0.0.1:1/path"}).find("without a path") !=
        std::string::npos);
  CHECK(refused({"--upstream", "http://127.0.0.1:1", "--listen", "0.0.0.0:1"})
            .find("--allow-remote") != std::string::npos);
  CHECK(refused({"--upstream", "http://127.0.0.1:1", "--listen", "here"}).find("HOST:PORT") !=
        std::string::npos);
}

TEST_CASE("a proxy that saw no event has measured nothing", "[proxy][command]") {
  const TempFolder folder;
  write_file(folder / "plan.json", scenario_text());
  const Output output = shell(stage("--scenario plan.json") + "end_proxy", folder.path());
  CHECK(output.code == 2);
}
