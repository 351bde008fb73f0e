// SPDX-License-Identifier: Apache-2.0
#include "sim/core/duckdb_text.h"

#include <fmt/format.h>

#include <limits>

#include "sim/core/id.h"
#include "sim/core/time.h"

namespace parallax::duckdb {
namespace {

__extension__ typedef __int128 Wide;

Wide wide(duckdb_hugeint value) {
  return (static_cast<Wide>(value.upper) << 64) | static_cast<Wide>(value.lower);
}

std::string wide_text(Wide value) { return fmt::format("{}", value); }

/// Inserts the decimal point `scale` digits from the right.
std::string scaled_text(Wide value, unsigned scale) {
  std::string digits = wide_text(value);
  const bool negative = digits.front() == '-';
  if (negative) digits.erase(0, 1);
  if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
  if (scale > 0) digits.insert(digits.size() - scale, 1, '.');
  return negative ? "-" + digits : digits;
}

std::string uuid_text(duckdb_hugeint value) {
  // DuckDB flips the top bit, so that signed comparison orders the ids.
  const std::uint64_t high = static_cast<std::uint64_t>(value.upper) ^ (1ULL << 63);
  return Uuid{high, value.lower}.text();
}

std::string string_text(duckdb_string_t value) {
  return {duckdb_string_t_data(&value), duckdb_string_t_length(value)};
}

}  // namespace

CellReader::CellReader(duckdb_vector vector)
    : logical_(duckdb_vector_get_column_type(vector)),
      type_(duckdb_get_type_id(logical_)),
      data_(duckdb_vector_get_data(vector)),
      validity_(duckdb_vector_get_validity(vector)) {}
CellReader::~CellReader() { duckdb_destroy_logical_type(&logical_); }

bool CellReader::null(idx_t row) const {
  return validity_ != nullptr && !duckdb_validity_row_is_valid(validity_, row);
}

std::optional<std::int64_t> CellReader::integer(idx_t row) const {
  if (null(row)) return std::nullopt;
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  switch (type_) {
    case DUCKDB_TYPE_BOOLEAN:
      return at<bool>(row) ? 1 : 0;
    case DUCKDB_TYPE_TINYINT:
      return at<std::int8_t>(row);
    case DUCKDB_TYPE_SMALLINT:
      return at<std::int16_t>(row);
    case DUCKDB_TYPE_INTEGER:
      return at<std::int32_t>(row);
    case DUCKDB_TYPE_BIGINT:
      return at<std::int64_t>(row);
    case DUCKDB_TYPE_UTINYINT:
      return at<std::uint8_t>(row);
    case DUCKDB_TYPE_USMALLINT:
      return at<std::uint16_t>(row);
    case DUCKDB_TYPE_UINTEGER:
      return at<std::uint32_t>(row);
    case DUCKDB_TYPE_UBIGINT:
      if (at<std::uint64_t>(row) > most) return std::nullopt;
      return static_cast<std::int64_t>(at<std::uint64_t>(row));
    case DUCKDB_TYPE_HUGEINT: {
      const Wide value = wide(at<duckdb_hugeint>(row));
      if (value > std::numeric_limits<std::int64_t>::max() ||
          value < std::numeric_limits<std::int64_t>::min())
        return std::nullopt;
      return static_cast<std::int64_t>(value);
    }
    default:
      return std::nullopt;
  }
}

std::string CellReader::decimal(idx_t row) const {
  const unsigned scale = duckdb_decimal_scale(logical_);
  switch (duckdb_decimal_internal_type(logical_)) {
    case DUCKDB_TYPE_SMALLINT:
      return scaled_text(at<std::int16_t>(row), scale);
    case DUCKDB_TYPE_INTEGER:
      return scaled_text(at<std::int32_t>(row), scale);
    case DUCKDB_TYPE_BIGINT:
      return scaled_text(at<std::int64_t>(row), scale);
    default:
      return scaled_text(wide(at<duckdb_hugeint>(row)), scale);
  }
}

std::string CellReader::text(idx_t row) const {
  if (null(row)) return "NULL";
  switch (type_) {
    case DUCKDB_TYPE_BOOLEAN:
      return at<bool>(row) ? "true" : "false";
    case DUCKDB_TYPE_VARCHAR:
    case DUCKDB_TYPE_BLOB:
      return string_text(at<duckdb_string_t>(row));
    case DUCKDB_TYPE_FLOAT:
      return fmt::format("{}", at<float>(row));
    case DUCKDB_TYPE_DOUBLE:
      return fmt::format("{}", at<double>(row));
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return to_rfc3339(SimTime{at<std::int64_t>(row)});
    case DUCKDB_TYPE_DATE:
      return to_rfc3339(SimTime{at<std::int32_t>(row) * day}).substr(0, 10);
    case DUCKDB_TYPE_DECIMAL:
      return decimal(row);
    case DUCKDB_TYPE_UUID:
      return uuid_text(at<duckdb_hugeint>(row));
    case DUCKDB_TYPE_HUGEINT:
      return wide_text(wide(at<duckdb_hugeint>(row)));
    default:
      break;
  }
  if (type_ == DUCKDB_TYPE_UBIGINT) return fmt::format("{}", at<std::uint64_t>(row));
  const auto value = integer(row);
  return value ? fmt::format("{}", *value) : fmt::format("[type {}]", static_cast<int>(type_));
}

}  // namespace parallax::duckdb
