// SPDX-License-Identifier: Apache-2.0
#include "sim/read/ndjson.h"

#include <algorithm>

#include "sim/read/json_cells.h"

namespace parallax {
namespace {

constexpr std::size_t batch_rows = 1'024;

}  // namespace

bool LineSplitter::feed(std::string_view bytes) {
  for (auto end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
    std::string_view line = bytes.substr(0, end);
    if (!rest_.empty()) line = rest_.append(line);
    if (!take(line)) return false;
    rest_.clear();
    bytes.remove_prefix(end + 1);
  }
  rest_.append(bytes);
  if (rest_.size() <= line_bytes_max) return true;
  ++line_;
  return false;
}

bool LineSplitter::finish() { return rest_.empty() || take(rest_); }

bool LineSplitter::take(std::string_view line) {
  ++line_;
  return line.find_first_not_of(" \t\r") == std::string_view::npos || take_(line);
}

Result<bool> NdjsonReader::lines(std::string_view run_id, const LineSplitter::TakeLine& take) {
  LineSplitter splitter(take);
  bool usable = true;
  const auto ended = stream(run_id, [&](std::string_view bytes) {
    usable = splitter.feed(bytes);
    return usable;
  });
  if (!usable)
    return Error{Error::Kind::protocol, "a row that is no JSON object",
                 source() + " line " + std::to_string(splitter.line())};
  if (!ended) return ended.error();
  // The rest of a broken stream is left out even where it would parse: it may be cut short.
  return *ended && splitter.finish();
}

Result<bool> NdjsonReader::scan(std::string_view run_id, const TakeRows& take) {
  RowDecoder decoder(plan_, columns_);
  std::vector<CanonicalRow> rows(batch_rows);
  std::size_t used = 0;
  std::uint64_t number = 0;
  bool wanted = true;
  const auto hand_over = [&] {
    wanted = wanted && take({rows.data(), used});
    used = 0;
  };
  const auto complete = lines(run_id, [&](std::string_view line) {
    if (!decoder.decode(line, rows[used])) return false;
    rows[used].number = number++;
    if (++used == rows.size()) hand_over();
    return true;
  });
  hand_over();
  if (!complete) return complete.error();
  return *complete && wanted;
}

Result<std::vector<std::string>> NdjsonReader::texts(std::string_view run_id,
                                                     const std::vector<std::uint64_t>& numbers) {
  std::vector<std::string> out;
  if (numbers.empty()) return out;
  std::uint64_t number = 0;
  const auto complete = lines(run_id, [&](std::string_view line) {
    if (std::binary_search(numbers.begin(), numbers.end(), number))
      out.push_back(rename_columns(line, columns_));
    ++number;
    return true;
  });
  if (!complete) return complete.error();
  return out;
}

}  // namespace parallax
