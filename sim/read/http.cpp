// SPDX-License-Identifier: Apache-2.0
#include <httplib.h>

#include <chrono>

#include "sim/read/ndjson.h"

namespace parallax {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t quoted_bytes_max = 200;

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || c == '-' || c == '_' || c == '.' || c == '~') {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

std::string with_run_id(std::string text, std::string_view run_id) {
  constexpr std::string_view mark = "{run_id}";
  const std::string encoded = percent_encoded(run_id);
  for (auto at = text.find(mark); at != std::string::npos;
       at = text.find(mark, at + encoded.size()))
    text.replace(at, mark.size(), encoded);
  return text;
}

struct Address {
  std::string server;  ///< "https://host:port"
  std::string path;    ///< With the query; begins with '/'.
};

Result<Address> split(const std::string& url) {
  const auto scheme = url.find("://");
  const bool known = url.starts_with("http://") || url.starts_with("https://");
  if (!known || url.size() == scheme + 3)
    return Error{Error::Kind::invalid_input, "no http or https address", url};
  const auto path = url.find_first_of("/?", scheme + 3);
  if (path == std::string::npos) return Address{url, "/"};
  std::string rest = url.substr(path);
  return Address{url.substr(0, path), rest.front() == '/' ? rest : "/" + rest};
}

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
  httplib::Result get(const Address& address, const TakeBytes& take, Answer& answer) const;
  Result<bool> judge(const httplib::Result& result, const Answer& answer) const;

  HttpReaderOptions options_;
};

httplib::Result HttpReader::get(const Address& address, const TakeBytes& take,
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
  const auto address = split(with_run_id(options_.url, run_id));
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
  const auto address = split(options.url);
  if (!address) return address.error();
  return std::unique_ptr<RowReader>(std::make_unique<HttpReader>(options, plan));
}

}  // namespace parallax
