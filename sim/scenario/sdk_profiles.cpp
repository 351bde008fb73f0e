// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/sdk_profiles.h"

#include <algorithm>
#include <cassert>

#include "sim/scenario/sdk_keys.h"

namespace parallax {
namespace {

constexpr std::array file_names{
    std::string_view("browser"),
    std::string_view("node"),
    std::string_view("posthog-js@1.449"),
    std::string_view("posthog-js@1.400"),
    std::string_view("posthog-js@1.200"),
    std::string_view("posthog-node@5.70"),
    std::string_view("posthog-node-v1@5.70"),
    std::string_view("segment-js@1.84"),
    std::string_view("segment-node@3.1"),
    std::string_view("rudder-js@3.34"),
    std::string_view("rudder-node@3.0"),
    std::string_view("snowplow-js@4.10"),
    std::string_view("snowplow-node@4.8"),
    std::string_view("amplitude-js@2.48"),
    std::string_view("amplitude-node@1.5"),
    std::string_view("mixpanel-js@2.83"),
    std::string_view("mixpanel-node@0.24"),
};

const Shape* profile_shape(ShapeBook& book) {
  const Shape* numbers = book.object(sdk_object_keys(book));
  std::vector<Key> evidence;
  for (const std::string_view name : evidence_names)
    evidence.push_back({name, numbers, "Numbers that are known in this way."});
  return book.object(
      {{"side", book.words({"client", "server"}), "Where it runs.", true},
       {"about", book.text(), "One sentence.", true},
       {"source", book.text(), "Where the numbers come from.", true},
       {"leaves_out", book.text(), "What the SDK does and the model does not."},
       {"like", book.text(), "Another profile: its numbers hold where none stands here."},
       {"numbers", book.object(std::move(evidence)), "Keys of the model, by evidence.", true}});
}

/// Made once: every start of the program reads all profiles.
const Shape& the_profile_shape() {
  static ShapeBook book;
  static const Shape* const shape = profile_shape(book);
  return *shape;
}

void start_like(const Node& like, std::span<const SdkProfile> known, Problems& problems,
                SdkProfile& out) {
  if (!like) return;
  const auto same = std::find_if(known.begin(), known.end(), [&](const SdkProfile& other) {
    return other.name == like.word();
  });
  if (same != known.end()) {
    out.plan = same->plan;
    out.evidence = same->evidence;
    return;
  }
  std::vector<std::string_view> names;
  for (const SdkProfile& other : known) names.push_back(other.name);
  problems.unknown(like, like.word(), "a profile before this one", names);
}

void read_numbers(const Node& numbers, Problems& problems, SdkProfile& out) {
  std::map<std::string_view, SdkEvidence> own;
  for (std::size_t i = 0; i < evidence_names.size(); ++i) {
    const Node part = numbers[evidence_names[i]];
    read_sdk_keys(part, out.plan);
    for (const SdkSection& section : sdk_sections())
      for (const SdkKey& key : section.keys) {
        if (!part[key.name]) continue;
        if (!own.emplace(key.name, static_cast<SdkEvidence>(i)).second)
          problems.error(part[key.name], "each key once, under one kind of evidence");
        out.evidence[key.name] = static_cast<SdkEvidence>(i);
      }
  }
}

std::vector<SdkProfile> read_all() {
  std::vector<SdkProfile> all;
  for (const std::string_view name : file_names) {
    const std::string file = std::string(name) + ".json";
    Result<SdkProfile> profile =
        read_sdk_profile(std::string(name), embedded_sdk_profile(file), all);
    assert(profile);  // tests/scenario/sdk_profiles.tests.cpp says what is wrong with it.
    all.push_back(std::move(*profile));
  }
  return all;
}

}  // namespace

Result<SdkProfile> read_sdk_profile(const std::string& name, std::string_view text,
                                    std::span<const SdkProfile> known) {
  const std::vector<std::string> files{name + ".json"};
  Problems problems(files);
  SdkProfile out;
  const auto json = parse_json(text, files.front(), 0, problems.list());
  if (json) {
    const Node root(&*json);
    check_shape(root, the_profile_shape(), problems);
    out.name = name;
    out.side = root["side"].word() == "server" ? Source::server : Source::client;
    read_text(root["about"], out.about);
    read_text(root["source"], out.source);
    read_text(root["leaves_out"], out.leaves_out);
    start_like(root["like"], known, problems, out);
    read_numbers(root["numbers"], problems, out);
    out.plan.profile = name;
  }
  if (problems.list().empty()) return out;
  std::string what;
  for (const Problem& problem : problems.list()) what += problem.text() + "\n";
  return Error{Error::Kind::invalid_input, what, files.front()};
}

std::span<const SdkProfile> sdk_profiles() {
  static const std::vector<SdkProfile> all = read_all();
  return all;
}

const SdkProfile* find_sdk_profile(std::string_view name) {
  for (const SdkProfile& profile : sdk_profiles()) {
    const bool patch = name.starts_with(profile.name) && name.find('@') != std::string_view::npos &&
                       name.substr(profile.name.size(), 1) == ".";
    if (name == profile.name || patch) return &profile;
  }
  return nullptr;
}

std::span<const std::string_view> sdk_profile_file_names() { return file_names; }

std::vector<std::string_view> sdk_profile_names() {
  std::vector<std::string_view> names;
  for (const SdkProfile& profile : sdk_profiles()) names.push_back(profile.name);
  return names;
}

}  // namespace parallax
