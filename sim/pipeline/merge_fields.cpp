// SPDX-License-Identifier: Apache-2.0
#include "sim/pipeline/merge_fields.h"

#include <algorithm>
#include <vector>

namespace parallax::pipeline {
namespace {

struct Member {
  std::string_view key;  ///< With quotes, as written.
  std::string_view value;
};

/// Splits a JSON object into its members without looking at what they mean.
class MemberScanner {
 public:
  explicit MemberScanner(std::string_view object) : text_(object) {
    skip_blank();
    if (at_ < text_.size()) ++at_;
  }

  bool next(Member& member) {
    skip_blank();
    if (at_ < text_.size() && text_[at_] == ',') {
      ++at_;
      skip_blank();
    }
    if (at_ >= text_.size() || text_[at_] != '"') return false;
    member.key = string();
    skip_blank();
    ++at_;
    skip_blank();
    member.value = value();
    return true;
  }

 private:
  static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
  void skip_blank() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }

  std::string_view string() {
    const std::size_t start = at_++;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2U : 1U;
    at_ = std::min(at_ + 1, text_.size());
    return text_.substr(start, at_ - start);
  }

  std::string_view value() {
    const std::size_t start = at_;
    int depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        string();
        if (depth == 0) break;
        continue;
      }
      if (depth == 0 && (c == ',' || c == '}' || is_blank(c))) break;
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++at_;
      if (depth == 0 && (c == '}' || c == ']')) break;
    }
    return text_.substr(start, at_ - start);
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

void members_of(std::string_view object, std::vector<Member>& out) {
  out.clear();
  MemberScanner scanner(object);
  for (Member member; scanner.next(member);) out.push_back(member);
}

const Member* find(const std::vector<Member>& members, std::string_view key) {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const Member& member) { return member.key == key; });
  return found == members.end() ? nullptr : &*found;
}

bool is_null(const Member* member) { return member == nullptr || member->value == "null"; }

bool is_listed(std::string_view names, std::string_view quoted_key) {
  const std::string_view key = quoted_key.substr(1, quoted_key.size() - 2);
  while (!names.empty()) {
    const std::size_t comma = std::min(names.find(','), names.size());
    if (names.substr(0, comma) == key) return true;
    names.remove_prefix(std::min(comma + 1, names.size()));
  }
  return false;
}

void put(const Member& member, std::string& out) {
  out += out.empty() ? '{' : ',';
  out += member.key;
  out += ':';
  out += member.value;
}

}  // namespace

void merge_fields(std::string_view first, std::string_view second, std::string_view second_owned,
                  std::string& out) {
  thread_local std::vector<Member> mine;
  thread_local std::vector<Member> theirs;
  members_of(first, mine);
  members_of(second, theirs);
  out.clear();
  for (const Member& member : mine) {
    const Member* other = find(theirs, member.key);
    const bool take_other =
        !is_null(other) && (is_null(&member) || is_listed(second_owned, member.key));
    put(take_other ? *other : member, out);
  }
  for (const Member& member : theirs)
    if (find(mine, member.key) == nullptr) put(member, out);
  out += out.empty() ? "{}" : "}";
}

namespace {

/// The texts of one argument.
class TextColumn {
 public:
  TextColumn(duckdb_data_chunk chunk, idx_t column) {
    const duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, column);
    texts_ = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector));
    validity_ = duckdb_vector_get_validity(vector);
  }
  bool null(idx_t row) const {
    return validity_ != nullptr && !duckdb_validity_row_is_valid(validity_, row);
  }
  std::string_view at(idx_t row) const {
    if (null(row)) return {};
    return {duckdb_string_t_data(&texts_[row]), duckdb_string_t_length(texts_[row])};
  }

 private:
  duckdb_string_t* texts_ = nullptr;
  std::uint64_t* validity_ = nullptr;
};

void merge_chunk(duckdb_function_info, duckdb_data_chunk input, duckdb_vector output) {
  const TextColumn first(input, 0);
  const TextColumn second(input, 1);
  const TextColumn owned(input, 2);
  std::string merged;
  const idx_t rows = duckdb_data_chunk_get_size(input);
  for (idx_t row = 0; row < rows; ++row) {
    if (first.null(row) && second.null(row)) {
      duckdb_vector_ensure_validity_writable(output);
      duckdb_validity_set_row_invalid(duckdb_vector_get_validity(output), row);
      continue;
    }
    std::string_view result = first.at(row);
    if (first.null(row) || second.null(row) || first.at(row) == second.at(row)) {
      if (first.null(row)) result = second.at(row);
    } else {
      merge_fields(first.at(row), second.at(row), owned.at(row), merged);
      result = merged;
    }
    duckdb_vector_assign_string_element_len(output, row, result.data(), result.size());
  }
}

}  // namespace

Result<void> register_merge_fields(duckdb::Connection& connection) {
  duckdb_scalar_function function = duckdb_create_scalar_function();
  duckdb_logical_type text = duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);
  duckdb_scalar_function_set_name(function, "merge_fields");
  for (int i = 0; i < 3; ++i) duckdb_scalar_function_add_parameter(function, text);
  duckdb_scalar_function_set_return_type(function, text);
  duckdb_scalar_function_set_special_handling(function);
  duckdb_scalar_function_set_function(function, merge_chunk);
  const duckdb_state state = duckdb_register_scalar_function(connection.raw(), function);
  duckdb_destroy_logical_type(&text);
  duckdb_destroy_scalar_function(&function);
  if (state != DuckDBSuccess)
    return Error{Error::Kind::io, "merge_fields cannot be registered", {}};
  return {};
}

}  // namespace parallax::pipeline
