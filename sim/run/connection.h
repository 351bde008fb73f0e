// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "sim/core/result.h"
#include "sim/core/tracking_plan.h"
#include "sim/drive/target.h"
#include "sim/pipeline/pipeline.h"
#include "sim/read/reader.h"
#include "sim/scenario/target.h"
#include "sim/wire/format.h"

namespace parallax {

/// The embedded pipeline on its folder `data`, with `plan` as its contract and the target's bugs.
/// Errors: a bug that there is not, a folder that cannot be used.
Result<std::unique_ptr<Pipeline>> start_pipeline(const TrackingPlan& plan, const TargetPlan& target,
                                                 const std::filesystem::path& data);

/// Whether traffic stays on this machine or goes to `allowed` hosts only. Errors (invalid_input):
/// another host, or a DSN that cannot be read.
Result<void> check_hosts(const TargetPlan& target, const std::vector<std::string>& allowed);

/// How one run reaches its target: what to send to and what to read from, by `send.kind` and
/// `read.kind`, and the embedded pipeline where there is one. `plan` and `target` must outlive it.
class Connection {
 public:
  /// `data`: folder of the embedded pipeline.
  Connection(const TrackingPlan& plan, const TargetPlan& target, std::filesystem::path data)
      : plan_(&plan), target_(&target), data_(std::move(data)) {}

  /// Before traffic: the reference pipeline's tables and models on PostgreSQL, where the target
  /// asks for them. A database that cannot be reached is no Error here: the run will say so.
  Result<void> install() const;
  /// Starts the embedded pipeline (again): what is read afterwards comes from its disk alone.
  Result<void> start();
  void stop();
  /// Crashes the embedded pipeline and starts another on its disk. Not while a request is on its
  /// way.
  Result<void> crash();
  bool embedded() const { return target_->send.kind == "embedded"; }

  Result<std::unique_ptr<Target>> make_target(const WireFormat& format) const;
  Result<std::unique_ptr<RowReader>> make_reader() const;
  HttpTargetOptions http_options(const WireFormat& format) const;
  /// One line for people, without secrets.
  std::string describe() const;

 private:
  Result<std::unique_ptr<RowReader>> make_postgres_rows() const;

  const TrackingPlan* plan_;
  const TargetPlan* target_;
  std::filesystem::path data_;
  std::unique_ptr<Pipeline> pipeline_;
};

}  // namespace parallax
