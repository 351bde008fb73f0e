// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "sim/core/canonical_row.h"
#include "sim/core/tracking_plan.h"

/// What the tests of the readers share: a small tracking plan, and a folder that goes away.
namespace parallax {

inline FieldPlan make_field(const char* name, FieldType type) {
  FieldPlan field;
  field.name = name;
  field.type = type;
  return field;
}

/// page_view without fields; purchase with one field of each type (indices below).
inline TrackingPlan shop_plan() {
  TrackingPlan plan;
  ActionPlan view;
  view.name = "page_view";
  ActionPlan purchase;
  purchase.name = "purchase";
  purchase.server = true;
  purchase.fields = {make_field("revenue", FieldType::money), make_field("sku", FieldType::string),
                     make_field("items", FieldType::integer),
                     make_field("weight", FieldType::number),
                     make_field("gift", FieldType::boolean)};
  plan.actions = {view, purchase};
  plan.currencies = {{"USD", 2}, {"JPY", 0}, {"KWD", 3}};
  return plan;
}
constexpr std::size_t revenue = 0, sku = 1, items = 2, weight = 3, gift = 4;

inline std::int64_t text_code(std::string_view text) {
  return static_cast<std::int64_t>(hash_text(text));
}

/// A folder of this test's own below the system's temporary one; removed with its content.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::string& name)
      : path_(std::filesystem::temp_directory_path() / ("parallax-read-" + name)) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string file(const std::string& name) const { return (path_ / name).string(); }
  std::string write(const std::string& name, std::string_view content) const {
    std::ofstream out(file(name), std::ios::binary);
    out << content;
    return file(name);
  }

 private:
  std::filesystem::path path_;
};

}  // namespace parallax
