// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/sdk_plan.h"
#include "sim/scenario/shape.h"

namespace parallax {

/// A key of the SDK model as it stands in a scenario and in a profile: one table gives both their
/// shape, reads them and shows them, so that none can know more than another.
/// To add one: its member in sdk_plan.h and its line in sdk_keys.cpp.
struct SdkKey {
  std::string_view name;
  std::string about;  ///< One sentence with unit and range; the default is appended.
  std::vector<std::string_view> words;
  const Shape* (*shape)(const SdkKey&, ShapeBook&) = nullptr;
  /// Puts what stands at the node into the plan, and leaves it as it is where nothing does.
  void (*read)(const SdkKey&, const Node&, SdkPlan&) = nullptr;
  std::string (*show)(const SdkKey&, const SdkPlan&) = nullptr;
};

/// Keys of one subject, in the order of the documentation.
struct SdkSection {
  std::string_view title;
  std::vector<SdkKey> keys;
};
std::span<const SdkSection> sdk_sections();

/// All of them as keys of an object.
std::vector<Key> sdk_object_keys(ShapeBook& book);
/// Reads all keys of the object that has them; what is absent or of a wrong shape is left.
void read_sdk_keys(const Node& object, SdkPlan& plan);

}  // namespace parallax
