// SPDX-License-Identifier: Apache-2.0
#include "sim/read/http_call.h"
#include "sim/read/ndjson.h"

namespace parallax {
namespace {

class HttpReader final : public NdjsonReader {
 public:
  HttpReader(const HttpReaderOptions& options, const TrackingPlan& plan)
      : NdjsonReader(options.columns, plan), options_(options) {}

 private:
  Result<bool> stream(std::string_view run_id, const TakeBytes& take) override {
    const auto address = split_url(with_run_id(options_.url, run_id));
    if (!address) return address.error();
    // An answer with neither length nor chunks ends with its connection: there only a torn last
    // line betrays a break.
    return call_http({"GET", *address, options_.url, options_.headers, "", options_.timeout}, take);
  }
  std::string source() const override { return options_.url; }

  HttpReaderOptions options_;
};

}  // namespace

Result<std::unique_ptr<RowReader>> make_http_reader(const HttpReaderOptions& options,
                                                    const TrackingPlan& plan) {
  const auto address = split_url(options.url);
  if (!address) return address.error();
  return std::unique_ptr<RowReader>(std::make_unique<HttpReader>(options, plan));
}

}  // namespace parallax
