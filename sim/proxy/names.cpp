// SPDX-License-Identifier: Apache-2.0
#include "sim/proxy/names.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <optional>
#include <utility>

#include "sim/core/canonical_row.h"
#include "sim/core/prng.h"
#include "sim/proxy/append_file.h"
#include "sim/wire/json_text.h"
#include "sim/wire/json_tree.h"

namespace parallax::proxy {
namespace {

/// A list longer than this is not written out ahead: no condition names the end of it.
constexpr std::uint32_t listed_max = 100'000;

/// Inverse of x ^= x >> shift.
constexpr std::uint64_t unshift(std::uint64_t x, unsigned shift) {
  std::uint64_t out = x;
  for (unsigned done = shift; done < 64; done += shift) out = x ^ (out >> shift);
  return out;
}
/// Inverse of an odd factor modulo 2^64, by Newton's iteration.
constexpr std::uint64_t inverse(std::uint64_t factor) {
  std::uint64_t out = factor;
  for (int i = 0; i < 6; ++i) out *= 2 - factor * out;
  return out;
}
/// Inverse of mix64 (sim/core/prng.h), which is a bijection.
constexpr std::uint64_t unmix64(std::uint64_t x) {
  x = unshift(x, 31) * inverse(0x94d049bb133111ebU);
  x = unshift(x, 27) * inverse(0xbf58476d1ce4e5b9U);
  return unshift(x, 30);
}
static_assert(unmix64(mix64(0x0123'4567'89ab'cdefU)) == 0x0123'4567'89ab'cdefU);

std::uint64_t key_or_none(std::string_view text, std::uint64_t (*key_of)(std::string_view)) {
  return text.empty() ? 0 : key_of(text);
}

Error damaged(const std::filesystem::path& file) {
  return {Error::Kind::invalid_input, "is damaged, or of another scenario", file.string()};
}

std::optional<std::size_t> take_number(std::string_view& text) {
  std::size_t number = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  if (text.starts_with(' ')) text.remove_prefix(1);
  return number;
}

/// The text field of a line "field 3 1 ...", whose numbers are taken off.
TextForm* form_of(std::string_view& line, TrackingPlan& plan) {
  const auto type = take_number(line), field = take_number(line);
  if (!type || !field || *type >= plan.actions.size()) return nullptr;
  std::vector<FieldPlan>& fields = plan.actions[*type].fields;
  if (*field >= fields.size() || fields[*field].type != FieldType::string) return nullptr;
  return &fields[*field].form;
}

}  // namespace

std::uint64_t device_number(std::string_view text) {
  return unmix64(key_or_none(text, device_key_of)) ^ mix64(0x64);
}
std::uint64_t session_number(std::string_view text) {
  return unmix64(key_or_none(text, session_key_of)) ^ mix64(0x73);
}

void open_plan(Scenario& scenario) {
  TrackingPlan& plan = scenario.plan;
  for (std::size_t type = 0; type < plan.actions.size(); ++type)
    for (std::size_t i = 0; i < plan.actions[type].fields.size(); ++i) {
      FieldPlan& field = plan.actions[type].fields[i];
      if (field.type != FieldType::string || field.form.kind == TextForm::Kind::list) continue;
      TextForm list;
      const std::uint32_t items = scenario.actions[type].fields[i].items;
      if (field.form.kind == TextForm::Kind::numbered && items <= listed_max)
        for (std::int64_t code = 0; code <= items; ++code)
          list.texts.push_back(field.form.text(code));
      field.form = std::move(list);
    }
  for (TraitPlan& trait : plan.traits) trait.values.emplace_back(other_value);
  plan.pages.emplace_back(other_value);
}

Names::Names(int file, const TrackingPlan& plan) : file_(file) {
  for (const ActionPlan& action : plan.actions) {
    std::vector<Numbers>& fields = fields_.emplace_back(action.fields.size());
    for (std::size_t i = 0; i < action.fields.size(); ++i) {
      std::int64_t code = 0;
      for (const std::string& text : action.fields[i].form.texts)
        fields[i].try_emplace(text, code++);
    }
  }
}
Names::Names(Names&& other) noexcept { *this = std::move(other); }
Names& Names::operator=(Names&& other) noexcept {
  std::swap(file_, other.file_);
  pending_ = std::move(other.pending_);
  bytes_ = other.bytes_;
  users_ = std::move(other.users_);
  fields_ = std::move(other.fields_);
  has_run_ = other.has_run_;
  failed_ = other.failed_;
  return *this;
}
Names::~Names() {
  if (file_ >= 0) ::close(file_);
}

Result<Names> Names::create(const std::filesystem::path& file, const TrackingPlan& plan) {
  const Result<int> made = create_private(file);
  if (!made) return made.error();
  return Names(*made, plan);
}

void Names::note(std::string_view place, std::string_view text) {
  pending_.append(place).append(json::quoted(text)).append("\n");
  bytes_ += text.size();
}

std::uint32_t Names::user(std::string_view text) {
  std::uint32_t number = 0;
  const char* const end = text.data() + text.size();
  if (text.starts_with("u-")) {
    const auto [stop, error] = std::from_chars(text.data() + 2, end, number);
    const bool ours = error == std::errc{} && stop == end && number < first_foreign_user &&
                      user_key_of(text) == user_key(number);
    if (ours) return number;
  }
  const auto [place, fresh] =
      users_.try_emplace(std::string(text), static_cast<std::int64_t>(users_.size()));
  if (fresh) note("user ", text);
  return first_foreign_user + static_cast<std::uint32_t>(place->second);
}

std::int64_t Names::field_text(std::size_t type, std::size_t field, std::string_view text) {
  Numbers& numbers = fields_[type][field];
  const auto [place, fresh] =
      numbers.try_emplace(std::string(text), static_cast<std::int64_t>(numbers.size()));
  if (fresh) note("field " + std::to_string(type) + ' ' + std::to_string(field) + ' ', text);
  return place->second;
}

void Names::note_run(std::string_view run_id) {
  if (!has_run_) note("run ", run_id);
  has_run_ = true;
}

Result<void> Names::flush() {
  if (!failed_ && !pending_.empty()) failed_ = !append_all(file_, pending_);
  pending_.clear();
  if (failed_) return Error{Error::Kind::io, "the file of names cannot be written", {}};
  return {};
}

Result<KnownNames> load_names(const std::filesystem::path& file, Scenario& scenario) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Error{Error::Kind::io, "cannot be read", file.string()};
  KnownNames known;
  JsonTree tree;
  std::string line;
  while (std::getline(in, line)) {
    if (in.eof()) break;  // A torn line: nothing that leans on it was written.
    std::string_view rest = line;
    TextForm* form = nullptr;
    const bool user = rest.starts_with("user "), run = rest.starts_with("run ");
    rest.remove_prefix(std::min(rest.size(), rest.find(' ') + 1));
    if (!user && !run) form = form_of(rest, scenario.plan);
    std::string list = '[' + std::string(rest) + ']';
    if ((!user && !run && form == nullptr) || !tree.parse(list)) return damaged(file);
    const std::string_view text = tree.root().first().text();
    if (run) {
      known.run_id = text;
    } else if (user) {
      const auto number = first_foreign_user + static_cast<std::uint32_t>(known.users.size());
      known.users.try_emplace(hash_text(text), number);
    } else {
      form->texts.emplace_back(text);
    }
  }
  return known;
}

}  // namespace parallax::proxy
