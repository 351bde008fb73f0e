// SPDX-License-Identifier: Apache-2.0
#include <httplib.h>

#include <chrono>

#include "sim/read/ndjson.h"
#include "sim/read/run_url.h"

namespace parallax {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t quoted_bytes_max = 200;

/// What one GET came to, as far as the bytes tell.
struct Answer {
  int status = 0;
  bool stopped = false;  ///< The taker wanted no more.
  bool late = false;
  std::string begin;  ///< First bytes of an answer that is not 200.
};

class HttpReader final : public NdjsonReader {
 public:
  HttpReader(const HttpReaderOptions& options, const TrackingPlan& plan)
      : NdjsonReader(options.columns, plan), options_(options) {}

 private:
  Result<bool> stream(std::string_view run_id, const TakeBytes& take) override;
  std::string source() const override { return options_.url; }
  httplib::Result get(const HttpAddress& address, const TakeBytes& take, Answer& answer) const;
  Result<bool> judge(const httplib::Result& result, const Answer& answer) const;

  HttpReaderOptions options_;
};

httplib::Result HttpReader::get(const HttpAddress& address, const TakeBytes& take,
                                Answer& answer) const {
  const auto timeout = std::chrono::microseconds(options_.timeout);
  const Clock::time_point deadline = Clock::now() + timeout;
  httplib::Client client(address.server);
  if (!client.is_valid()) return {nullptr, httplib::Error::Connection};
  client.set_connection_timeout(timeout);
  client.set_read_timeout(timeout);
  client.set_write_timeout(timeout);
  client.set_url_encode(false);  // The path is sent as the target file states it.
  httplib::Headers headers(options_.headers.begin(), options_.headers.end());
  return client.Get(
      address.path, headers,
      [&](const httplib::Response& response) {
        answer.status = response.status;
        return true;
      },
      [&](const char* data, std::size_t size) {
        answer.late = Clock::now() > deadline;
        if (answer.late) return false;
        if (answer.status != 200) {
          answer.begin.append(data, std::min(size, quoted_bytes_max - answer.begin.size()));
          return answer.begin.size() < quoted_bytes_max;
        }
        answer.stopped = !take({data, size});
        return !answer.stopped;
      });
}

Result<bool> HttpReader::judge(const httplib::Result& result, const Answer& answer) const {
  if (answer.status == 0) {
    const bool waited = result.error() == httplib::Error::Read;
    return Error{waited ? Error::Kind::timeout : Error::Kind::io,
                 "no answer: " + httplib::to_string(result.error()), options_.url};
  }
  if (answer.status != 200)
    return Error{Error::Kind::protocol,
                 "answered " + std::to_string(answer.status) + ": " + answer.begin, options_.url};
  return result.error() == httplib::Error::Success && !answer.stopped && !answer.late;
}

Result<bool> HttpReader::stream(std::string_view run_id, const TakeBytes& take) {
  const auto address = split_url(with_run_id(options_.url, run_id));
  if (!address) return address.error();
  // An answer with neither length nor chunks ends with its connection: there only a torn last line
  // betrays a break.
  Answer answer;
  const httplib::Result result = get(*address, take, answer);
  return judge(result, answer);
}

}  // namespace

Result<std::unique_ptr<RowReader>> make_http_reader(const HttpReaderOptions& options,
                                                    const TrackingPlan& plan) {
  const auto address = split_url(options.url);
  if (!address) return address.error();
  return std::unique_ptr<RowReader>(std::make_unique<HttpReader>(options, plan));
}

}  // namespace parallax
