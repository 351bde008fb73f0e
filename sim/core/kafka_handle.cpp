// SPDX-License-Identifier: Apache-2.0
#include "sim/core/kafka_handle.h"

#include <netdb.h>

#include <algorithm>
#include <array>

namespace parallax::kafka {
namespace {

struct ConfDeleter {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
using Conf = std::unique_ptr<rd_kafka_conf_t, ConfDeleter>;

/// Called on librdkafka's threads. Without a node it is to free `found`.
int resolve(const char* node, const char* service, const addrinfo* hints, addrinfo** found,
            void* opaque) {
  if (node == nullptr) {
    ::freeaddrinfo(*found);
    return 0;
  }
  if (!may_be_reached(static_cast<const Callbacks*>(opaque)->hosts, node)) return EAI_FAIL;
  return ::getaddrinfo(node, service, hints, found);
}

void note_error(rd_kafka_t* /*handle*/, int code, const char* reason, void* opaque) {
  std::string& complaint = static_cast<Callbacks*>(opaque)->complaint;
  // That all are away says less than why the last of them is.
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && !complaint.empty()) return;
  complaint = reason;
  // "(after 0ms in state CONNECT, 1 identical error(s) suppressed)": for who debugs librdkafka.
  complaint.resize(std::min(complaint.find(" (after "), complaint.size()));
  if (code == RD_KAFKA_RESP_ERR__RESOLVE)
    complaint += "; only brokers that \"brokers\" names are connected to";
}

void note_delivery(rd_kafka_t* /*handle*/, const rd_kafka_message_t* message, void* opaque) {
  auto& callbacks = *static_cast<Callbacks*>(opaque);
  Outcome outcome;
  outcome.ticket = reinterpret_cast<std::uintptr_t>(message->_private);
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    outcome.kept = Outcome::Kept::yes;
  } else {
    outcome.kept = rd_kafka_message_status(message) == RD_KAFKA_MSG_STATUS_NOT_PERSISTED
                       ? Outcome::Kept::no
                       : Outcome::Kept::perhaps;
    outcome.error = rd_kafka_err2str(message->err);
    if (message->err == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT && !callbacks.complaint.empty())
      outcome.error = "not delivered in time: " + callbacks.complaint;
  }
  callbacks.outcomes.push_back(std::move(outcome));
}

void say_nothing(const rd_kafka_t* /*handle*/, int /*level*/, const char* /*facility*/,
                 const char* /*text*/) {}

Result<void> set(rd_kafka_conf_t* conf, const Settings& settings) {
  std::array<char, 512> refused{};
  for (const auto& [name, value] : settings)
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), refused.data(), refused.size()) !=
        RD_KAFKA_CONF_OK)
      return Error{Error::Kind::invalid_input, refused.data(), "settings"};
  return {};
}

}  // namespace

void HandleDeleter::operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }

Result<Handle> open_handle(rd_kafka_type_t type, const Cluster& cluster, const Settings& ours,
                           Callbacks& callbacks) {
  Result<std::vector<std::string>> hosts = hosts_of(cluster.brokers);
  if (!hosts) return hosts.error();
  callbacks.hosts = std::move(*hosts);
  Conf conf(rd_kafka_conf_new());
  const std::string wait = std::to_string(std::min(milliseconds(cluster.timeout), 300'000));
  const Settings common{{"bootstrap.servers", cluster.brokers},
                        {"client.id", "parallax"},
                        {"socket.timeout.ms", wait},
                        {"socket.connection.setup.timeout.ms",
                         std::to_string(std::max(milliseconds(cluster.timeout), 1'000))},
                        {"reconnect.backoff.ms", "50"},
                        {"reconnect.backoff.max.ms", "1000"}};
  for (const Settings* const settings : {&common, &ours, &cluster.settings})
    if (const Result<void> done = set(conf.get(), *settings); !done) return done.error();
  rd_kafka_conf_set_opaque(conf.get(), &callbacks);
  rd_kafka_conf_set_error_cb(conf.get(), note_error);
  rd_kafka_conf_set_log_cb(conf.get(), say_nothing);
  rd_kafka_conf_set_resolve_cb(conf.get(), resolve);
  if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_dr_msg_cb(conf.get(), note_delivery);
  std::array<char, 512> refused{};
  Handle handle(rd_kafka_new(type, conf.get(), refused.data(), refused.size()));
  if (!handle) return Error{Error::Kind::invalid_input, refused.data(), "settings"};
  static_cast<void>(conf.release());  // The handle's from here on.
  return handle;
}

int milliseconds(Micros wait) {
  return static_cast<int>(std::clamp<Micros>(wait / millisecond, 1, 3'600'000));
}

std::string name_of(const Cluster& cluster, const std::string& topic) {
  return cluster.brokers + " " + topic;
}

Error error_of(rd_kafka_resp_err_t code, const std::string& complaint, const std::string& where) {
  const bool late =
      code == RD_KAFKA_RESP_ERR__TIMED_OUT || code == RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE;
  const bool away = code == RD_KAFKA_RESP_ERR__TRANSPORT ||
                    code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN ||
                    code == RD_KAFKA_RESP_ERR__RESOLVE;
  std::string what = rd_kafka_err2str(code);
  if ((late || away) && !complaint.empty()) what += " (" + complaint + ")";
  return {late   ? Error::Kind::timeout
          : away ? Error::Kind::io
                 : Error::Kind::protocol,
          what, where};
}

}  // namespace parallax::kafka
