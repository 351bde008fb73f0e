// SPDX-License-Identifier: Apache-2.0
#include "sim/core/kafka.h"

#include <algorithm>
#include <chrono>

#include "sim/read/ndjson.h"

namespace parallax {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Micros poll_wait = 100 * millisecond;
/// Rows are handed over in pieces of about this size.
constexpr std::size_t piece_bytes = 64U << 10U;
/// Commits nothing: it only has to have a name.
constexpr const char* group = "parallax-reader";

/// Reads partition after partition, each up to the end that it had when the read began: so rows
/// have the same numbers when `texts` reads them again.
class KafkaReader final : public NdjsonReader {
 public:
  KafkaReader(const KafkaReaderOptions& options, const TrackingPlan& plan)
      : NdjsonReader(options.columns, plan), options_(options) {}

  Result<bool> scan(std::string_view run_id, const TakeRows& take) override {
    spans_.clear();
    return NdjsonReader::scan(run_id, take);
  }

 private:
  Result<bool> stream(std::string_view run_id, const TakeBytes& take) override;
  std::string source() const override { return options_.topic; }
  Result<bool> read_span(kafka::Consumer& consumer, const kafka::Span& span,
                         std::string_view run_id, const TakeBytes& take,
                         Clock::time_point deadline);

  KafkaReaderOptions options_;
  std::vector<kafka::Span> spans_;  ///< Of the last scan.
  std::string piece_;               ///< Reused.
};

Result<bool> KafkaReader::stream(std::string_view run_id, const TakeBytes& take) {
  const Clock::time_point deadline = Clock::now() + std::chrono::microseconds(options_.timeout);
  kafka::Cluster cluster = options_.cluster;
  cluster.timeout = std::min(cluster.timeout, options_.timeout);
  Result<kafka::Consumer> consumer = kafka::Consumer::open(cluster, options_.topic, group);
  if (!consumer) return consumer.error();
  if (spans_.empty()) {
    Result<std::vector<kafka::Span>> spans = consumer->spans();
    if (!spans) return spans.error();
    spans_ = std::move(*spans);
  }
  bool any = false;
  for (const kafka::Span& span : spans_) {
    if (span.begin >= span.end) continue;
    const Result<bool> read = read_span(*consumer, span, run_id, take, deadline);
    // What came before the break stands, and proves no absence.
    if (!read && !any) return read.error();
    if (!read || !*read) return false;
    any = true;
  }
  return true;
}

Result<bool> KafkaReader::read_span(kafka::Consumer& consumer, const kafka::Span& span,
                                    std::string_view run_id, const TakeBytes& take,
                                    Clock::time_point deadline) {
  const kafka::Position begin{span.partition, span.begin};
  if (const Result<void> set = consumer.assign({begin}); !set) return set.error();
  piece_.clear();
  for (kafka::Position next = begin; next.offset < span.end;) {
    if (Clock::now() > deadline) return false;
    const Result<kafka::Received> received = consumer.poll(poll_wait);
    if (!received) return received.error();
    if (received->kind == kafka::Received::Kind::nothing) continue;
    next = received->next;
    if (received->kind == kafka::Received::Kind::end_of_partition) break;
    if (next.offset > span.end || !received->has_value) continue;
    const auto run = consumer.header("run_id");
    if (run && !run->empty() && *run != run_id) continue;
    const std::size_t at = piece_.size();
    piece_.append(received->value);
    // A message may be JSON over several lines; in JSON they are blanks.
    std::replace(piece_.begin() + static_cast<std::ptrdiff_t>(at), piece_.end(), '\n', ' ');
    piece_ += '\n';
    if (piece_.size() < piece_bytes) continue;
    if (!take(piece_)) return false;
    piece_.clear();
  }
  return take(piece_);
}

}  // namespace

Result<std::unique_ptr<RowReader>> make_kafka_reader(const KafkaReaderOptions& options,
                                                     const TrackingPlan& plan) {
  // Asks no broker; where librdkafka is missing or a setting is refused, this says so.
  const Result<kafka::Consumer> usable =
      kafka::Consumer::open(options.cluster, options.topic, group);
  if (!usable) return usable.error();
  return std::unique_ptr<RowReader>(std::make_unique<KafkaReader>(options, plan));
}

}  // namespace parallax
