// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "sim/core/kafka.h"

namespace parallax::kafka {
namespace {

/// Beginnings of the names that may be set.
constexpr std::array<std::string_view, 19> open_names{
    "security.protocol",
    "sasl.mechanism",
    "sasl.username",
    "sasl.password",
    "ssl.ca.",
    "ssl.certificate.",
    "ssl.key.",
    "ssl.keystore.",
    "ssl.cipher.suites",
    "client.id",
    "client.rack",
    "compression.level",
    "linger.ms",
    "batch.",
    "message.max.bytes",
    "fetch.",
    "partitioner",
    "isolation.level",
    "broker.address.family",
};

constexpr std::array<std::string_view, 4> secret_names{"sasl.password", "ssl.key.password",
                                                       "ssl.key.pem", "ssl.keystore.password"};

}  // namespace

bool may_be_reached(const std::vector<std::string>& named, std::string_view host) {
  const bool is_this_machine = host == "localhost" || host == "::1" || host.starts_with("127.");
  return is_this_machine || std::find(named.begin(), named.end(), host) != named.end();
}

bool may_be_set(std::string_view property) {
  return std::any_of(open_names.begin(), open_names.end(),
                     [&](std::string_view name) { return property.starts_with(name); });
}

bool holds_secret(std::string_view property) {
  return std::find(secret_names.begin(), secret_names.end(), property) != secret_names.end();
}

Result<std::vector<std::string>> hosts_of(const std::string& brokers) {
  std::vector<std::string> hosts;
  std::string_view rest = brokers;
  while (true) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    std::string_view one = rest.substr(0, comma);
    while (one.starts_with(' ')) one.remove_prefix(1);
    const std::size_t colon = std::min(one.rfind(':'), one.size());
    const std::string_view port = one.substr(std::min(colon + 1, one.size()));
    std::string_view host = one.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    const bool numeric = !port.empty() && port.find_first_not_of("0123456789") == port.npos;
    if (host.empty() || !numeric || host.find('/') != host.npos)
      return Error{Error::Kind::invalid_input,
                   "found \"" + std::string(one) + "\", expected host:port of a broker", "brokers"};
    hosts.emplace_back(host);
    if (comma == rest.size()) return hosts;
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace parallax::kafka
