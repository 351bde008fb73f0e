// SPDX-License-Identifier: Apache-2.0
#include "tests/connect/clickhouse_server.h"

#include <httplib.h>
#include <signal.h>

#include <chrono>
#include <thread>

#include "tests/connect/free_port.h"
#include "tests/support/catch.h"

namespace parallax::test {
namespace {

constexpr const char* config = R"(<?xml version="1.0"?>
<yandex>
  <logger><level>error</level><log>FOLDER/log</log><errorlog>FOLDER/err</errorlog></logger>
  <http_port>HTTP</http_port><tcp_port>TCP</tcp_port>
  <listen_host>127.0.0.1</listen_host>
  <path>FOLDER/data/</path><tmp_path>FOLDER/tmp/</tmp_path>
  <users_config>FOLDER/users.xml</users_config>
  <default_profile>default</default_profile><default_database>default</default_database>
  <mark_cache_size>67108864</mark_cache_size><timezone>UTC</timezone>
</yandex>
)";

constexpr const char* users = R"(<?xml version="1.0"?>
<yandex>
  <profiles>
    <default><max_memory_usage>1000000000</max_memory_usage></default>
    <readonly><readonly>1</readonly></readonly>
  </profiles>
  <users>
    <default><password></password><networks><ip>127.0.0.1</ip></networks>
      <profile>default</profile><quota>default</quota></default>
    <reader><password>open sesame</password><networks><ip>127.0.0.1</ip></networks>
      <profile>readonly</profile><quota>default</quota></reader>
  </users>
  <quotas><default/></quotas>
</yandex>
)";

std::string replaced(std::string text, const std::string& mark, const std::string& with) {
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + with.size()))
    text.replace(at, mark.size(), with);
  return text;
}

}  // namespace

bool ClickHouseServer::is_installed() { return shell("command -v clickhouse-server").code == 0; }

const ClickHouseServer& ClickHouseServer::instance() {
  static const ClickHouseServer server;
  return server;
}

ClickHouseServer::ClickHouseServer() : port_(free_port()) {
  const std::string folder = folder_.path().string();
  std::string text = replaced(config, "FOLDER", folder);
  text = replaced(text, "HTTP", std::to_string(port_));
  write_file(folder_ / "config.xml", replaced(text, "TCP", std::to_string(free_port())));
  write_file(folder_ / "users.xml", users);
  const Output started = shell(
      "clickhouse-server --config-file=config.xml >out 2>&1 </dev/null & "
      "echo $!",
      folder_.path());
  pid_ = std::stoi(started.out);
  for (int i = 0; i < 600; ++i) {
    const auto answer = httplib::Client(url()).Get("/");
    if (answer && answer->status == 200) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  FAIL("the server did not start: " << read_file(folder_ / "out"));
}

ClickHouseServer::~ClickHouseServer() {
  ::kill(pid_, SIGTERM);
  for (int i = 0; i < 100 && httplib::Client(url()).Get("/"); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

std::string ClickHouseServer::run(const std::string& statement) const {
  const auto answer = httplib::Client(url()).Post("/", statement, "text/plain");
  REQUIRE(answer);
  INFO(answer->body);
  REQUIRE(answer->status == 200);
  return answer->body;
}

}  // namespace parallax::test
