// SPDX-License-Identifier: Apache-2.0
#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "sim/core/duckdb.h"
#include "sim/read/ndjson.h"
#include "sim/read/table.h"

namespace parallax {
namespace {

struct GzipDeleter {
  void operator()(gzFile file) const { gzclose(file); }
};
using GzipFile = std::unique_ptr<gzFile_s, GzipDeleter>;

/// Lines of a file, compressed or not: zlib reads plain bytes as they are.
class LinesFile final : public NdjsonReader {
 public:
  LinesFile(std::string path, const ColumnMap& columns, const TrackingPlan& plan)
      : NdjsonReader(columns, plan), path_(std::move(path)) {}

 private:
  std::string source() const override { return path_; }
  Result<bool> stream(std::string_view run_id, const TakeBytes& take) override;

  std::string path_;
};

Result<bool> LinesFile::stream(std::string_view /*run_id*/, const TakeBytes& take) {
  errno = 0;
  const GzipFile file(gzopen(path_.c_str(), "rb"));
  if (!file) return Error{Error::Kind::io, std::generic_category().message(errno), path_};
  std::vector<char> buffer(1U << 18U);
  bool any = false;
  for (;;) {
    const int count = gzread(file.get(), buffer.data(), static_cast<unsigned>(buffer.size()));
    if (count > 0) {
      any = true;
      if (!take({buffer.data(), static_cast<std::size_t>(count)})) return false;
      continue;
    }
    int state = Z_OK;
    const std::string what = gzerror(file.get(), &state);
    if (state == Z_OK || state == Z_STREAM_END) return true;
    if (!any)
      return Error{Error::Kind::io, what.empty() ? std::generic_category().message(errno) : what,
                   path_};
    return false;
  }
}

bool is_lines(const std::string& path) {
  for (const char* end : {".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz"})
    if (path.ends_with(end)) return true;
  return false;
}

}  // namespace

Result<std::unique_ptr<RowReader>> make_file_reader(const std::string& path,
                                                    const ColumnMap& columns,
                                                    const TrackingPlan& plan) {
  if (is_lines(path))
    return std::unique_ptr<RowReader>(std::make_unique<LinesFile>(path, columns, plan));
  TableSource source;
  source.name = path;
  const std::string literal = duckdb::quote_literal(path);
  if (path.ends_with(".csv")) {
    source.untyped = true;
    source.query = "select * from read_csv(" + literal +
                   ", all_varchar = true, header = true, allow_quoted_nulls = false)";
  } else if (path.ends_with(".parquet")) {
    source.query = "select * from read_parquet(" + literal + ")";
  } else {
    return Error{Error::Kind::invalid_input,
                 "rows are read from .ndjson, .jsonl (both also .gz), .csv and .parquet", path};
  }
  return make_table_reader(source, columns, plan);
}

}  // namespace parallax
