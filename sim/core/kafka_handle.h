// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <librdkafka/rdkafka.h>

#include <string>
#include <vector>

#include "sim/core/kafka.h"

/// What producer and consumer share of librdkafka's C API. Private to sim/core.
namespace parallax::kafka {

/// What librdkafka's callbacks get: lies still while its handle lives.
struct Callbacks {
  std::vector<std::string> hosts;  ///< That may be resolved; read by librdkafka's threads.
  std::string complaint;           ///< Of the thread that polls.
  std::vector<Outcome> outcomes;   ///< The same.
};

/// A handle on its callbacks, destroyed with everything of it.
struct HandleDeleter {
  void operator()(rd_kafka_t* handle) const;
};
using Handle = std::unique_ptr<rd_kafka_t, HandleDeleter>;

/// Opens a handle with `ours`, then with the cluster's settings. `callbacks` must outlive it.
/// Errors (invalid_input): a broker that cannot be read, a setting that is refused.
Result<Handle> open_handle(rd_kafka_type_t type, const Cluster& cluster, const Settings& ours,
                           Callbacks& callbacks);

/// For librdkafka's waits: whole milliseconds, one at least.
int milliseconds(Micros wait);

/// "127.0.0.1:9092 raw-events", for Error::where.
std::string name_of(const Cluster& cluster, const std::string& topic);

/// An answer as an Error: a wait that ended, a connection that broke, or a refusal.
Error error_of(rd_kafka_resp_err_t code, const std::string& complaint, const std::string& where);

}  // namespace parallax::kafka
