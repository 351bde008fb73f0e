// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <httplib.h>

#include <string>
#include <vector>

namespace parallax::pipeline {

/// A connection as httplib's server sees it, asking the system as seldom as can be: one call for
/// all that has come, up to 64 KiB, and one for an answer, head and body together. For a batch of
/// 25 kB that is three calls, where httplib's own stream takes twenty (`strace -f -c`).
///
/// The socket blocks and brings its own timeouts (SO_RCVTIMEO, SO_SNDTIMEO); it stays the caller's
/// and must outlive this. Not thread-safe.
class SocketStream final : public httplib::Stream {
 public:
  explicit SocketStream(int socket);

  /// Waits for bytes of a request; those of the last one that were not read count. False: the other
  /// side has closed, stayed silent or broken off.
  bool wait();
  /// Sends what was written. False when that cannot be done, and from then on.
  bool flush();

  bool is_readable() const override;
  bool is_writable() const override { return !broken_; }
  /// What is written so far leaves first, if this has to wait: the other side may wait for it.
  ssize_t read(char* to, std::size_t size) override;
  /// Kept until `flush`, or until it is much.
  ssize_t write(const char* from, std::size_t size) override;
  /// Not told: no route asks who sends.
  void get_remote_ip_and_port(std::string&, int&) const override {}
  void get_local_ip_and_port(std::string&, int&) const override {}
  int socket() const override { return socket_; }

 private:
  int socket_;
  bool broken_ = false;
  std::vector<char> in_;
  std::size_t in_begin_ = 0, in_end_ = 0;
  std::string out_;
};

}  // namespace parallax::pipeline
