// SPDX-License-Identifier: Apache-2.0
#include "sim/run/ledger_parquet.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "sim/run/findings.h"
#include "sim/run/ledger_columns.h"
#include "sim/run/parquet.h"

namespace parallax {
namespace {

std::string_view name_of(Fate fate) {
  switch (fate) {
    case Fate::queued:
      return "queued";
    case Fate::destroyed:
      return "destroyed";
    case Fate::withheld:
      break;
  }
  return "withheld";
}

std::string capitals(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

/// The event id's text as it was sent; precondition: there was one.
std::string sent_id(const Emission& emission) {
  switch (emission.id_form) {
    case IdForm::empty:
      return {};
    case IdForm::placeholder:
      return Uuid{}.text();
    case IdForm::upper_case:
      return capitals(emission.event_id.text());
    case IdForm::normal:
    case IdForm::absent:
    case IdForm::foreign:
      break;
  }
  return emission.event_id.text();
}

bool is_planned(const Scenario& scenario, const Emission& emission, std::size_t field) {
  return scenario.plan.actions[emission.seen.type].fields[field].on(emission.source);
}

/// "revenue=as_text, tax=null": the fields that went out in another form, or unplanned.
std::string odd_forms(const Scenario& scenario, const Emission& emission) {
  const auto& fields = scenario.plan.actions[emission.seen.type].fields;
  std::string out;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const bool planned = is_planned(scenario, emission, i);
    if (!planned && !emission.odd_fields) continue;
    if (emission.forms[i] == (planned ? FieldForm::present : FieldForm::absent)) continue;
    out +=
        (out.empty() ? "" : ", ") + fields[i].name + "=" + std::string(name_of(emission.forms[i]));
  }
  return out;
}

/// "event_name=order_completed, user_id=digits, project=other": what else departs from the plan.
std::string departures(const Scenario& scenario, const Emission& emission) {
  std::string out;
  const auto add = [&](std::string_view what, std::string_view how) {
    out.append(out.empty() ? "" : ", ").append(what).append("=").append(how);
  };
  if (emission.other_name) add("event_name", sent_name(scenario.plan, emission));
  if (emission.user_form != UserForm::normal) add("user_id", name_of(emission.user_form));
  if (emission.other_project) add("project", "other");
  return out;
}

void add_key(LedgerColumns& out, const std::function<EmissionKey(std::size_t)>& key) {
  out.text("action_id", [key](std::size_t row) { return action_id_text(key(row).action); });
  out.text("source", [key](std::size_t row) { return std::string(name_of(key(row).source)); });
  out.integer("copy", [key](std::size_t row) { return key(row).copy; });
}

LedgerColumns action_columns(const Scenario& scenario, const std::vector<Action>& actions) {
  LedgerColumns out(scenario);
  const auto at = [&actions](std::size_t row) -> const Action& { return actions[row]; };
  out.text("action_id", [at](std::size_t row) { return action_id_text(at(row).id); });
  out.time("happened_at", [at](std::size_t row) { return at(row).at; });
  out.boolean("sampled", [at](std::size_t row) { return at(row).sampled; });
  out.boolean("refused", [at](std::size_t row) { return at(row).refused; });
  out.action(at);
  out.fields(at, [](std::size_t, std::size_t) { return true; });
  return out;
}

void add_sending(LedgerColumns& out, const Scenario& scenario,
                 const std::vector<EmissionRecord>& records) {
  const auto at = [&records](std::size_t row) -> const Emission& { return records[row].emission; };
  out.text("fate", [&records](std::size_t row) { return std::string(name_of(records[row].fate)); });
  out.text("withheld", [at](std::size_t row) { return std::string(name_of(at(row).withheld)); });
  out.time("captured_at", [at](std::size_t row) { return at(row).captured; });
  out.time("client_ts", [at](std::size_t row) { return at(row).client_ts; });
  out.time("server_ts", [at](std::size_t row) { return at(row).server_ts; });
  out.integer("clock_error_us", [at](std::size_t row) { return at(row).clock_error; });
  out.faults("faults", [at](std::size_t row) { return at(row).struck; });
  out.points(
      "points", StrikePlace::Meets::emission, [at](std::size_t row) { return at(row).struck; },
      [](std::size_t) { return Strike::none; });
  out.faults("faults_skipped", [at](std::size_t row) { return at(row).skipped; });
  out.text("field_forms",
           [at, &scenario](std::size_t row) { return odd_forms(scenario, at(row)); });
  out.text("departures", [at, &scenario](std::size_t row) {
    return at(row).is_plain() ? std::string() : departures(scenario, at(row));
  });
  out.integer("schema_version", [at](std::size_t row) { return at(row).schema_version; });
}

LedgerColumns emission_columns(const Scenario& scenario,
                               const std::vector<EmissionRecord>& records) {
  LedgerColumns out(scenario);
  const auto at = [&records](std::size_t row) -> const Emission& { return records[row].emission; };
  add_key(out, [at](std::size_t row) { return at(row).key(); });
  out.optional_text("event_id", [at](std::size_t row) -> std::optional<std::string> {
    if (at(row).id_form == IdForm::absent) return std::nullopt;
    return sent_id(at(row));
  });
  add_sending(out, scenario, records);
  const auto seen = [at](std::size_t row) -> const Action& { return at(row).seen; };
  out.action(seen);
  out.fields(seen, [at, &scenario](std::size_t row, std::size_t field) {
    const FieldForm form = at(row).forms[field];
    return form != FieldForm::absent && form != FieldForm::null &&
           (at(row).odd_fields || is_planned(scenario, at(row), field));
  });
  return out;
}

/// Receipts by attempt: the two lists are in different orders.
class ReceiptIndex {
 public:
  void index(const std::vector<ReceiptRecord>& receipts) {
    sorted_ = receipts;
    std::stable_sort(sorted_.begin(), sorted_.end(),
                     [](const auto& a, const auto& b) { return a.attempt < b.attempt; });
  }
  /// An attempt without one was in flight when the run stopped: unknown, at no time.
  ReceiptRecord of(AttemptId attempt) const {
    const auto found =
        std::lower_bound(sorted_.begin(), sorted_.end(), attempt,
                         [](const auto& receipt, AttemptId id) { return receipt.attempt < id; });
    if (found != sorted_.end() && found->attempt == attempt) return *found;
    ReceiptRecord none;
    none.attempt = attempt;
    none.at = no_time;
    return none;
  }

 private:
  std::vector<ReceiptRecord> sorted_;
};

LedgerColumns attempt_columns(const Scenario& scenario, const std::vector<AttemptRecord>& attempts,
                              const ReceiptIndex& receipts) {
  LedgerColumns out(scenario);
  const auto at = [&attempts](std::size_t row) -> const AttemptRecord& { return attempts[row]; };
  const auto receipt = [&receipts, at](std::size_t row) { return receipts.of(at(row).id); };
  out.text("attempt_id", [at](std::size_t row) { return attempt_id_text(at(row).id); });
  out.text("source", [at](std::size_t row) { return std::string(name_of(at(row).source)); });
  out.integer("number", [at](std::size_t row) { return at(row).number; });
  out.integer("size", [at](std::size_t row) { return at(row).size; });
  out.time("attempted_at", [at](std::size_t row) { return at(row).at; });
  out.time("arrives_at", [at](std::size_t row) { return at(row).arrives; });
  out.time("sent_at", [at](std::size_t row) { return at(row).sent_at; });
  out.text("strike", [at](std::size_t row) { return std::string(name_of(at(row).strike)); });
  out.integer("answer", [at](std::size_t row) { return at(row).answer; });
  out.faults("faults", [at](std::size_t row) { return at(row).struck; });
  out.points(
      "points", StrikePlace::Meets::attempt, [at](std::size_t row) { return at(row).struck; },
      [at](std::size_t row) { return at(row).strike; });
  out.faults("faults_skipped", [at](std::size_t row) { return at(row).skipped; });
  out.text("receipt",
           [receipt](std::size_t row) { return std::string(name_of(receipt(row).receipt)); });
  out.time("receipt_at", [receipt](std::size_t row) { return receipt(row).at; });
  out.integer("status", [receipt](std::size_t row) { return receipt(row).status; });
  out.boolean("by_fault", [receipt](std::size_t row) { return receipt(row).by_fault; });
  return out;
}

LedgerColumns delivery_columns(const Scenario& scenario,
                               const std::vector<DeliveryRecord>& deliveries) {
  LedgerColumns out(scenario);
  out.text("attempt_id",
           [&deliveries](std::size_t row) { return attempt_id_text(deliveries[row].attempt); });
  add_key(out, [&deliveries](std::size_t row) { return deliveries[row].emission; });
  return out;
}

LedgerColumns abandon_columns(const Scenario& scenario,
                              const std::vector<AbandonRecord>& abandons) {
  LedgerColumns out(scenario);
  add_key(out, [&abandons](std::size_t row) { return abandons[row].emission; });
  out.time("abandoned_at", [&abandons](std::size_t row) { return abandons[row].at; });
  out.text("why", [&abandons](std::size_t row) { return std::string(name_of(abandons[row].why)); });
  out.faults("faults", [&abandons](std::size_t row) { return abandons[row].struck; });
  // What is abandoned by a fault was in a queue, whoever took it from there.
  out.text("points", [&abandons](std::size_t row) {
    return std::string(abandons[row].struck != 0 ? name_of(StrikePoint::queue) : "");
  });
  return out;
}

std::string finding_names(std::uint16_t findings) {
  std::string out;
  for (std::size_t i = 0; i < action_verdict_count; ++i)
    if ((findings >> i & 1U) != 0)
      out += (out.empty() ? "" : ", ") + std::string(name_of(static_cast<ActionVerdict>(i)));
  return out;
}

template <class Enum>
std::vector<std::string> names_up_to(Enum last) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(last); ++i)
    out.emplace_back(name_of(static_cast<Enum>(i)));
  return out;
}

/// Which sets of findings there are: few, though there could be thousands.
std::vector<std::uint16_t> kinds_of_findings(const std::vector<const Judgement*>& parts) {
  std::vector<bool> there(std::size_t{1} << action_verdict_count);
  for (const Judgement* part : parts)
    for (const JudgedAction& judged : part->actions) there[judged.findings] = true;
  std::vector<std::uint16_t> out;
  for (std::size_t i = 0; i < there.size(); ++i)
    if (there[i]) out.push_back(static_cast<std::uint16_t>(i));
  return out;
}

void add_findings(LedgerColumns& out, const std::vector<std::uint16_t>& kinds,
                  std::function<std::uint16_t(std::size_t)> findings) {
  std::vector<std::string> texts{{}};
  std::vector<std::size_t> place(std::size_t{1} << action_verdict_count);
  for (const std::uint16_t kind : kinds) {
    place[kind] = texts.size();
    texts.push_back(finding_names(kind));
  }
  out.name("findings", texts,
           [place = std::move(place), findings = std::move(findings)](std::size_t row) {
             return place[findings(row)];
           });
}

LedgerColumns verdict_columns(const Scenario& scenario, const std::vector<std::uint16_t>& kinds,
                              const Judgement* const& judgement) {
  LedgerColumns out(scenario);
  const auto at = [&](std::size_t row) -> const JudgedAction& { return judgement->actions[row]; };
  const auto index = [](auto value) { return static_cast<std::size_t>(value); };
  out.text("action_id", [at](std::size_t row) { return action_id_text(at(row).id); });
  out.name("event_name", names_of(scenario.plan.actions),
           [at](std::size_t row) { return at(row).type; });
  out.text("user_id", [at](std::size_t row) { return user_id_text(at(row).user); });
  out.time("happened_at", [at](std::size_t row) { return at(row).at; });
  out.name("verdict", names_up_to(ActionVerdict::unevaluated),
           [at, index](std::size_t row) { return index(at(row).verdict); });
  out.name("cause", names_up_to(Cause::outcome_unknown),
           [at, index](std::size_t row) { return index(at(row).cause); });
  out.name("expectation", names_up_to(Expectation::unreachable),
           [at, index](std::size_t row) { return index(at(row).expectation); });
  add_findings(out, kinds, [at](std::size_t row) { return at(row).findings; });
  out.integer("rows", [at](std::size_t row) { return at(row).rows; });
  out.faults("faults", [at](std::size_t row) { return at(row).struck; });
  return out;
}

std::filesystem::path file_of(LedgerTable table, const std::filesystem::path& folder) {
  constexpr std::array<const char*, ledger_tables.size()> names{"emissions", "actions", "attempts",
                                                                "deliveries", "abandons"};
  return folder / (std::string(names[static_cast<std::size_t>(table)]) + ".parquet");
}

/// Loads part after part into one ledger that columns look at.
class PartByPart {
 public:
  explicit PartByPart(const LedgerParts& parts) : parts_(parts) {}

  const Ledger& ledger() const { return ledger_; }
  const ReceiptIndex& receipts() const { return receipts_; }

  /// Batches of one kind of records: those of the next part that has any.
  template <class Record>
  NextBatch batches(std::vector<Record> Ledger::*list) {
    return [this, list, part = std::size_t{0}]() mutable -> Result<std::size_t> {
      std::size_t found = 0;
      while (found == 0 && part < parts_.count) {
        if (const Result<void> loaded = parts_.load(part++, ledger_); !loaded)
          return loaded.error();
        found = (ledger_.*list).size();
        if constexpr (std::is_same_v<Record, AttemptRecord>) receipts_.index(ledger_.receipts);
      }
      return found;
    };
  }

 private:
  const LedgerParts& parts_;
  Ledger ledger_;
  ReceiptIndex receipts_;
};

}  // namespace

Result<void> export_table(const Scenario& scenario, const LedgerParts& parts, LedgerTable table,
                          const std::filesystem::path& folder) {
  auto writer = ParquetWriter::open();
  if (!writer) return writer.error();
  PartByPart source(parts);
  const Ledger& ledger = source.ledger();
  const auto write = [&](const LedgerColumns& columns, const NextBatch& next) {
    return writer->write(file_of(table, folder), columns.all(), next);
  };
  switch (table) {
    case LedgerTable::emissions:
      return write(emission_columns(scenario, ledger.emissions),
                   source.batches(&Ledger::emissions));
    case LedgerTable::actions:
      return write(action_columns(scenario, ledger.actions), source.batches(&Ledger::actions));
    case LedgerTable::attempts:
      return write(attempt_columns(scenario, ledger.attempts, source.receipts()),
                   source.batches(&Ledger::attempts));
    case LedgerTable::deliveries:
      return write(delivery_columns(scenario, ledger.deliveries),
                   source.batches(&Ledger::deliveries));
    case LedgerTable::abandons:
      break;
  }
  return write(abandon_columns(scenario, ledger.abandons), source.batches(&Ledger::abandons));
}

std::vector<LedgerTable> missing_tables(const std::filesystem::path& folder,
                                        std::span<const std::filesystem::path> journals) {
  using Time = std::filesystem::file_time_type;
  std::error_code failed;
  Time journals_end = Time::min();
  for (const std::filesystem::path& journal : journals)
    journals_end = std::max(journals_end, std::filesystem::last_write_time(journal, failed));
  std::vector<LedgerTable> out;
  for (const LedgerTable table : ledger_tables) {
    const Time written = std::filesystem::last_write_time(file_of(table, folder), failed);
    if (failed || written < journals_end) out.push_back(table);
  }
  return out;
}

void remove_verdicts(const std::filesystem::path& folder) {
  std::error_code none;
  for (const char* file : {verdicts_file, findings_file})
    std::filesystem::remove(folder / file, none);
}

Result<void> export_verdicts(const Scenario& scenario, const std::vector<const Judgement*>& parts,
                             const std::filesystem::path& folder) {
  auto writer = ParquetWriter::open();
  if (!writer) return writer.error();
  const Judgement* at_hand = nullptr;
  const NextBatch next = [&, part = std::size_t{0}]() mutable -> Result<std::size_t> {
    while (part < parts.size()) {
      at_hand = parts[part++];
      if (!at_hand->actions.empty()) return at_hand->actions.size();
    }
    return std::size_t{0};
  };
  const LedgerColumns columns = verdict_columns(scenario, kinds_of_findings(parts), at_hand);
  const Result<void> written = writer->write(folder / verdicts_file, columns.all(), next);
  if (!written) return written;
  return export_findings(scenario, folder);
}

}  // namespace parallax
