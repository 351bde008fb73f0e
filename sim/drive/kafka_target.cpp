// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cassert>
#include <chrono>
#include <deque>
#include <map>

#include "sim/drive/batch_events.h"
#include "sim/drive/http_message.h"
#include "sim/drive/target.h"

namespace parallax {
namespace {

using Clock = std::chrono::steady_clock;

/// After its timeout librdkafka reports a message by itself; this is for one that it forgot.
constexpr Micros grace = 5 * second;
constexpr Micros poll_wait = 100 * millisecond;

Micros since(Clock::time_point begun) {
  return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begun).count();
}

/// A batch whose messages are under way.
struct Flight {
  SendResult result;
  Strike strike = Strike::none;
  Clock::time_point begun;
  std::size_t waiting = 0;  ///< Messages without an outcome.
  std::size_t kept = 0;
  std::size_t lost = 0;  ///< Of the rest a broker may have any.
  std::size_t messages = 0;

  void note(const kafka::Outcome& outcome) {
    --waiting;
    kept += outcome.kept == kafka::Outcome::Kept::yes ? 1 : 0;
    lost += outcome.kept == kafka::Outcome::Kept::no ? 1 : 0;
    if (result.error.empty()) result.error = outcome.error;
  }
  SendResult finished() {
    result.receipt = Receipt::unknown;
    if (strike == Strike::none && kept == messages) result.receipt = Receipt::accepted;
    if (strike == Strike::none && lost == messages && messages > 0)
      result.receipt = Receipt::rejected;
    result.took = since(begun);
    return std::move(result);
  }
};

class KafkaTarget final : public Target {
 public:
  KafkaTarget(const KafkaTargetOptions& options, kafka::Producer producer)
      : options_(options), producer_(std::move(producer)) {
    headers_ = {{"run_id", ""}, {"content-type", "application/json"}};
    if (options.clock_header) headers_.emplace_back(sim_time_header, "");
    headers_.insert(headers_.end(), options.headers.begin(), options.headers.end());
  }

  void start(SendRequest request) override;
  SendResult wait() override;
  std::size_t in_flight() const override { return flights_.size() + done_.size(); }
  std::size_t capacity() const override { return options_.batches_max; }

 private:
  void produce(const SendRequest& request, Flight& flight);
  void collect(Micros wait);

  const KafkaTargetOptions options_;
  kafka::Producer producer_;
  kafka::Settings headers_;  ///< The first is run_id; the clock is the third, where there is one.
  std::map<std::uint64_t, Flight> flights_;  ///< By number, so oldest first.
  std::uint64_t flights_begun_ = 0;
  std::deque<SendResult> done_;
};

void KafkaTarget::start(SendRequest request) {
  assert(in_flight() < capacity());
  Flight flight;
  flight.result.ticket = request.ticket;
  flight.strike = request.strike;
  flight.begun = Clock::now();
  if (request.strike == Strike::before_send) {
    flight.result.receipt = Receipt::rejected;
    flight.result.error = "broker unavailable (fault)";
    done_.push_back(std::move(flight.result));
    return;
  }
  if (request.strike == Strike::answered) {
    flight.result.status = request.answer;
    flight.result.receipt = receipt_of_status(request.answer);
    done_.push_back(std::move(flight.result));
    return;
  }
  produce(request, flight);
  if (flight.waiting == 0)
    done_.push_back(flight.finished());
  else
    flights_.emplace(flights_begun_, std::move(flight));
}

void KafkaTarget::produce(const SendRequest& request, Flight& flight) {
  const auto events = split_batch(request.body);
  if (!events) {
    flight.messages = flight.lost = 1;
    flight.result.error = "the body is no batch of events";
    return;
  }
  const std::size_t cut = request.strike == Strike::during_body ? 2 : 1;
  flight.messages = events->size() / cut;
  if (options_.clock_header) headers_[2].second = to_rfc3339(request.arrives);
  ++flights_begun_;
  for (std::size_t i = 0; i < flight.messages; ++i) {
    const std::string_view event = (*events)[i];
    headers_[0].second = event_member(event, "run_id").value_or("");
    kafka::Message message{std::nullopt, event, &headers_, flights_begun_};
    if (options_.message_key != "none") message.key = event_member(event, options_.message_key);
    if (const Result<void> put = producer_.put(message); !put) {
      flight.lost += flight.messages - i;
      flight.result.error = put.error().text();
      return;
    }
    ++flight.waiting;
  }
}

void KafkaTarget::collect(Micros wait) {
  for (const kafka::Outcome& outcome : producer_.poll(wait)) {
    const auto found = flights_.find(outcome.ticket);
    if (found == flights_.end()) continue;  // It came after its batch was given up.
    found->second.note(outcome);
    if (found->second.waiting > 0) continue;
    done_.push_back(found->second.finished());
    flights_.erase(found);
  }
}

SendResult KafkaTarget::wait() {
  assert(in_flight() > 0);
  while (done_.empty()) {
    collect(poll_wait);
    if (!done_.empty()) break;
    const auto oldest = flights_.begin();
    if (since(oldest->second.begun) < options_.cluster.timeout + grace) continue;
    oldest->second.result.error = "no word of its delivery";
    done_.push_back(oldest->second.finished());
    flights_.erase(oldest);
  }
  SendResult result = std::move(done_.front());
  done_.pop_front();
  return result;
}

}  // namespace

Result<std::unique_ptr<Target>> make_kafka_target(const KafkaTargetOptions& options) {
  kafka::Settings settings{{"acks", options.acks},
                           {"compression.type", options.compression},
                           {"enable.idempotence", options.idempotence ? "true" : "false"}};
  if (!options.idempotence) settings.emplace_back("message.send.max.retries", "0");
  Result<kafka::Producer> producer =
      kafka::Producer::open(options.cluster, options.topic, settings);
  if (!producer) return producer.error();
  return std::unique_ptr<Target>(std::make_unique<KafkaTarget>(options, std::move(*producer)));
}

}  // namespace parallax
