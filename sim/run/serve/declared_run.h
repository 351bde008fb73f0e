// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/run/serve/declaration.h"
#include "sim/run/serve/declared_log.h"

namespace parallax::serve {

/// A run as its test declared it so far: plain values, to be judged while more is declared.
struct Declared {
  std::string id;
  SimTime created;
  RunRequest request;
  /// "actions" of the request, or what the actions themselves say where it has none.
  TrackingPlan plan;
  std::vector<DeclaredAction> actions;

  bool open() const { return request.actions.kind == Json::Kind::null; }
};

/// A run whose declarations are on the disk before anybody is told so: FOLDER/declared.ndjson, the
/// run in its first line, one line a request after it. Not thread-safe.
class DeclaredRun {
 public:
  static constexpr const char* file_name = "declared.ndjson";

  /// Errors: the folder exists, or cannot be written.
  static Result<std::unique_ptr<DeclaredRun>> create(const std::filesystem::path& folder,
                                                     std::string id, SimTime now, const Json& body,
                                                     RunRequest request, TrackingPlan plan);
  /// Errors: the file cannot be read, or is no such file.
  static Result<std::unique_ptr<DeclaredRun>> open(const std::filesystem::path& folder);

  struct Added {
    std::string id, action_key;
    bool repeated = false;  ///< Declared before, with the same content.
  };
  /// Takes one action or a list of them, all or none. 400: one is wrong; 409: one contradicts an
  /// earlier one; 413: too many; 500: the disk.
  std::optional<Refusal> add(const Json& body, SimTime now, std::vector<Added>& added);

  const Declared& declared() const { return declared_; }

 private:
  struct Draft;
  DeclaredRun(DeclaredLog log, Declared declared)
      : log_(std::move(log)), declared_(std::move(declared)) {}
  std::optional<Refusal> prepare(const Json& body, SimTime now, Draft& draft) const;
  std::optional<Refusal> place(DeclaredAction action, const Node& body, Draft& draft) const;
  void take(Draft draft);

  DeclaredLog log_;
  Declared declared_;
  std::map<std::string, std::size_t> by_action_key_, by_tie_;
};

/// The plan that the request's "actions" and "assert" come to, or what is wrong with them.
std::optional<Refusal> compile_plan(const RunRequest& request, TrackingPlan& plan);

}  // namespace parallax::serve
