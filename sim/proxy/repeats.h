// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <boost/asio/io_context.hpp>
#include <list>
#include <memory>
#include <string>

#include "sim/proxy/gateway.h"

namespace parallax::proxy {

/// Requests that reach the pipeline once more, unknown to whoever sent them: each on a connection
/// of its own, nobody waits for the answers.
class Repeats {
 public:
  Repeats(boost::asio::io_context& io, Gateway& gateway) : io_(io), gateway_(gateway) {}
  ~Repeats();

  /// `bytes` reach the pipeline so much later. Beyond a bound nothing is repeated, and that is
  /// told.
  void start(const Delivery& first, std::string bytes, Micros later);
  bool idle() const { return waiting_.empty(); }
  void send_at_once();  ///< What still waits for its time.
  void give_up();       ///< What still waits for an answer: its outcome is unknown.

 private:
  class Repeat;
  boost::asio::io_context& io_;
  Gateway& gateway_;
  std::list<std::shared_ptr<Repeat>> waiting_;
};

}  // namespace parallax::proxy
