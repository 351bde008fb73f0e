// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sim/proxy/archive.h"
#include "sim/proxy/book.h"
#include "sim/proxy/http_head.h"
#include "sim/proxy/names.h"
#include "sim/proxy/proxy.h"
#include "sim/proxy/sighting.h"

namespace parallax::proxy {

/// Where requests go: what connections to the pipeline share.
struct UpstreamAddress {
  Url url;
  std::optional<boost::asio::ip::tcp::endpoint> literal;  ///< Where no name has to be resolved.
  std::unique_ptr<boost::asio::ssl::context> tls;         ///< Null for http.
  bool verify = true;
  /// The Host header for the pipeline; empty: the client's own, which a loopback pipeline gets.
  std::string host_line;

  static Result<UpstreamAddress> make(const Url& url, bool verify);
};

/// A request on its way through, as its connection holds it. Bytes as they were sent.
struct HeldRequest {
  std::string head, body;
  std::string plain;  ///< The body without chunk marks.
  RequestHead read;   ///< Views into `head`.
};

/// What all connections of clients share: who decides, who writes down. Single-threaded.
class Gateway {
 public:
  /// Makes the files of the folder. `scenario` is opened. Errors: as Proxy::start.
  static Result<std::unique_ptr<Gateway>> make(Scenario scenario, const ProxyOptions& options);

  /// Whether the request may hold events, by its head alone.
  bool wants(const RequestHead& head) const;
  /// Registers a request with events, stores it and decides what becomes of it; nothing where it
  /// holds none of the plan's, or only what is already unreadable. Errors: it cannot be kept: the
  /// disk, or a limit. Then it must not be forwarded.
  Result<std::optional<Delivery>> admit(HeldRequest& request);
  /// The ledger has the outcome when this returns. Errors: the disk.
  Result<void> conclude(const Delivery& delivery, Receipt receipt, std::uint16_t status);
  /// The repeat of a request: an attempt of its own, on the disk.
  Result<Delivery> begin_again(const Delivery& first);
  Result<void> change_faults(Scenario scenario, std::vector<bool> lifted);
  Result<void> close();

  /// What a head is forwarded as.
  std::string outgoing_head(std::string_view head) const;
  /// Something went wrong that people should know of; counted by its text.
  void tell(const std::string& problem);

  const ProxyOptions& options() const { return options_; }
  const UpstreamAddress& upstream() const { return upstream_; }
  ProxyCounts& counts() { return counts_; }
  /// A copy with what is counted elsewhere, and problems, most first.
  ProxyCounts all_counts() const;
  bool draining = false;

 private:
  struct Parts;
  Gateway(Parts parts);
  SimTime now(const RequestHead& head) const;
  bool unpack_body(HeldRequest& request) const;
  Result<void> keep(const HeldRequest& request);

  Scenario scenario_;
  ProxyOptions options_;
  UpstreamAddress upstream_;
  FaultChain chain_;
  LaneFaults faults_;
  std::vector<FaultCounts> counted_;  ///< By chains before this one.
  Names names_;
  EventReader reader_;
  Book book_;
  Archive archive_;
  Sightings sightings_;
  ProxyCounts counts_;
  std::map<std::string, std::uint64_t> problems_;
};

}  // namespace parallax::proxy
