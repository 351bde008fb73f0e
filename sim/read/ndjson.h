// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "sim/read/reader.h"

/// What readers of NDJSON streams share. Private to sim/read.
namespace parallax {

/// Cuts a stream of bytes into lines, whatever pieces it comes in. Keeps at most one line.
class LineSplitter {
 public:
  /// Takes one line without its end; false = this line cannot be used.
  using TakeLine = std::function<bool(std::string_view)>;
  /// A longer line is refused: a stream that is no NDJSON must not fill the memory.
  static constexpr std::size_t line_bytes_max = 16U << 20U;

  explicit LineSplitter(TakeLine take) : take_(std::move(take)) {}

  /// False when a line was refused; nothing more is to be fed then. Blank lines are skipped.
  bool feed(std::string_view bytes);
  /// The stream has ended: takes a last line without line end. False when it was refused: it is
  /// torn.
  bool finish();
  std::uint64_t line() const { return line_; }  ///< Number of the line last taken, from 1.

 private:
  bool take(std::string_view line);

  TakeLine take_;
  std::string rest_;
  std::uint64_t line_ = 0;
};

/// A reader whose source is one stream of JSON lines, a row each.
class NdjsonReader : public RowReader {
 public:
  NdjsonReader(ColumnMap columns, const TrackingPlan& plan)
      : columns_(std::move(columns)), plan_(plan) {}
  /// A line that is no JSON object is a protocol Error with its number; torn at the very end it
  /// only makes the read incomplete.
  Result<bool> scan(std::string_view run_id, const TakeRows& take) override;
  Result<std::vector<std::string>> texts(std::string_view run_id,
                                         const std::vector<std::uint64_t>& numbers) override;

 protected:
  /// Gets pieces of the stream; false = stop.
  using TakeBytes = std::function<bool(std::string_view)>;
  /// Streams the source once. True when its end was reached, false when it broke in the middle or
  /// `take` stopped it; an Error when it never began.
  virtual Result<bool> stream(std::string_view run_id, const TakeBytes& take) = 0;
  virtual std::string source() const = 0;  ///< For Error::where.

 private:
  Result<bool> lines(std::string_view run_id, const LineSplitter::TakeLine& take);

  ColumnMap columns_;
  const TrackingPlan& plan_;
};

}  // namespace parallax
