// SPDX-License-Identifier: Apache-2.0
#include "sim/run/event_file.h"

#include <algorithm>
#include <array>
#include <vector>

#include "sim/scenario/load.h"

namespace parallax {
namespace {

using Make = Result<std::unique_ptr<EventFile>> (*)(const EventFileOptions& options,
                                                    const TrackingPlan& plan);
constexpr std::array known{
    EventFormat{"ndjson", "one event a line, in a wire format", true},
    EventFormat{"csv", "one event a row, context and properties as columns", true},
    EventFormat{"parquet", "typed columns, zstd", false},
    EventFormat{"duckdb", "a database with the table events", false},
};
constexpr std::array<Make, known.size()> makers{make_ndjson_file, make_csv_file, make_parquet_file,
                                                make_duckdb_file};

Error unknown_format(const std::string& name) {
  std::vector<std::string_view> names;
  std::string list;
  for (const EventFormat& format : known) {
    names.push_back(format.name);
    list += (list.empty() ? "" : ", ") + std::string(format.name);
  }
  const std::string nearest = nearest_name(name, names);
  return {Error::Kind::invalid_input,
          "unknown format; " + (nearest.empty() ? "" : "did you mean " + nearest + "? ") +
              "there are: " + list,
          name};
}

}  // namespace

std::span<const EventFormat> event_formats() { return known; }

Result<void> check_event_format(const std::string& name, bool to_stdout) {
  for (const EventFormat& format : known) {
    if (format.name != name) continue;
    if (!to_stdout || format.lines) return {};
    return Error{Error::Kind::invalid_input,
                 "cannot be streamed to standard output; choose ndjson or csv, or a folder", name};
  }
  return unknown_format(name);
}

Result<std::unique_ptr<EventFile>> make_event_file(const EventFileOptions& options,
                                                   const TrackingPlan& plan) {
  const Result<void> fine = check_event_format(options.format, options.file == "-");
  if (!fine) return fine.error();
  const auto* const format = std::find_if(
      known.begin(), known.end(), [&](const EventFormat& f) { return f.name == options.format; });
  return makers[static_cast<std::size_t>(format - known.begin())](options, plan);
}

}  // namespace parallax
