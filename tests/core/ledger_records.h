// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <unistd.h>

#include "sim/core/ledger.h"
#include "sim/core/prng.h"

/// Records with every field filled, and a place for their files.
namespace parallax::test {

/// A fresh folder, removed with all its files at the end of the scope.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "parallax-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  std::filesystem::path operator/(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline Action some_action(std::uint64_t id) {
  Prng draw = Prng(99).keyed(id);
  Action action;
  action.id = {id};
  action.at = {static_cast<Micros>(draw.next() >> 8)};
  action.device = draw.next();
  action.session = draw.next();
  action.user = static_cast<std::uint32_t>(draw.next());
  action.sequence = static_cast<std::uint32_t>(draw.below(50));
  action.type = static_cast<std::uint16_t>(draw.below(9));
  action.page = static_cast<std::uint16_t>(draw.below(9));
  action.currency = static_cast<std::uint8_t>(draw.below(3));
  action.consent = draw.below(2) == 0 ? Consent::granted : Consent::denied;
  action.sampled = draw.below(2) == 0;
  action.refused = draw.below(2) == 0;
  for (std::uint16_t& trait : action.traits) trait = static_cast<std::uint16_t>(draw.below(3));
  for (std::int64_t& value : action.values) value = draw.between(-2, 2);
  return action;
}

inline EmissionRecord some_emission(const Action& seen, Source source) {
  Prng draw = Prng(98).keyed(seen.id.value).keyed(static_cast<std::uint64_t>(source));
  EmissionRecord record;
  record.emission.seen = seen;
  record.emission.seen.values[3] += draw.between(0, 1);
  record.emission.event_id = Uuid::from_bits(draw.next(), draw.next());
  record.emission.captured = seen.at + 5;
  record.emission.client_ts = seen.at + 7;
  record.emission.clock_error = draw.between(-9, 9);
  record.emission.struck = draw.next();
  record.emission.skipped = draw.next();
  record.emission.source = source;
  record.emission.copy = static_cast<std::uint8_t>(draw.below(3));
  record.emission.id_form = IdForm::upper_case;
  record.emission.withheld = Withheld::sampling;
  record.emission.user_form = UserForm::minted;
  record.emission.other_name = draw.chance(Ratio{Ratio::one / 2});
  record.emission.other_project = record.emission.odd_fields = true;
  record.emission.retry_count = static_cast<std::uint16_t>(draw.below(4));
  record.emission.forms[2] = FieldForm::as_text;
  record.fate = Fate::destroyed;
  return record;
}

inline AttemptRecord some_attempt(std::uint64_t id) {
  return {{id}, {1}, {2}, {-3}, 4, 5, Source::server, Strike::answered, 6, 7, 503};
}
inline DeliveryRecord some_delivery(std::uint64_t attempt, std::uint64_t action) {
  return {{attempt}, {{action}, Source::server, 255}};
}
inline ReceiptRecord some_receipt(std::uint64_t attempt) {
  return {{attempt}, {-12}, Receipt::rejected, 65'535, true};
}
inline AbandonRecord some_abandon(std::uint64_t action) {
  return {{{action}, Source::server, 200}, {77}, AbandonRecord::Why::unsent, 5};
}

// Values compare by their fields; two of the records need it spelled out.
inline bool same(const Action& a, const Action& b) {
  return a.id == b.id && a.at == b.at && a.device == b.device && a.session == b.session &&
         a.user == b.user && a.sequence == b.sequence && a.type == b.type && a.page == b.page &&
         a.currency == b.currency && a.consent == b.consent && a.sampled == b.sampled &&
         a.refused == b.refused && a.traits == b.traits && a.values == b.values;
}
inline bool same(const EmissionRecord& one, const EmissionRecord& two) {
  const Emission& a = one.emission;
  const Emission& b = two.emission;
  return same(a.seen, b.seen) && a.event_id == b.event_id && a.captured == b.captured &&
         a.client_ts == b.client_ts && a.server_ts == b.server_ts &&
         a.clock_error == b.clock_error && a.struck == b.struck && a.skipped == b.skipped &&
         a.key() == b.key() && a.id_form == b.id_form && a.withheld == b.withheld &&
         a.user_form == b.user_form && a.other_name == b.other_name &&
         a.other_project == b.other_project && a.odd_fields == b.odd_fields &&
         a.schema_version == b.schema_version && a.retry_count == b.retry_count &&
         a.forms == b.forms && one.fate == two.fate;
}

}  // namespace parallax::test
