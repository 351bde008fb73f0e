// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <set>
#include <thread>

#include "tests/pipeline/support.h"
#include "tests/support/catch.h"

using namespace parallax;
using namespace parallax::test;

namespace {

std::string id_text(int number) {
  char text[48];
  std::snprintf(text, sizeof text, "\"00000000-0000-4000-8000-%012d\"", number);
  return text;
}

std::vector<std::string> dead_letters(Rig& rig) { return rig.client->lines("/v1/dead_letters"); }

}  // namespace

TEST_CASE("bodies that are no batch are refused with 400 and stored nowhere", "[pipeline]") {
  Rig rig;
  const std::string event = client_event();
  const std::string body = GENERATE_COPY(
      std::string(), std::string("{"), std::string("[]"), std::string("7"), std::string("{}"),
      std::string("{\"batch\":{}}"), "{\"batch\":[" + event, "{\"batch\":[" + event + "]} x",
      "{\"batch\":[" + event + "],\"sent_at\":tru}", "{\"batch\":[" + event + ",{\"a\":01}]}",
      "{\"batch\":[" + event + ",{\"properties\":{\"a\":nul}}]}",
      "{\"batch\":[" + event + ",{\"properties\":{\"a\":\"\\x\"}}]}",
      "{\"batch\":[{\"context\":{\"a\":\"\xff\"}}]}", "{\"batch\":[],\"batch\":[]}",
      "{\"batch\":[" + event + " " + event + "]}", "{\"batch\":[" + event + ",\"a\":1]}",
      "{\"batch\":[" + event + "},{]}", "{\"batch\":[" + event + ",]}",
      "{\"batch\":[],\"a\":[true false]}", "{\"batch\":[]\x01}");
  CAPTURE(body);
  const Reply reply = rig.client->post(body);
  CHECK(reply.status == 400);
  CHECK_THAT(reply.body, Catch::StartsWith("{\"error\":\""));
  CHECK(rig.client->lines("/v1/raw_events").empty());
  CHECK(dead_letters(rig).empty());
}

TEST_CASE("values nested deeper than 64 are refused, 60 deep is taken", "[pipeline]") {
  Rig rig;
  const auto nested = [](std::size_t depth) {
    return batch({client_event(
        {{"context", "{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}"}})});
  };
  CHECK(rig.client->post(nested(60)).status == 200);
  CHECK(rig.client->post(nested(64)).status == 400);
  CHECK(rig.client->post(nested(5'000)).status == 400);
  CHECK(rig.client->post(nested(1'000'000)).status == 400);
}

TEST_CASE("an empty batch is taken", "[pipeline]") {
  Rig rig;
  const Reply reply = rig.client->post("{\"batch\":[]}");
  CHECK(reply.status == 200);
  CHECK(reply.body == "{\"accepted\":0,\"dead_letters\":0}\n");
}

TEST_CASE("an event that breaks the envelope is a dead letter and holds up no other",
          "[pipeline]") {
  struct Case {
    std::string event;
    std::string reason;
  };
  const Case given = GENERATE_COPY(
      Case{client_event({{"event_name", ""}}), "missing field: event_name"},
      Case{client_event({{"event_name", "\"\""}}), "missing field: event_name"},
      Case{client_event({{"source", "null"}}), "missing field: source"},
      Case{client_event({{"source", "\"phone\""}}), "source is neither client nor server"},
      Case{client_event({{"client_ts", ""}}), "missing field: client_ts"},
      Case{server_event({{"server_ts", ""}}), "missing field: server_ts"},
      Case{client_event({{"client_ts", "\"yesterday\""}}), "no RFC 3339 time: client_ts"},
      Case{client_event({{"client_ts", "17"}}), "wrong type: client_ts is a number, not a string"},
      Case{client_event({{"event_id", "17"}}), "wrong type: event_id is a number, not a string"},
      Case{client_event({{"sequence_id", "\"1\""}}),
           "wrong type: sequence_id is a string, not an integer"},
      Case{client_event({{"sequence_id", "1.5"}}),
           "wrong type: sequence_id is a number, not an integer"},
      Case{client_event({{"context", "[1]"}}), "wrong type: context is an array, not an object"},
      Case{client_event({{"properties", "\n[ 1,\r\n 2 ]"}}),
           "wrong type: properties is an array, not an object"},
      Case{"[1, 2]", "the event is no object"}, Case{"7", "the event is no object"});
  CAPTURE(given.event);
  Rig rig;
  const Reply reply = rig.client->post(batch({given.event, server_event()}));
  CHECK(reply.status == 200);
  CHECK(reply.body == "{\"accepted\":2,\"dead_letters\":1}\n");
  const auto dead = dead_letters(rig);
  REQUIRE(dead.size() == 1);
  CHECK(field(dead[0], "reason") == given.reason);
  CHECK(rig.client->lines("/v1/raw_events").size() == 1);
}

TEST_CASE("an event that breaks the data contract is a dead letter with the reason", "[pipeline]") {
  PipelineOptions options;
  options.contract = shop_contract();
  Rig rig(options);
  rig.store(
      {server_event({{"revenue", ""}}), server_event({{"revenue", "null"}}),
       server_event({{"revenue", "\"9.99\""}}), server_event({{"properties", "{\"order_id\":5}"}}),
       // Right: the client does not owe revenue, and an unknown event owes nothing.
       client_event(), server_event({{"event_name", "\"new_event\""}, {"revenue", "\"x\""}})});
  const auto dead = dead_letters(rig);
  REQUIRE(dead.size() == 4);
  CHECK(field(dead[0], "reason") == "missing field: revenue");
  CHECK(field(dead[1], "reason") == "missing field: revenue");
  CHECK(field(dead[2], "reason") == "wrong type: revenue is a string, not a number");
  CHECK(field(dead[3], "reason") == "wrong type: order_id is a number, not a string");
  CHECK(field(dead[3], "run_id") == "r1");
  CHECK(field(dead[3], "event").find("\"order_id\":5") != std::string::npos);
  const auto raw = rig.client->lines("/v1/raw_events");
  REQUIRE(raw.size() == 2);
  CHECK(field(raw[1], "revenue") == "x");
}

TEST_CASE("texts survive the log and the warehouse letter by letter", "[pipeline]") {
  Rig rig;
  rig.store({client_event({{"user_id", R"("\u00fc\"\\\n\t\u0001\ud83d\ude00")"},
                           {"context", "{ \"a\" :\n [1, {\"b\":\"}\\\" ,\"}],\r\n\"c\":-1.50e+3}"},
                           {"unknown", "{\"is\":[\"left out\"]}"}})});
  const auto raw = rig.client->lines("/v1/raw_events");
  REQUIRE(raw.size() == 1);
  CHECK(field(raw[0], "user_id") == "\xc3\xbc\"\\\n\t\x01\xf0\x9f\x98\x80");
  CHECK(raw[0].find("-1.50e+3") != std::string::npos);
  CHECK(field(raw[0], "context") == R"({"a":[1,{"b":"}\" ,"}],"c":-1500.0})");
}

TEST_CASE("gzip bodies are unpacked, damaged ones and bombs are refused", "[pipeline]") {
  Rig rig;
  const std::string packed = gzip(batch({client_event()}));
  CHECK(rig.client->post(packed, {{"Content-Encoding", "gzip"}}).status == 200);
  CHECK(rig.client->lines("/v1/raw_events").size() == 1);

  const std::string bomb = gzip("{\"batch\":[],\"a\":\"" + std::string(40U << 20, 'x') + "\"}");
  REQUIRE(bomb.size() < 1U << 20);
  CHECK(Client(rig.pipeline->port()).post(bomb, {{"Content-Encoding", "gzip"}}).status == 413);
  CHECK(
      Client(rig.pipeline->port()).post("no gzip at all", {{"Content-Encoding", "gzip"}}).status ==
      400);
  CHECK(Client(rig.pipeline->port()).get("/healthz").status == 200);
}

TEST_CASE("a body of more than 32 MiB is refused with 413, just less is read", "[pipeline]") {
  Rig rig;
  const auto of_length = [](std::size_t length) {
    const std::string start = "{\"batch\":[],\"a\":\"";
    return start + std::string(length - start.size() - 2, 'x') + "\"}";
  };
  CHECK(Client(rig.pipeline->port()).post(of_length(32U << 20)).status == 200);
  CHECK(Client(rig.pipeline->port()).post(of_length((32U << 20) + 1)).status == 413);
  CHECK(Client(rig.pipeline->port()).get("/healthz").status == 200);
}

TEST_CASE("the clock header is the arrival time, a bad one is refused", "[pipeline]") {
  Rig rig;
  rig.store({client_event()}, "2031-01-01T00:00:00.250Z");
  CHECK(field(rig.client->lines("/v1/raw_events")[0], "ingestion_ts") ==
        "2031-01-01T00:00:00.250Z");
  CHECK(rig.client->post(batch({client_event()}), {{"Parallax-Sim-Time", "soon"}}).status == 400);
  CHECK(rig.client->post(batch({client_event()})).status == 200);
  CHECK(field(rig.client->lines("/v1/raw_events")[1], "ingestion_ts") > "2026-01-01");
}

TEST_CASE("many writers at once lose nothing and repeat nothing", "[pipeline]") {
  Rig rig;
  constexpr int writers = 64;
  constexpr int batches = 10;
  std::vector<std::thread> threads;
  std::atomic<int> accepted{0};
  for (int writer = 0; writer < writers; ++writer)
    threads.emplace_back([&, writer] {
      Client client(rig.pipeline->port());
      for (int i = 0; i < batches; ++i) {
        const std::string id = id_text(writer * batches + i);
        if (client.post(batch({client_event({{"event_id", id}})})).status == 200) ++accepted;
        if (i % 4 == 0 && writer % 16 == 0) client.get("/v1/clean_events?run_id=r1");
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(accepted == writers * batches);
  std::set<std::string> ids;
  for (const std::string& row : rig.clean()) ids.insert(field(row, "event_id"));
  CHECK(ids.size() == writers * batches);
  CHECK(rig.client->lines("/v1/raw_events").size() == writers * batches);
}

TEST_CASE("a full queue is 503 with Retry-After, and clients that wait lose nothing",
          "[pipeline]") {
  PipelineOptions options;
  options.waiting_max = 1;  // One record waits for the disk, a second one is too much.
  Rig rig(options);
  constexpr int writers = 8;
  constexpr int batches = 3;
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (int writer = 0; writer < writers; ++writer)
    threads.emplace_back([&, writer] {
      Client client(rig.pipeline->port());
      for (int i = 0; i < batches;) {
        const std::string id = id_text(writer * batches + i);
        const Reply reply = client.post(batch({client_event({{"event_id", id}})}));
        i += reply.status == 200 ? 1 : 0;
        if (reply.status == 200) continue;
        if (reply.status != 503 || reply.retry_after != "1") return;
        ++refused;
        std::this_thread::sleep_for(std::chrono::seconds(1));
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(refused > 0);
  std::set<std::string> ids;
  const auto rows = rig.client->lines("/v1/raw_events");
  for (const std::string& row : rows) ids.insert(field(row, "event_id"));
  CHECK(rows.size() == writers * batches);
  CHECK(ids.size() == writers * batches);
}

TEST_CASE("stats count what was taken, refused and stored", "[pipeline]") {
  Rig rig;
  rig.store({client_event(), client_event({{"source", "\"phone\""}})});
  rig.client->post("{");
  rig.clean();
  const std::string stats = rig.client->get("/v1/stats").body;
  CHECK(field(stats, "accepted") == "2");
  CHECK(field(stats, "rejected_malformed") == "1");
  CHECK(field(stats, "dead_letters_accepted") == "1");
  CHECK(field(stats, "stored_rows") == "2");
  CHECK(field(stats, "waiting_for_models") == "0");
  CHECK(field(stats, "log_syncs") == "1");
  rig.store({client_event()});
  CHECK(field(rig.client->get("/v1/stats").body, "waiting_for_models") == "1");
}

TEST_CASE("stopping does not wait for idle connections, and stopping twice is fine", "[pipeline]") {
  Rig rig;
  CHECK(rig.client->get("/healthz").status == 200);  // Leaves its connection open.
  const auto start = std::chrono::steady_clock::now();
  rig.pipeline->stop();
  rig.pipeline->stop();
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
  CHECK(rig.client->get("/healthz").status == 0);
}

TEST_CASE("a taken port, a used folder and a folder that cannot be made are errors", "[pipeline]") {
  Rig rig;
  TempFolder other;
  PipelineOptions options;
  options.port = rig.pipeline->port();
  options.data = other.path();
  CHECK_FALSE(Pipeline::start(options));
  options.port = 0;
  options.data = rig.folder.path();
  CHECK_FALSE(Pipeline::start(options));
  options.data = "/proc/nowhere";
  CHECK_FALSE(Pipeline::start(options));
}
