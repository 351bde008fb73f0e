// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "sim/run/serve/oracle.h"

namespace parallax::serve {

/// What the runs of a server have in common.
struct RunsOptions {
  TargetPlan target;
  std::filesystem::path out;             ///< A folder a run is kept in it.
  std::vector<std::string> allow_hosts;  ///< That a run's own target may name.
  Json actions;                          ///< Of runs that bring none; null: any action.
};

/// An answer of the API, without HTTP.
struct Reply {
  int status = 200;
  std::string type = "application/json";
  std::string body;
};
Reply reply_of(const Refusal& refusal);

/// The runs that tests declared, kept in folders: what the API does. Bodies are JSON texts. All of
/// it may be called from any thread; a run settles one request at a time, and takes declarations
/// meanwhile.
class Runs {
 public:
  /// Takes up the runs that lie in `out`. Errors: one cannot be read; `out` cannot be made, or
  /// another server has it.
  static Result<std::unique_ptr<Runs>> open(RunsOptions options);

  ~Runs();

  Reply list() const;
  Reply create(const std::string& body);
  Reply declare(const std::string& id, const std::string& body);
  Reply settle(const std::string& id, const std::string& body);
  /// `format`: json (default), junit or markdown.
  Reply verdict(const std::string& id, const std::string& format);
  Reply remove(const std::string& id);

 private:
  struct Run;
  explicit Runs(RunsOptions options) : options_(std::move(options)) {}
  std::shared_ptr<Run> find(const std::string& id) const;
  Reply unknown(const std::string& id) const;
  std::optional<Refusal> target_of(const RunRequest& request, TargetPlan& target) const;
  std::filesystem::path folder_of(const std::string& id) const { return options_.out / id; }
  std::string fresh_id(const std::string& name, SimTime now) const;

  Result<void> lock_folder();

  const RunsOptions options_;
  int lock_ = -1;             ///< Open as long as the folder is ours.
  mutable std::mutex mutex_;  ///< Of the map alone.
  std::map<std::string, std::shared_ptr<Run>> runs_;
};

}  // namespace parallax::serve
