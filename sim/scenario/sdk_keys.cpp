// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/sdk_keys.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace parallax {
namespace {

using P = SdkPlan;
using Words = std::vector<std::string_view>;

constexpr std::int64_t bytes_max = 1'000'000'000;

std::string show_count(std::uint32_t n) {
  return n == P::unlimited ? "unlimited" : std::to_string(n);
}

template <auto Member, std::int64_t Low, std::int64_t High, bool HasNoLimit = false>
SdkKey count(std::string_view name, std::string about) {
  return {name,
          std::move(about),
          {},
          [](const SdkKey&, ShapeBook& book) {
            const Shape* number = book.integer(Low, High);
            return HasNoLimit ? book.any_of({number, book.words({"unlimited"})}) : number;
          },
          [](const SdkKey&, const Node& node, P& plan) {
            if (HasNoLimit && node.word() == "unlimited") plan.*Member = P::unlimited;
            read_integer(node, plan.*Member);
          },
          [](const SdkKey&, const P& plan) { return show_count(plan.*Member); }};
}

template <auto Member, Micros Low, Micros High, bool HasNever = false>
SdkKey duration(std::string_view name, std::string about) {
  return {name,
          std::move(about),
          {},
          [](const SdkKey&, ShapeBook& book) {
            const Shape* span = book.duration(Low, High);
            return HasNever ? book.any_of({span, book.words({"never"})}) : span;
          },
          [](const SdkKey&, const Node& node, P& plan) {
            if (HasNever && node.word() == "never") plan.*Member = P::never;
            read_duration(node, plan.*Member);
          },
          [](const SdkKey&, const P& plan) {
            return plan.*Member == P::never ? "never" : format_duration(plan.*Member);
          }};
}

template <auto Member>
SdkKey flag(std::string_view name, std::string about) {
  return {
      name,
      std::move(about),
      {},
      [](const SdkKey&, ShapeBook& book) { return book.flag(); },
      [](const SdkKey&, const Node& node, P& plan) { read_flag(node, plan.*Member); },
      [](const SdkKey&, const P& plan) { return std::string(plan.*Member ? "true" : "false"); }};
}

/// The words in the order of the enumeration.
template <auto Member>
SdkKey word(std::string_view name, Words words, std::string about) {
  return {name,
          std::move(about),
          std::move(words),
          [](const SdkKey& key, ShapeBook& book) { return book.words(key.words); },
          [](const SdkKey& key, const Node& node, P& plan) {
            const auto at = std::find(key.words.begin(), key.words.end(), node.word());
            using Enum = std::remove_reference_t<decltype(plan.*Member)>;
            if (at != key.words.end()) plan.*Member = static_cast<Enum>(at - key.words.begin());
          },
          [](const SdkKey& key, const P& plan) {
            return std::string(key.words[static_cast<std::size_t>(plan.*Member)]);
          }};
}

bool is_status_range(std::string_view text) { return StatusSet{}.add(text); }

template <auto Member>
SdkKey statuses(std::string_view name, std::string about) {
  return {name,
          std::move(about),
          {},
          [](const SdkKey&, ShapeBook& book) {
            const Shape* range =
                book.text("a range such as \"500..599\"", "^[1-5][0-9]{2}(\\.\\.[1-5][0-9]{2})?$",
                          is_status_range);
            return book.list(book.any_of({book.integer(100, 599), range}), 0, 600);
          },
          [](const SdkKey&, const Node& node, P& plan) {
            if (!node.is(Json::Kind::list)) return;
            plan.*Member = {};
            for (std::size_t i = 0; i < node.size(); ++i) (plan.*Member).add(node.at(i).word());
          },
          [](const SdkKey&, const P& plan) { return (plan.*Member).text(); }};
}

SdkKey immediate() {
  return {"immediate",
          "Actions whose events skip the queue, by name; case, $ and _ are not compared.",
          {},
          [](const SdkKey&, ShapeBook& book) { return book.list(book.text(), 0, 100); },
          [](const SdkKey&, const Node& node, P& plan) {
            if (!node.is(Json::Kind::list)) return;
            plan.immediate.clear();
            for (std::size_t i = 0; i < node.size(); ++i)
              plan.immediate.emplace_back(node.at(i).word());
          },
          [](const SdkKey&, const P& plan) {
            std::string out;
            for (const std::string& name : plan.immediate) out += (out.empty() ? "" : " ") + name;
            return out.empty() ? "none" : out;
          }};
}

SdkKey factor() {
  return {"backoff_factor",
          "Growth of the wait from retry to retry, 1 .. 10; 1 = constant.",
          {},
          [](const SdkKey&, ShapeBook& book) { return book.decimal(1'000'000, 10'000'000); },
          [](const SdkKey&, const Node& node, P& plan) {
            if (const auto millionths = millionths_of(node))
              plan.backoff_factor = static_cast<std::uint32_t>(*millionths / 10'000);
          },
          [](const SdkKey&, const P& plan) {
            std::string text = std::to_string(plan.backoff_factor / 100);
            const std::uint32_t rest = plan.backoff_factor % 100;
            if (rest != 0) text += "." + std::to_string(100 + rest).substr(1);
            return text;
          }};
}

SdkKey jitter_share() {
  return {"backoff_jitter",
          "Random share of each wait; see jitter.",
          {},
          [](const SdkKey&, ShapeBook& book) { return book.ratio(); },
          [](const SdkKey&, const Node& node, P& plan) { read_ratio(node, plan.backoff_jitter); },
          [](const SdkKey&, const P& plan) { return format_ratio(plan.backoff_jitter); }};
}

void read_first_retry(const SdkKey&, const Node& node, P& plan) {
  if (!node) return;
  plan.first_retry_is_interval = node.word() == "flush_interval";
  const bool two = node.is(Json::Kind::list) && node.size() == 2;
  plan.first_retry_low = duration_of(two ? node.at(0) : node).value_or(0);
  plan.first_retry_high = duration_of(two ? node.at(1) : node).value_or(0);
}

std::string show_first_retry(const SdkKey&, const P& plan) {
  if (plan.first_retry_is_interval) return "flush_interval";
  if (plan.first_retry_high == 0) return "as backoff says";
  std::string text = format_duration(plan.first_retry_low);
  if (plan.first_retry_high != plan.first_retry_low)
    text += " .. " + format_duration(plan.first_retry_high);
  return text;
}

SdkKey first_retry() {
  return {"first_retry",
          "Wait before the first retry where it has one of its own: a duration, [low, high], or "
          "flush_interval; backoff then begins with the second. 0s: none.",
          {},
          [](const SdkKey&, ShapeBook& book) {
            const Shape* wait = book.duration(0, hour);
            return book.any_of({wait, book.list(wait, 2, 2), book.words({"flush_interval"})});
          },
          read_first_retry,
          show_first_retry};
}

SdkKey marker() {
  return {"retry_marker",
          "Where a retry names its number on the wire; \"\": nowhere.",
          {},
          [](const SdkKey&, ShapeBook& book) { return book.text(); },
          [](const SdkKey&, const Node& node, P& plan) { read_text(node, plan.retry_marker); },
          [](const SdkKey&, const P& plan) {
            return plan.retry_marker.empty() ? std::string("none") : plan.retry_marker;
          }};
}

std::vector<SdkKey> send_keys() {
  return {
      count<&P::flush_at, 1, 10'000, true>(
          "flush_at", "Events that trigger a send, 1 .. 10000; unlimited: none."),
      duration<&P::flush_interval, millisecond, hour, true>(
          "flush_interval", "Longest wait of an event for others, 1ms .. 1h, or never."),
      word<&P::interval_from>("interval_from", {"oldest", "start"},
                              "The interval runs from the oldest event, or ticks from the start."),
      flag<&P::first_alone>("first_alone", "The very first event is sent at once, by itself."),
      immediate(),
      count<&P::batch_max, 1, 10'000>("batch_max", "Events a request at most, 1 .. 10000."),
      count<&P::batch_bytes, 1'000, bytes_max, true>(
          "batch_bytes", "Bytes a request at most, 1000 .. 1000000000, or unlimited."),
      count<&P::event_bytes, 1, 1'000'000>(
          "event_bytes", "What each event is taken for where bytes count, 1 .. 1000000."),
      count<&P::requests_max, 1, 1'000, true>(
          "requests_max", "Requests open at one time, 1 .. 1000, or unlimited."),
      count<&P::queue_max, 1, 1'000'000>("queue_max", "Events that may wait, 1 .. 1000000."),
      word<&P::overflow>("overflow", {"drop_oldest", "drop_new", "miscounts"},
                         "A full queue drops the oldest, or the new event; miscounts: the oldest, "
                         "also under way, and then events that were never sent."),
      count<&P::rate_limit, 1, 1'000'000, true>(
          "rate_limit", "Events a second that it accepts, 1 .. 1000000, or unlimited."),
      count<&P::rate_burst, 1, 1'000'000>("rate_burst",
                                          "Events that the rate limit saves up, 1 .. 1000000."),
  };
}

std::vector<SdkKey> answer_keys() {
  return {
      statuses<&P::success>("success", "Statuses that mean delivered."),
      word<&P::success_by>("success_by", {"status", "body"},
                           "What tells a success: the status alone, or the answer's body too."),
      statuses<&P::retry_on>("retry_on",
                             "Statuses that are tried again; all others drop the batch."),
      word<&P::too_large>("too_large", {"as_status", "halve"},
                          "A 413 is a status like others, or halves the batch, at once."),
      word<&P::redirects>("redirects", {"as_status", "followed"},
                          "A redirect is a status like others, or is followed without the body."),
      word<&P::unreachable>("unreachable", {"retry", "drop"},
                            "What follows when no connection comes about."),
      flag<&P::per_event>("per_event", "Understands results for single events of a batch."),
      duration<&P::timeout, millisecond, hour, true>(
          "timeout", "Without an answer by then a try failed, 1ms .. 1h, or never."),
  };
}

std::vector<SdkKey> retry_keys() {
  return {
      count<&P::retries_max, 0, 1'000, true>("retries_max",
                                             "Tries after the first, 0 .. 1000, or unlimited."),
      count<&P::retries_unanswered, 0, 1'000, true>(
          "retries_unanswered", "The same where no HTTP answer came; the lower one holds."),
      word<&P::backoff_kind>("backoff_kind", {"exponential", "linear", "next_event"},
                             "Waits grow by a factor, by a summand, or end with the next event."),
      duration<&P::backoff, millisecond, hour>("backoff", "First wait, 1ms .. 1h."),
      factor(),
      duration<&P::backoff_max, millisecond, day>("backoff_max", "Longest wait, 1ms .. 1d."),
      jitter_share(),
      word<&P::jitter>("jitter", {"around", "on_top"},
                       "The random share lies +- around a wait, or on top of it."),
      first_retry(),
      duration<&P::retry_grid, 0, hour>(
          "retry_grid", "Retries leave at multiples of it from the start; 0s: at any time."),
      duration<&P::throttled_wait, 0, hour>("throttled_wait",
                                            "Wait after a 429; 0s: as after other failures."),
      word<&P::retry_after>("retry_after", {"ignored", "honoured", "floor"},
                            "Retry-After is ignored, is the wait, or is the least wait."),
      duration<&P::retry_after_max, second, day>("retry_after_max",
                                                 "The most of it that is waited, 1s .. 1d."),
      count<&P::retry_after_uncounted, 0, 1'000>(
          "retry_after_uncounted",
          "So many of the retries that it asks for do not count, 0 .. 1000."),
      flag<&P::retry_blocks>("retry_blocks", "What is behind waits until a retry has ended."),
      word<&P::exhausted>("exhausted", {"drop", "keep_unanswered"},
                          "After the last retry: dropped, or kept where no answer came."),
      flag<&P::keeps_sent_at>("keeps_sent_at", "A retry repeats the first sent_at."),
      flag<&P::moves_time>("moves_time", "A retry states the event's time later by its delay."),
      marker(),
      count<&P::retry_marker_first, 0, 10>("retry_marker_first",
                                           "What the first retry states there, 0 .. 10."),
  };
}

std::vector<SdkKey> end_keys() {
  return {
      word<&P::unload>("unload", {"beacon", "persist", "lose", "flush"},
                       "What becomes of the queue when the page closes or the process ends."),
      flag<&P::unload_in_flight>("unload_in_flight",
                                 "Requests under way are torn down and treated as the queue is."),
      count<&P::beacon_bytes, 1'000, bytes_max, true>(
          "beacon_bytes", "A beacon's most, 1000 .. 1000000000, or unlimited."),
      flag<&P::beacon_keeps>("beacon_keeps", "What a beacon took is kept on the device as well."),
      duration<&P::shutdown_timeout, 0, hour, true>(
          "shutdown_timeout", "How long unload by flush tries, 0s .. 1h, or never; 0s: once."),
      word<&P::resend>("resend", {"load", "next_event"},
                       "What was kept leaves after the next load, or with the next event."),
      duration<&P::resend_after, 0, hour>("resend_after", "So long after the load, 0s .. 1h."),
      duration<&P::resend_age, 0, hour>("resend_age", "Not before it was kept so long, 0s .. 1h."),
      flag<&P::visits_again>("visits_again",
                             "Each device comes back once after the run and sends what it kept."),
      word<&P::opt_out>("opt_out", {"sends", "drops"},
                        "At an opt-out, what waits is sent all the same, or dropped."),
  };
}

std::vector<SdkSection> make_sections() {
  std::vector<SdkSection> sections{{"sending", send_keys()},
                                   {"answers", answer_keys()},
                                   {"retries", retry_keys()},
                                   {"the end", end_keys()}};
  const SdkPlan defaults;
  for (SdkSection& section : sections)
    for (SdkKey& key : section.keys) key.about += " Default " + key.show(key, defaults) + ".";
  return sections;
}

}  // namespace

std::span<const SdkSection> sdk_sections() {
  static const std::vector<SdkSection> sections = make_sections();
  return sections;
}

std::vector<Key> sdk_object_keys(ShapeBook& book) {
  std::vector<Key> keys;
  for (const SdkSection& section : sdk_sections())
    for (const SdkKey& key : section.keys)
      keys.push_back({key.name, key.shape(key, book), key.about});
  return keys;
}

void read_sdk_keys(const Node& object, SdkPlan& plan) {
  for (const SdkSection& section : sdk_sections())
    for (const SdkKey& key : section.keys) key.read(key, object[key.name], plan);
  if (!plan.first_retry_is_interval) return;
  plan.first_retry_low = plan.first_retry_high = plan.flush_interval;
}

}  // namespace parallax
