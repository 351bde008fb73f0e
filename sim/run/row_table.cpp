// SPDX-License-Identifier: Apache-2.0
#include "sim/run/row_table.h"

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "assertions/ledger_view.h"
#include "sim/run/ledger_columns.h"
#include "sim/run/parquet.h"

namespace parallax {
namespace {

constexpr std::string_view rows_file = "rows.parquet";

/// A row with its texts found again.
struct FoundRow {
  CanonicalRow row;
  Action seen;  ///< The row's values, as codes; `id` and `at` of its owner.
  bool owned = false;
  std::array<bool, max_fields> has{};
  std::string unread;  ///< "sku, user_id": columns whose text neither the action nor a side has.
};

std::string_view name_of(IdForm form) {
  switch (form) {
    case IdForm::normal:
      return "normal";
    case IdForm::absent:
      return "absent";
    case IdForm::empty:
      return "empty";
    case IdForm::placeholder:
      return "placeholder";
    case IdForm::upper_case:
      return "upper_case";
    case IdForm::foreign:
      break;
  }
  return "foreign";
}

/// Brings the rows lane by lane, then the rows that no action of their own lane owns.
class RowBatches {
 public:
  explicit RowBatches(const JudgedRun& run) : run_(run), plan_(run.scenario().plan) {}

  Result<std::size_t> next() {
    batch_.clear();
    while (batch_.empty() && lane_ < lane_count)
      if (const Result<void> done = take_lane(lane_++); !done) return done.error();
    if (batch_.empty() && !std::exchange(ended_, true)) take_rest();
    return batch_.size();
  }

  const FoundRow& operator[](std::size_t row) const { return batch_[row]; }

 private:
  Result<void> take_lane(LaneIndex lane) {
    if (Result<void> loaded = run_.rows().load(lane, rows_); !loaded) return loaded;
    if (Result<void> loaded = run_.ledger().load(lane, ledger_); !loaded) return loaded;
    const LedgerView view(run_.scenario(), ledger_);
    by_number_.clear();
    for (const CanonicalRow& row : rows_) by_number_.push_back({row.number, &row});
    std::sort(by_number_.begin(), by_number_.end(),
              [](const Place& a, const Place& b) { return a.number < b.number; });
    const Judgement& judgement = run_.trial().judgement(lane);
    for (const JudgedAction& judged : judgement.actions) {
      const Action& action = ledger_.actions[judged.index];
      for (std::uint32_t i = 0; i < judged.rows; ++i) {
        const std::uint64_t number = judgement.rows_by_action[judged.first_row + i];
        if (const CanonicalRow* const row = take_row(number))
          batch_.push_back(found_row(*row, &action, view.emissions_of(judged.index)));
        else
          elsewhere_.emplace(number, action);
      }
    }
    for (const Place& place : by_number_)
      if (place.row != nullptr) left_.push_back(*place.row);
    return {};
  }

  /// A row of the lane, once; null where it is not of this lane.
  const CanonicalRow* take_row(std::uint64_t number) {
    const auto at = std::lower_bound(by_number_.begin(), by_number_.end(), number,
                                     [](const Place& p, std::uint64_t n) { return p.number < n; });
    if (at == by_number_.end() || at->number != number) return nullptr;
    return std::exchange(at->row, nullptr);
  }

  /// Rows that stand in another lane than their owner, and those that nobody owns.
  void take_rest() {
    left_.insert(left_.end(), run_.rows().strays().begin(), run_.rows().strays().end());
    for (const CanonicalRow& row : left_) {
      const auto owner = elsewhere_.find(row.number);
      batch_.push_back(found_row(row, owner == elsewhere_.end() ? nullptr : &owner->second, {}));
    }
  }

  /// `emissions`: indices of the owner's in ledger_; none where the owner is of another lane.
  FoundRow found_row(const CanonicalRow& row, const Action* owner,
                     std::span<const std::uint32_t> emissions) {
    FoundRow out;
    out.row = row;
    out.owned = owner != nullptr;
    if (owner != nullptr) out.seen = *owner;
    out.seen.type = row.type == CanonicalRow::no_type ? 0 : row.type;
    out.seen.currency = row.currency;
    const auto note = [&out](std::string_view name) {
      out.unread.append(out.unread.empty() ? "" : ", ").append(name);
    };
    if (owner == nullptr || row.user != user_key(owner->user)) note("user_id");
    if (owner == nullptr || row.device != device_key(owner->device)) note("device_id");
    if (owner == nullptr || row.session != session_key(owner->session)) note("session_id");
    if (row.type == CanonicalRow::no_type) return out;
    const auto& fields = plan_.actions[row.type].fields;
    for (std::size_t i = 0; i < fields.size(); ++i) take_field(fields[i], i, owner, emissions, out);
    return out;
  }

  void take_field(const FieldPlan& field, std::size_t index, const Action* owner,
                  std::span<const std::uint32_t> emissions, FoundRow& out) const {
    const CanonicalRow& row = out.row;
    const FieldForm form = row.forms[index];
    if (is_missing(form)) return;
    const auto unread = [&] {
      out.unread.append(out.unread.empty() ? "" : ", ").append(field.name);
    };
    if (form == FieldForm::other || form == FieldForm::inexact) return unread();
    out.seen.values[index] = row.values[index];
    out.has[index] = true;
    if (field.type != FieldType::string) return;
    const Action* same = nullptr;
    if (owner != nullptr && owner->type == row.type)
      same = first_of(*owner, emissions, [&](const Action& seen) {
        return comparable(field, seen.values[index]) == row.values[index];
      });
    out.has[index] = same != nullptr;
    if (same == nullptr) return unread();
    out.seen.values[index] = same->values[index];
  }

  /// The first among an action and its emissions for which `test` holds.
  template <class Test>
  const Action* first_of(const Action& action, std::span<const std::uint32_t> emissions,
                         Test test) const {
    if (test(action)) return &action;
    for (const std::uint32_t i : emissions)
      if (test(ledger_.emissions[i].emission.seen)) return &ledger_.emissions[i].emission.seen;
    return nullptr;
  }

  struct Place {
    std::uint64_t number = 0;
    const CanonicalRow* row = nullptr;  ///< Null once its owner is found.
  };

  const JudgedRun& run_;
  const TrackingPlan& plan_;
  LaneIndex lane_ = 0;
  bool ended_ = false;
  Ledger ledger_;
  std::vector<CanonicalRow> rows_;
  std::vector<Place> by_number_;  ///< The lane's rows, ascending.
  std::vector<FoundRow> batch_;
  std::map<std::uint64_t, Action> elsewhere_;  ///< Owners by the number of a row of another lane.
  std::vector<CanonicalRow> left_;
};

/// The owner's id, where that is the row's; nothing where the row's is missing or another.
template <class Id>
std::optional<std::string> if_same(const FoundRow& found, std::uint64_t key, Id owners,
                                   std::uint64_t (*key_of)(Id), std::string (*text_of)(Id)) {
  if (!found.owned || key != key_of(owners)) return std::nullopt;
  return text_of(owners);
}

void add_owner(LedgerColumns& out, const RowBatches& rows) {
  out.integer("number",
              [&rows](std::size_t i) { return static_cast<std::int64_t>(rows[i].row.number); });
  out.optional_text("action_id", [&rows](std::size_t i) -> std::optional<std::string> {
    if (!rows[i].owned) return std::nullopt;
    return action_id_text(rows[i].seen.id);
  });
  out.time("happened_at",
           [&rows](std::size_t i) { return rows[i].owned ? rows[i].seen.at : no_time; });
}

void add_envelope(LedgerColumns& out, const Scenario& scenario, const RowBatches& rows) {
  std::vector<std::string> events = names_of(scenario.plan.actions);
  events.emplace_back("(not in the tracking plan)");
  out.name("event_name", events, [&rows, none = events.size() - 1](std::size_t i) {
    return std::min<std::size_t>(rows[i].row.type, none);
  });
  out.optional_text("event_id", [&rows](std::size_t i) -> std::optional<std::string> {
    if (!identifies(rows[i].row.id_form)) return std::nullopt;
    return rows[i].row.event_id.text();
  });
  out.text("id_form", [&rows](std::size_t i) { return std::string(name_of(rows[i].row.id_form)); });
  out.optional_text("user_id", [&rows](std::size_t i) {
    return if_same(rows[i], rows[i].row.user, rows[i].seen.user, user_key, user_id_text);
  });
  out.optional_text("device_id", [&rows](std::size_t i) {
    return if_same(rows[i], rows[i].row.device, rows[i].seen.device, device_key, device_id_text);
  });
  out.optional_text("session_id", [&rows](std::size_t i) {
    return if_same(rows[i], rows[i].row.session, rows[i].seen.session, session_key,
                   session_id_text);
  });
  out.optional_integer("sequence_id", [&rows](std::size_t i) { return rows[i].row.sequence; });
  std::vector<std::string> codes;
  for (const CurrencyPlan& currency : scenario.plan.currencies) codes.push_back(currency.code);
  codes.emplace_back();
  out.name("currency", codes, [&rows, none = codes.size() - 1](std::size_t i) {
    return std::min<std::size_t>(rows[i].row.currency, none);
  });
}

void add_merging(LedgerColumns& out, const RowBatches& rows) {
  out.time("client_ts", [&rows](std::size_t i) { return rows[i].row.client_ts; });
  out.time("server_ts", [&rows](std::size_t i) { return rows[i].row.server_ts; });
  out.time("event_ts", [&rows](std::size_t i) { return rows[i].row.event_ts; });
  out.time("ingestion_ts", [&rows](std::size_t i) { return rows[i].row.ingestion_ts; });
  out.optional_text("source", [&rows](std::size_t i) -> std::optional<std::string> {
    if (!rows[i].row.source) return std::nullopt;
    return std::string(name_of(*rows[i].row.source));
  });
  out.optional_integer("client_rows", [&rows](std::size_t i) { return rows[i].row.client_rows; });
  out.optional_integer("server_rows", [&rows](std::size_t i) { return rows[i].row.server_rows; });
  out.optional_text("is_server_authoritative",
                    [&rows](std::size_t i) -> std::optional<std::string> {
                      if (!rows[i].row.server_authoritative) return std::nullopt;
                      return *rows[i].row.server_authoritative ? "true" : "false";
                    });
  out.boolean("late", [&rows](std::size_t i) { return rows[i].row.late; });
  out.text("unread", [&rows](std::size_t i) { return rows[i].unread; });
}

}  // namespace

Result<void> export_rows(const JudgedRun& run, const std::filesystem::path& folder) {
  auto writer = ParquetWriter::open();
  if (!writer) return writer.error();
  RowBatches rows(run);
  LedgerColumns columns(run.scenario());
  add_owner(columns, rows);
  add_envelope(columns, run.scenario(), rows);
  add_merging(columns, rows);
  columns.fields([&rows](std::size_t i) -> const Action& { return rows[i].seen; },
                 [&rows](std::size_t i, std::size_t field) { return rows[i].has[field]; });
  return writer->write(folder / rows_file, columns.all(), [&rows] { return rows.next(); });
}

void remove_rows(const std::filesystem::path& folder) {
  std::error_code none;
  std::filesystem::remove(folder / rows_file, none);
}

}  // namespace parallax
