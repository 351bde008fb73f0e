// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/target.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "sim/core/kafka.h"
#include "sim/scenario/compile_template.h"
#include "sim/scenario/json.h"
#include "sim/scenario/load_file.h"
#include "sim/scenario/shape.h"

namespace parallax {
namespace {

constexpr std::string_view mask = "***";
constexpr std::string_view format_pointer = "/send/format";

/// Expands the ${env:NAME}s of one document into it, and into a copy that may be shown.
class Expander {
 public:
  Expander(Problems& problems, std::vector<std::string>& secrets)
      : problems_(problems), secrets_(secrets) {}

  void expand(Json& value, Json& masked, const std::string& pointer) {
    if (value.kind == Json::Kind::text) expand_text(value, masked, pointer);
    for (std::size_t i = 0; i < value.items.size(); ++i) {
      const std::string segment = value.kind == Json::Kind::object ? pointer_segment(value.names[i])
                                                                   : "/" + std::to_string(i);
      expand(value.items[i], masked.items[i], pointer + segment);
    }
  }

 private:
  void expand_text(Json& value, Json& masked, const std::string& pointer) {
    std::string out;
    std::string shown_text;
    std::string_view rest = value.text;
    const Node node(&masked, pointer);
    for (auto at = rest.find("${"); at != std::string_view::npos; at = rest.find("${")) {
      out += rest.substr(0, at);
      shown_text += rest.substr(0, at);
      const auto end = rest.find('}', at);
      const std::string_view inside =
          rest.substr(at + 2, end == rest.npos ? rest.npos : end - at - 2);
      if (pointer.starts_with(format_pointer) && !inside.starts_with("env:")) {
        const std::size_t kept = end == rest.npos ? rest.size() : end + 1;  // A placeholder.
        out += rest.substr(at, kept - at);
        shown_text += rest.substr(at, kept - at);
        rest.remove_prefix(kept);
        continue;
      }
      if (end == rest.npos || !inside.starts_with("env:") || !is_name(inside.substr(4)))
        return problems_.error(node, "${env:NAME}");
      const std::string name(inside.substr(4));
      const char* held = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): nobody sets.
      if (held == nullptr)
        return problems_.error(node, "${env:" + name + "}",
                               "the environment variable " + name + " to be set", "");
      out += held;
      shown_text += mask;
      value.secret = true;
      if (*held != '\0') secrets_.emplace_back(held);
      rest.remove_prefix(end + 1);
    }
    if (!value.secret) return;
    value.text = out.append(rest);
    masked.text = shown_text.append(rest);
  }

  Problems& problems_;
  std::vector<std::string>& secrets_;
};

std::vector<std::pair<std::string, std::string>> pairs_of(const Node& map) {
  std::vector<std::pair<std::string, std::string>> out;
  for (std::size_t i = 0; i < map.size() && map.is(Json::Kind::object); ++i)
    out.emplace_back(map.name(i), map.at(i).word());
  return out;
}

void require(Problems& problems, const Node& parent, std::string_view kind, std::string_view key) {
  if (!parent[key])
    problems.error(parent, "no \"" + std::string(key) + "\"",
                   "\"" + std::string(key) + "\" for kind " + std::string(kind), "");
}

void check_url(Problems& problems, const Node& url) {
  const std::string_view text = url.word();
  const bool web = text.starts_with("http://") || text.starts_with("https://");
  if (url && !web) problems.error(url, "a URL that starts with http:// or https://");
}

/// A DSN may hold a password, which no file of a run may show: only ${env:NAME} keeps it out.
/// `masked` is the DSN as it may be shown.
void check_dsn(Problems& problems, const Node& masked) {
  const std::string_view text = masked.word();
  const std::size_t user = text.find("://");
  const std::size_t at = text.find('@', user);
  std::string_view password;
  if (user != text.npos && at != text.npos) {
    const std::string_view credentials = text.substr(user + 3, at - user - 3);
    const std::size_t colon = credentials.find(':');
    if (colon != credentials.npos) password = credentials.substr(colon + 1);
  }
  if (const std::size_t word = text.find("password="); word != text.npos) {
    password = text.substr(word + 9);
    password = password.substr(0, password.find_first_of("& "));
  }
  if (!password.empty() && password != mask)
    problems.error(masked, "a password", "${env:NAME} in its place", "");
}

/// What must not stand in a file, and does: a secret that is not from ${env:NAME}.
void check_secret(Problems& problems, const Node& masked) {
  if (masked && masked.word() != mask && !masked.word().empty())
    problems.error(masked, "a secret", "${env:NAME} in its place", "");
}

/// Properties of librdkafka: those that may be set, and secrets from the environment only.
void check_settings(Problems& problems, const Node& masked) {
  for (std::size_t i = 0; i < masked.size() && masked.is(Json::Kind::object); ++i) {
    if (kafka::holds_secret(masked.name(i))) check_secret(problems, masked.at(i));
    if (!kafka::may_be_set(masked.name(i)))
      problems.error(masked.at(i), "the property " + std::string(masked.name(i)),
                     "one of security, compression, sizes and times; brokers, groups, "
                     "acknowledgements and what would be run or loaded are not set here",
                     "");
  }
}

void check_brokers(Problems& problems, const Node& brokers) {
  if (brokers && !kafka::hosts_of(std::string(brokers.word())))
    problems.error(brokers, "host:port of every broker, such as 127.0.0.1:9092,127.0.0.1:9093");
}

/// What events are cut into, one by one, is the shared format's batch.
void require_shared(Problems& problems, const Node& send, const TargetPlan::Send& out) {
  if (out.format != "shared")
    problems.error(send["format"], "\"" + out.format + "\"", "shared for kind " + out.kind, "");
}

void compile_kafka(const Node& send, TargetPlan::Send& out, Problems& problems) {
  read_text(send["brokers"], out.brokers);
  read_text(send["topic"], out.topic);
  read_text(send["message_key"], out.message_key);
  read_text(send["acks"], out.acks);
  read_flag(send["idempotence"], out.idempotence);
  read_text(send["compression"], out.compression);
  out.settings = pairs_of(send["settings"]);
  if (out.kind != "kafka") return;
  require(problems, send, out.kind, "brokers");
  require(problems, send, out.kind, "topic");
  require_shared(problems, send, out);
  if (out.acks != "all" && !send["idempotence"]) out.idempotence = false;
  if (out.acks != "all" && out.idempotence)
    problems.error(send["idempotence"], "true", "false beside \"acks\": \"" + out.acks + "\"", "");
}

void compile_send(const Node& send, TargetPlan::Send& out, Problems& problems) {
  read_text(send["kind"], out.kind);
  read_text(send["url"], out.url);
  read_text(send["format"], out.format);
  read_text(send["key"], out.key);
  out.headers = pairs_of(send["headers"]);
  read_flag(send["gzip"], out.gzip);
  read_integer(send["connections"], out.connections);
  read_duration(send["timeout"], out.timeout);
  read_text(send["path"], out.path);
  const Node bugs = send["bugs"];
  for (std::size_t i = 0; i < bugs.size(); ++i) out.bugs.emplace_back(bugs.at(i).word());
  read_text(send["policy"], out.policy);
  read_text(send["command"], out.command);
  read_text(send["dsn"], out.dsn);
  read_text(send["table"], out.table);
  read_text(send["column"], out.column);
  compile_kafka(send, out, problems);
  out.reference = send["pipeline"].word() == "reference";
  const bool ours = out.kind == "embedded" || out.reference;
  const std::string_view clock = send["clock"].word();
  out.simulated_clock = clock.empty() ? ours : clock == "simulated";
  if (out.kind == "http") require(problems, send, out.kind, "url");
  if (out.kind == "file") require(problems, send, out.kind, "path");
  if (out.kind == "command") require(problems, send, out.kind, "command");
  if (out.kind == "postgres") require(problems, send, out.kind, "dsn");
  if (out.kind == "duckdb") {
    require(problems, send, out.kind, "path");
    require_shared(problems, send, out);
  }
  if (out.reference && out.kind != "postgres" && out.kind != "kafka")
    problems.error(send["pipeline"], "\"kind\": \"postgres\" or \"kafka\" beside");
  if (bugs && !ours)
    problems.error(bugs, "bugs of a " + out.kind + " target",
                   "\"kind\": \"embedded\", or \"pipeline\": \"reference\" beside", "");
  if (send["policy"] && out.kind != "embedded")
    problems.error(send["policy"], "a policy of a " + out.kind + " target",
                   "\"kind\": \"embedded\" beside", "");
  check_url(problems, send["url"]);
  check_brokers(problems, send["brokers"]);
}

/// What a format of one's own says in a file of its own takes that file's place.
void take_in_file(Json& document, std::vector<std::string>& files, std::vector<Problem>& problems) {
  Json* const send = document.find("send");
  Json* const format = send != nullptr ? send->find("format") : nullptr;
  const Json* const named = format != nullptr ? format->find("file") : nullptr;
  if (named == nullptr || named->kind != Json::Kind::text) return;
  const auto file = (std::filesystem::path(files.front()).parent_path() / named->text).string();
  const auto text = read_whole_file(file);
  if (!text) {
    problems.push_back({files.front(), std::string(format_pointer) + "/file", "\"" + file + "\"",
                        "a file that can be read (" + text.error().what + ")", "", false});
    return;
  }
  files.push_back(file);
  if (auto inside = parse_json(*text, file, 1, problems)) *format = std::move(*inside);
}

void compile_format(const Node& send, const std::vector<std::string>& files, TargetPlan::Send& out,
                    Problems& problems) {
  const Node format = send["format"];
  if (out.format == "ga4" && out.kind == "http")
    for (const std::string_view key : {"_id=", "api_secret="})
      if (out.url.find(key) == out.url.npos)
        problems.error(send["url"], "a URL without " + std::string(key),
                       "...?measurement_id=G-...&api_secret=${env:GA4_API_SECRET}", "");
  if (!format.is(Json::Kind::object)) return;
  out.format = "template";
  if (!format["template"])
    return problems.error(format, "no \"template\"", "\"template\": what an event is", "");
  if (out.kind != "http")
    problems.error(format, "a template for kind " + out.kind, "\"kind\": \"http\" beside", "");
  const bool own_file = files.size() > 1;
  out.pattern = compile_template(own_file ? Node(&format.json()) : format, files.back(), problems);
}

void compile_read(const Node& read, const TargetPlan::Send& send, TargetPlan::Read& out,
                  Problems& problems) {
  read_text(read["kind"], out.kind);
  read_text(read["url"], out.url);
  out.headers = pairs_of(read["headers"]);
  read_text(read["path"], out.path);
  read_text(read["query"], out.query);
  read_text(read["dsn"], out.dsn);
  read_text(read["refresh"], out.refresh);
  read_text(read["command"], out.command);
  read_text(read["user"], out.user);
  read_text(read["password"], out.password);
  read_text(read["brokers"], out.brokers);
  read_text(read["topic"], out.topic);
  out.settings = pairs_of(read["settings"]);
  read_text(read["rollup"], out.rollup);
  read_text(read["rejected"], out.rejected);
  out.columns = pairs_of(read["columns"]);
  read_duration(read["timeout"], out.timeout);
  if (out.kind == "http") require(problems, read, out.kind, "url");
  if (out.kind == "file" || out.kind == "duckdb") require(problems, read, out.kind, "path");
  if (out.kind == "duckdb" || out.kind == "postgres" || out.kind == "clickhouse")
    require(problems, read, out.kind, "query");
  if (out.kind == "clickhouse") require(problems, read, out.kind, "url");
  if (out.kind == "kafka") {
    require(problems, read, out.kind, "brokers");
    require(problems, read, out.kind, "topic");
  }
  if (out.kind == "postgres") require(problems, read, out.kind, "dsn");
  if (out.kind == "command") require(problems, read, out.kind, "command");
  if (out.kind == "embedded" && send.kind != "embedded" && !send.reference)
    problems.error(read, "rows of the embedded pipeline, which gets no events",
                   "\"read\" with the kind of the target", "");
  check_url(problems, read["url"]);
  check_brokers(problems, read["brokers"]);
}

void compile_settle(const Node& settle, const TargetPlan::Send& send, TargetPlan::Settle& out,
                    Problems& problems) {
  read_duration(settle["quiet"], out.quiet);
  read_duration(settle["limit"], out.limit);
  read_duration(settle["late"], out.late);
  read_text(settle["url"], out.url);
  read_text(settle["command"], out.command);
  read_integer(settle["rows"], out.rows);
  read_flag(settle["watermark"], out.watermark);
  check_url(problems, settle["url"]);
  if (out.watermark && send.kind == "command")
    problems.error(settle["watermark"], "an event after the command has ended",
                   "another sign, such as \"rows\"", "");
  if (out.quiet > out.limit)
    problems.error(settle["quiet"] ? settle["quiet"] : settle["limit"],
                   "a quiet of at most the limit, " + format_duration(out.limit));
}

/// "http://host:port" stands for a Parallax pipeline there.
std::string pipeline_at(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  Json send = Json::object();
  send.put("kind", Json::of_text("http")).put("url", Json::of_text(url + "/v1/events"));
  send.put("clock", Json::of_text("simulated"));
  Json read = Json::object();
  read.put("kind", Json::of_text("http"));
  read.put("url", Json::of_text(url + "/v1/clean_events?run_id={run_id}"));
  return write_json(Json::object().put("send", std::move(send)).put("read", std::move(read)));
}

}  // namespace

bool LoadedTarget::ok() const {
  return std::all_of(problems.begin(), problems.end(),
                     [](const Problem& problem) { return problem.warning; });
}

LoadedTarget load_target_text(std::string_view json, const std::string& name) {
  LoadedTarget loaded;
  auto document = parse_json(json, name, 0, loaded.problems);
  if (!document) return loaded;
  std::vector<std::string> files{name};
  take_in_file(*document, files, loaded.problems);
  Problems problems(files);
  strip_nulls(*document);
  document->remove("$schema");
  Json masked = *document;
  Expander(problems, loaded.target.secrets).expand(*document, masked, "");
  const Node root(&*document);
  ShapeBook book;
  check_shape(root, *target_shape(book), problems);
  compile_send(root["send"], loaded.target.send, problems);
  compile_format(root["send"], files, loaded.target.send, problems);
  compile_read(root["read"] ? root["read"] : root, loaded.target.send, loaded.target.read,
               problems);
  compile_settle(root["settle"], loaded.target.send, loaded.target.settle, problems);
  read_text(root["clean"], loaded.target.clean);
  const Node shown(&masked);
  check_dsn(problems, shown["send"]["dsn"]);
  check_dsn(problems, shown["read"]["dsn"]);
  check_secret(problems, shown["read"]["password"]);
  check_settings(problems, shown["send"]["settings"]);
  check_settings(problems, shown["read"]["settings"]);
  loaded.target.masked_json = write_json(masked);
  for (Problem& problem : problems.list()) {
    // What a file of its own has wrong stands there at another pointer.
    if (problem.file != name && problem.pointer.starts_with(format_pointer))
      problem.pointer.erase(0, format_pointer.size());
    loaded.problems.push_back(std::move(problem));
  }
  return loaded;
}

LoadedTarget load_target(const std::string& file) {
  if (file.starts_with("http://") || file.starts_with("https://"))
    return load_target_text(pipeline_at(file), file);
  auto text = read_whole_file(file);
  if (text) return load_target_text(text.value(), file);
  LoadedTarget loaded;
  loaded.problems.push_back({file, "", "a file that cannot be read",
                             "a target file or an http:// URL (" + text.error().what + ")", "",
                             false});
  return loaded;
}

}  // namespace parallax
