// SPDX-License-Identifier: Apache-2.0
#include "sim/proxy/gateway.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <cassert>

#include "sim/drive/ascii.h"
#include "sim/drive/target.h"
#include "sim/proxy/batch_cut.h"
#include "sim/wire/unpack.h"

namespace parallax::proxy {
namespace {

namespace asio = boost::asio;

/// Bodies may be packed a thousandfold.
constexpr std::size_t unpacked_max = std::size_t{64} << 20U;
/// Different problems that are told apart.
constexpr std::size_t problems_max = 100;

Error full(std::string what) { return {Error::Kind::unsupported, std::move(what), {}}; }

/// Faults that strike no more keep their places.
Scenario without(Scenario scenario, const std::vector<bool>& lifted) {
  for (std::size_t i = 0; i < scenario.faults.size(); ++i) {
    if (!lifted[i]) continue;
    scenario.faults[i].selector.from = end_of_time.since_epoch - 1;
    scenario.faults[i].selector.until = end_of_time.since_epoch;
  }
  return scenario;
}

}  // namespace

struct Gateway::Parts {
  Scenario scenario;
  ProxyOptions options;
  UpstreamAddress upstream;
  FaultChain chain;
  Names names;
  Book book;
  Archive archive;
};

Result<UpstreamAddress> UpstreamAddress::make(const Url& url, bool verify) {
  UpstreamAddress address;
  address.url = url;
  address.verify = verify;
  boost::system::error_code failed;
  const auto literal = asio::ip::make_address(url.host, failed);
  if (!failed) address.literal = asio::ip::tcp::endpoint(literal, url.port);
  if (!is_loopback_url((url.tls ? "https://" : "http://") + url.authority()))
    address.host_line = "Host: " + url.authority() + "\r\n";
  if (!url.tls) return address;
  address.tls = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
  address.tls->set_default_verify_paths(failed);
  if (failed)
    return Error{
        Error::Kind::io, "the system's certificates cannot be read: " + failed.message(), {}};
  return address;
}

Gateway::Gateway(Parts parts)
    : scenario_(std::move(parts.scenario)),
      options_(std::move(parts.options)),
      upstream_(std::move(parts.upstream)),
      chain_(std::move(parts.chain)),
      faults_(chain_),
      counted_(scenario_.faults.size()),
      names_(std::move(parts.names)),
      reader_(scenario_, names_),
      book_(std::move(parts.book)),
      archive_(std::move(parts.archive)) {}

Result<std::unique_ptr<Gateway>> Gateway::make(Scenario scenario, const ProxyOptions& options) {
  Result<UpstreamAddress> upstream = UpstreamAddress::make(options.upstream, options.verify_tls);
  if (!upstream) return upstream.error();
  Result<FaultChain> chain = FaultChain::make(scenario, scenario.seed);
  if (!chain) return chain.error();
  Result<Names> names = Names::create(options.folder / "names.txt", scenario.plan);
  if (!names) return names.error();
  Result<Book> book = Book::create(options.folder / "ledger" / "journal-0.plx");
  if (!book) return book.error();
  Result<Archive> archive =
      Archive::create(options.folder / "requests.plxr", options.limits.archive);
  if (!archive) return archive.error();
  Parts parts{std::move(scenario), options,          std::move(*upstream), std::move(*chain),
              std::move(*names),   std::move(*book), std::move(*archive)};
  return std::unique_ptr<Gateway>(new Gateway(std::move(parts)));
}

bool Gateway::wants(const RequestHead& head) const {
  if (head.upgrades) return false;
  if (head.framing.kind == Framing::Kind::length && head.framing.length > options_.limits.body)
    return false;
  if (head.method == "POST") return head.path == options_.shared_path || is_sdk_path(head.path);
  return head.method == "GET" && !head.query.empty() && is_sdk_path(head.path);
}

SimTime Gateway::now(const RequestHead& head) const {
  const auto simulated = options_.simulated ? parse_rfc3339(head.sim_time) : std::nullopt;
  return simulated ? *simulated : options_.wall_clock();
}

/// False where it cannot be read.
bool Gateway::unpack_body(HeldRequest& request) const {
  if (looks_packed(request.plain)) return bool(unpack(request.plain, unpacked_max));
  const std::string_view coding = request.read.content_encoding;
  return coding.empty() || equals_ignoring_case(coding, "identity");
}

Result<void> Gateway::keep(const HeldRequest& request) {
  if (names_.full()) return full("the texts of events take too much room: start a new folder");
  if (!archive_.has_room(request.head.size() + request.body.size()))
    return full("the store of requests is full: start a new folder");
  if (book_.full()) return full("the ledger holds its most events: start a new folder");
  const Result<void> stored = archive_.store({options_.wall_clock(), request.head, request.body});
  return stored ? names_.flush() : stored;
}

Result<std::optional<Delivery>> Gateway::admit(HeldRequest& request) {
  const RequestHead& head = request.read;
  const SdkFormat* format = nullptr;
  const SimTime at = now(head);
  const bool readable = unpack_body(request);
  if (head.path != options_.shared_path || head.method != "POST")
    format = find_sdk_format(head.path, request.plain);
  const bool known = format != nullptr || head.path == options_.shared_path;
  sightings_.events.clear();
  sightings_.run_id.clear();
  sightings_.total = 0;
  std::string body = request.plain;
  const SdkRequest asked{head.path, head.query, head.authorization, &body, at};
  if (!readable || !known || !reader_.read(format, asked, sightings_))
    return std::optional<Delivery>();
  if (!sightings_.run_id.empty()) names_.note_run(sightings_.run_id);
  if (const Result<void> kept = keep(request); !kept) return kept.error();
  const std::size_t events = sightings_.events.size();
  // What is left out are the last of the batch: of those the plan must know each.
  const auto can_leave = [&](std::size_t left) {
    return events == sightings_.total && without_last(request.plain, events, left).has_value();
  };
  Delivery delivery = book_.begin(sightings_.events, at, faults_, can_leave);
  delivery.fate.delay = std::min(delivery.fate.delay, options_.limits.delay);
  delivery.fate.answer_delay = std::min(delivery.fate.answer_delay, options_.limits.delay);
  if (const Result<void> written = book_.flush(); !written) return written.error();
  if (delivery.fate.left_out > 0) ++counts_.rejected;  // The attempt at what is left out.
  ++counts_.with_events;
  counts_.events += events;
  counts_.unplanned += sightings_.total - events;
  return std::optional<Delivery>(std::move(delivery));
}

Result<Delivery> Gateway::begin_again(const Delivery& first) {
  Delivery again = book_.begin_again(first);
  if (const Result<void> written = book_.flush(); !written) return written.error();
  return again;
}

Result<void> Gateway::conclude(const Delivery& delivery, Receipt receipt, std::uint16_t status) {
  const SimTime at = options_.simulated ? delivery.record.arrives : options_.wall_clock();
  book_.conclude(delivery, receipt, status, at);
  ++(receipt == Receipt::accepted   ? counts_.accepted
     : receipt == Receipt::rejected ? counts_.rejected
                                    : counts_.unknown);
  return book_.flush();
}

Result<void> Gateway::change_faults(Scenario scenario, std::vector<bool> lifted) {
  assert(lifted.size() == scenario.faults.size());
  Result<FaultChain> chain = FaultChain::make(without(scenario, lifted), scenario.seed);
  if (!chain) return chain.error();
  for (std::size_t i = 0; i < counted_.size(); ++i) {
    counted_[i].struck += faults_.counts()[i].struck;
    counted_[i].skipped += faults_.counts()[i].skipped;
  }
  chain_ = std::move(*chain);
  faults_ = LaneFaults(chain_);
  scenario_.faults = std::move(scenario.faults);
  counted_.resize(scenario_.faults.size());
  return {};
}

Result<void> Gateway::close() {
  const Result<void> names = names_.flush();
  const Result<void> book = book_.close();
  return names ? book : names;
}

std::string Gateway::outgoing_head(std::string_view head) const {
  if (upstream_.host_line.empty()) return std::string(head);
  return with_lines(head, {"host"}, upstream_.host_line);
}

void Gateway::tell(const std::string& problem) {
  const auto found = problems_.find(problem);
  if (found != problems_.end()) {
    ++found->second;
  } else if (problems_.size() < problems_max) {
    problems_.emplace(problem, 1);
  }
}

ProxyCounts Gateway::all_counts() const {
  ProxyCounts counts = counts_;
  counts.actions = book_.actions();
  counts.attempts = book_.attempts();
  counts.faults = counted_;
  for (std::size_t i = 0; i < counts.faults.size(); ++i) {
    counts.faults[i].struck += faults_.counts()[i].struck;
    counts.faults[i].skipped += faults_.counts()[i].skipped;
  }
  counts.problems.assign(problems_.begin(), problems_.end());
  std::stable_sort(counts.problems.begin(), counts.problems.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return counts;
}

}  // namespace parallax::proxy
