// SPDX-License-Identifier: Apache-2.0
#include "sim/run/parquet.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace parallax {
namespace {

constexpr std::uint8_t decimal_digits = 18;
constexpr std::int64_t decimal_limit = 1'000'000'000'000'000'000;
constexpr int scale_max = 6;
/// Texts up to this size stand in the vector itself.
constexpr std::size_t inline_size_max = sizeof(duckdb_string_t{}.value.inlined.inlined);

struct LogicalTypeDeleter {
  using pointer = duckdb_logical_type;
  void operator()(duckdb_logical_type type) const { duckdb_destroy_logical_type(&type); }
};
using LogicalType = std::unique_ptr<duckdb_logical_type, LogicalTypeDeleter>;

struct FunctionDeleter {
  using pointer = duckdb_table_function;
  void operator()(duckdb_table_function function) const {
    duckdb_destroy_table_function(&function);
  }
};
using TableFunction = std::unique_ptr<duckdb_table_function, FunctionDeleter>;

/// Up to this many, DuckDB keeps an enum's values in bytes.
constexpr std::size_t narrow_names_max = 255;

LogicalType enum_of(const std::vector<std::string>& names) {
  assert(!names.empty() && names.size() <= 65'535);
  std::vector<const char*> members;
  for (const std::string& name : names) members.push_back(name.c_str());
  return LogicalType(duckdb_create_enum_type(members.data(), members.size()));
}

LogicalType type_of(const ParquetColumn& column) {
  switch (column.type) {
    case ParquetColumn::Type::text:
      return LogicalType(duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR));
    case ParquetColumn::Type::name:
      return enum_of(column.names);
    case ParquetColumn::Type::integer:
      return LogicalType(duckdb_create_logical_type(DUCKDB_TYPE_BIGINT));
    case ParquetColumn::Type::boolean:
      return LogicalType(duckdb_create_logical_type(DUCKDB_TYPE_BOOLEAN));
    case ParquetColumn::Type::time:
      return LogicalType(duckdb_create_logical_type(DUCKDB_TYPE_TIMESTAMP));
    case ParquetColumn::Type::decimal:
      break;
  }
  assert(column.scale >= 0 && column.scale <= scale_max);
  return LogicalType(
      duckdb_create_decimal_type(decimal_digits, static_cast<std::uint8_t>(column.scale)));
}

Error io_error(const std::filesystem::path& file) {
  return {Error::Kind::io, std::generic_category().message(errno), file.string()};
}

Result<void> sync(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return io_error(file);
  const bool synced = ::fsync(descriptor) == 0;
  const Error error = io_error(file);
  ::close(descriptor);
  if (!synced) return error;
  return {};
}

}  // namespace

void ParquetCell::text(std::string_view value) {
  if (value.size() <= inline_size_max) {
    duckdb_string_t kept{};
    kept.value.inlined.length = static_cast<std::uint32_t>(value.size());
    std::copy(value.begin(), value.end(), kept.value.inlined.inlined);
    static_cast<duckdb_string_t*>(data_)[row_] = kept;
    return;
  }
  duckdb_vector_assign_string_element_len(vector_, row_, value.data(), value.size());
}
void ParquetCell::name(std::size_t index) {
  if (wide_) {
    static_cast<std::uint16_t*>(data_)[row_] = static_cast<std::uint16_t>(index);
  } else {
    static_cast<std::uint8_t*>(data_)[row_] = static_cast<std::uint8_t>(index);
  }
}
void ParquetCell::integer(std::int64_t value) { static_cast<std::int64_t*>(data_)[row_] = value; }
void ParquetCell::boolean(bool value) { static_cast<bool*>(data_)[row_] = value; }
void ParquetCell::time(SimTime value) {
  if (value == no_time) return null();
  integer(value.since_epoch);
}
void ParquetCell::decimal(std::int64_t minor, int exponent) {
  assert(exponent <= scale_);
  bool fits = true;
  for (int i = exponent; i < scale_; ++i)
    fits = fits && !__builtin_mul_overflow(minor, std::int64_t{10}, &minor);
  fits_ = fits_ && fits && minor < decimal_limit && minor > -decimal_limit;
  integer(minor);
}
void ParquetCell::null() {
  duckdb_vector_ensure_validity_writable(vector_);
  duckdb_validity_set_row_invalid(duckdb_vector_get_validity(vector_), row_);
}

/// The rows as DuckDB sees them: a table function that pulls chunk after chunk.
class ParquetRows {
 public:
  ParquetRows(const std::vector<ParquetColumn>& columns, const NextBatch& next)
      : columns_(columns), next_batch_(next) {}

  Result<void> register_as(const std::string& name, duckdb_connection connection) {
    const TableFunction function(duckdb_create_table_function());
    duckdb_table_function_set_name(function.get(), name.c_str());
    duckdb_table_function_set_extra_info(function.get(), this, nullptr);
    duckdb_table_function_set_bind(function.get(), &bind);
    duckdb_table_function_set_init(function.get(), [](duckdb_init_info) {});
    duckdb_table_function_set_function(function.get(), &fill);
    if (duckdb_register_table_function(connection, function.get()) == DuckDBSuccess) return {};
    return Error{Error::Kind::io, "the database does not take the rows", name};
  }

 private:
  static void bind(duckdb_bind_info info) {
    const auto& self = *static_cast<ParquetRows*>(duckdb_bind_get_extra_info(info));
    for (const ParquetColumn& column : self.columns_)
      duckdb_bind_add_result_column(info, column.name.c_str(), type_of(column).get());
  }

  static void fill(duckdb_function_info info, duckdb_data_chunk chunk) {
    auto& self = *static_cast<ParquetRows*>(duckdb_function_get_extra_info(info));
    while (self.next_ == self.rows_ && !self.ended_) {
      const Result<std::size_t> batch = self.next_batch_();
      if (!batch) return duckdb_function_set_error(info, batch.error().text().c_str());
      self.next_ = 0;
      self.rows_ = *batch;
      self.ended_ = *batch == 0;
    }
    const std::size_t count = std::min<std::size_t>(duckdb_vector_size(), self.rows_ - self.next_);
    for (std::size_t i = 0; i < self.columns_.size(); ++i)
      if (!self.fill_column(self.columns_[i], duckdb_data_chunk_get_vector(chunk, i), count))
        duckdb_function_set_error(
            info, ("a value of " + self.columns_[i].name + " has more than 18 digits").c_str());
    self.next_ += count;
    duckdb_data_chunk_set_size(chunk, count);
  }

  bool fill_column(const ParquetColumn& column, duckdb_vector vector, std::size_t count) const {
    ParquetCell cell(vector, duckdb_vector_get_data(vector));
    cell.scale_ = column.scale;
    cell.wide_ = column.names.size() > narrow_names_max;
    for (cell.row_ = 0; cell.row_ < count; ++cell.row_) column.write(cell, next_ + cell.row_);
    return cell.fits_;
  }

  const std::vector<ParquetColumn>& columns_;
  const NextBatch& next_batch_;
  std::size_t rows_ = 0;  ///< Of the batch at hand.
  std::size_t next_ = 0;
  bool ended_ = false;
};

Result<ParquetWriter> ParquetWriter::open() {
  duckdb::OpenOptions options;
  options.threads = 1;
  auto database = duckdb::Database::open({}, options);
  if (!database) return database.error();
  auto connection = database->connect();
  if (!connection) return connection.error();
  return ParquetWriter(std::move(database).value(), std::move(connection).value());
}

Result<void> ParquetWriter::write(const std::filesystem::path& file,
                                  const std::vector<ParquetColumn>& columns,
                                  const NextBatch& next) {
  const std::filesystem::path part = file.string() + ".part";
  ParquetRows source(columns, next);
  const std::string name = "parallax_rows_" + std::to_string(++written_);
  Result<void> done = source.register_as(name, connection_.raw());
  if (done)
    done = connection_.run("copy (select * from " + name + "()) to " +
                           duckdb::quote_literal(part.string()) +
                           " (format parquet, compression zstd, use_tmp_file false)");
  if (done) done = sync(part);
  std::error_code code;
  if (done) std::filesystem::rename(part, file, code);
  if (done && !code) return {};
  const Error error{Error::Kind::io, done ? code.message() : done.error().what, file.string()};
  std::filesystem::remove(part, code);
  return error;
}

Result<void> ParquetWriter::write(const std::filesystem::path& file,
                                  const std::vector<ParquetColumn>& columns, std::size_t rows) {
  return write(file, columns,
               [left = rows]() mutable -> Result<std::size_t> { return std::exchange(left, 0); });
}

}  // namespace parallax
