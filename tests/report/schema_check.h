// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace parallax::test {

/// What of JSON Schema 2020-12 our schemas use. Stricter in one point: a key that the
/// schema does not name is a problem too, because we write both.
class SchemaCheck {
 public:
  using Json = nlohmann::ordered_json;

  /// `name`: a file of sim/run.
  explicit SchemaCheck(const std::string& name = "report.schema.json") {
    std::ifstream file(PARALLAX_SOURCE_DIR "/sim/run/" + name);
    schema_ = Json::parse(file);
  }
  /// A schema at hand; its "$ref" are pointers into it.
  static SchemaCheck of(Json schema) {
    SchemaCheck check;
    check.schema_ = std::move(schema);
    return check;
  }
  std::vector<std::string> problems(const Json& value) {
    problems_.clear();
    check(value, schema_, "");
    return problems_;
  }

 private:
  static std::string join(std::string where, std::string_view separator, const std::string& key) {
    where += separator;
    where += key;
    return where;
  }
  static bool is(const Json& value, const std::string& type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    return false;
  }

  void check(const Json& value, const Json& schema, const std::string& where) {
    if (schema.empty()) return;  // Anything.
    if (schema.contains("anyOf")) return check_any(value, schema["anyOf"], where);
    if (schema.contains("$ref"))
      check(value, schema_.at(Json::json_pointer(schema["$ref"].get<std::string>().substr(1))),
            where);
    if (schema.contains("type") && !is(value, schema["type"].get<std::string>()))
      return problems_.push_back(where + ": not of type " + schema["type"].get<std::string>());
    if (schema.contains("const") && value != schema["const"])
      problems_.push_back(where + ": not the constant");
    if (schema.contains("minimum") && value < schema["minimum"])
      problems_.push_back(where + ": too small");
    if (schema.contains("enum") &&
        std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end())
      problems_.push_back(where + ": not one of the words");
    if (value.is_object() && !schema.contains("$ref")) check_keys(value, schema, where);
    for (std::size_t i = 0; value.is_array() && i < value.size(); ++i)
      check(value[i], schema.at("items"), join(where, "/", std::to_string(i)));
  }

  void check_any(const Json& value, const Json& options, const std::string& where) {
    const std::vector<std::string> before = std::exchange(problems_, {});
    const bool fits = std::any_of(options.begin(), options.end(), [&](const Json& option) {
      problems_.clear();
      check(value, option, where);
      return problems_.empty();
    });
    problems_ = before;
    if (!fits) problems_.push_back(where + ": none of the options");
  }

  void check_keys(const Json& value, const Json& schema, const std::string& where) {
    if (schema.contains("required"))
      for (const Json& key : schema["required"])
        if (!value.contains(key.get<std::string>()))
          problems_.push_back(join(where, ": without ", key.get<std::string>()));
    const Json none = Json::object();
    const Json& known = schema.contains("properties") ? schema["properties"] : none;
    for (const auto& [key, member] : value.items()) {
      if (known.contains(key)) {
        check(member, known[key], join(where, "/", key));
      } else if (schema.contains("additionalProperties")) {
        check(member, schema["additionalProperties"], join(where, "/", key));
      } else {
        problems_.push_back(join(where, ": unknown key ", key));
      }
    }
  }

  Json schema_;
  std::vector<std::string> problems_;
};

}  // namespace parallax::test
