// SPDX-License-Identifier: Apache-2.0
// CSV (RFC 4180): a header, then an event a row. An empty cell is a missing or null value, "" is an
// empty event id. Values are written as on the wire; a text is quoted where it must be.
#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "sim/core/money.h"
#include "sim/run/event_columns.h"
#include "sim/run/line_file.h"
#include "sim/wire/json_text.h"

namespace parallax {
namespace {

using json::copy;
using Kind = EventColumn::Kind;

constexpr std::size_t uuid_length = 36;
/// Room for a cell whose text has a fixed longest form: ids, times, numbers.
constexpr std::size_t plain_cell_longest = 48;

bool wants_quotes(std::string_view text) {
  return text.find_first_of(",\"\r\n") != std::string_view::npos;
}

/// `text` with its quotes doubled, without quotes around it.
std::string doubled(std::string_view text) {
  std::string out;
  for (const char c : text) out.append(c == '"' ? 2 : 1, c);
  return out;
}

std::string cell(std::string_view text) {
  return wants_quotes(text) ? '"' + doubled(text) + '"' : std::string(text);
}

/// The text form of a field whose texts are complete cells; a prefix that wants quotes opens one,
/// and `closes` says so.
struct CellForm {
  TextForm form;
  bool closes = false;
};

CellForm cell_form(const TextForm& plain) {
  CellForm made{plain, wants_quotes(plain.prefix)};
  if (made.closes) made.form.prefix = '"' + doubled(plain.prefix);
  for (std::string& text : made.form.texts) text = cell(text);
  return made;
}

std::vector<std::string> cells(const std::vector<std::string>& texts) {
  std::vector<std::string> out;
  std::transform(texts.begin(), texts.end(), std::back_inserter(out), cell);
  return out;
}

std::size_t longest_of(const std::vector<std::string>& texts) {
  std::size_t longest = 0;
  for (const std::string& text : texts) longest = std::max(longest, text.size());
  return longest;
}

class CsvLines {
 public:
  CsvLines(const TrackingPlan& plan, std::string_view run_id)
      : plan_(&plan),
        columns_(event_columns(plan)),
        run_id_(cell(run_id)),
        other_project_(cell(other_project(run_id))),
        pages_(cells(plan.pages)) {
    longest_ = columns_.size() * plain_cell_longest + other_project_.size() + longest_of(pages_);
    for (const TraitPlan& trait : plan.traits) traits_.push_back(cells(trait.values));
    for (const auto& values : traits_) longest_ += longest_of(values);
    std::vector<std::string> codes;
    for (const CurrencyPlan& currency : plan.currencies) codes.push_back(currency.code);
    currencies_ = cells(codes);
    longest_ += longest_of(currencies_);
    for (const ActionPlan& action : plan.actions) {
      names_.push_back(cell(action.name));
      other_names_.push_back(cell(action.other_name));
      auto& forms = forms_.emplace_back();
      for (const FieldPlan& field : action.fields) {
        forms.push_back(cell_form(field.form));
        longest_ += forms.back().form.longest() + 1;
      }
    }
    longest_ += longest_of(names_) + longest_of(other_names_);
  }

  std::string header() const {
    std::string out;
    for (const EventColumn& column : columns_) out += (out.empty() ? "" : ",") + cell(column.name);
    return out + '\n';
  }

  std::size_t room() const { return longest_; }
  char* write(const Emission& event, char* out) const {
    [[maybe_unused]] const char* const start = out;
    for (const EventColumn& column : columns_) {
      out = write_cell(column, event, out);
      *out++ = ',';
    }
    out[-1] = '\n';
    assert(out <= start + longest_);
    return out;
  }

 private:
  char* write_cell(const EventColumn& column, const Emission& event, char* out) const {
    const Action& seen = event.seen;
    switch (column.kind) {
      case Kind::event_name:
        return copy(event.other_name ? other_names_[seen.type] : names_[seen.type], out);
      case Kind::event_id:
        return write_event_id(event, out);
      case Kind::user_id:
        return write_sent_user_id(event, out);
      case Kind::device_id:
        return write_device_id(seen.device, out);
      case Kind::session_id:
        return write_session_id(seen.session, out);
      case Kind::sequence_id:
        return json::write_integer(seen.sequence, out);
      case Kind::client_ts:
        return write_time(event.client_ts, out);
      case Kind::server_ts:
        return write_time(event.server_ts, out);
      case Kind::source:
        return copy(name_of(event.source), out);
      case Kind::schema_version:
        return json::write_integer(event.schema_version, out);
      case Kind::consent_state:
        return copy(name_of(seen.consent), out);
      case Kind::retry_count:
        return json::write_integer(event.retry_count, out);
      case Kind::delivery_status:
        return copy(event.retry_count == 0 ? "queued" : "retrying", out);
      case Kind::run_id:
        return copy(event.other_project ? other_project_ : run_id_, out);
      case Kind::page:
        return copy(pages_[seen.page], out);
      case Kind::trait:
        return copy(traits_[column.trait][seen.traits[column.trait]], out);
      case Kind::currency:
        return states_currency(plan_->actions[seen.type]) ? copy(currencies_[seen.currency], out)
                                                          : out;
      case Kind::field:
        return write_field(column, event, out);
    }
    assert(false);
    return out;
  }

  static char* write_event_id(const Emission& event, char* out) {
    if (event.id_form == IdForm::absent) return out;
    if (event.id_form == IdForm::empty) return copy("\"\"", out);
    const Uuid id = event.id_form == IdForm::placeholder ? Uuid{} : event.event_id;
    id.write(out);
    if (event.id_form == IdForm::upper_case)
      std::transform(out, out + uuid_length, out,
                     [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
    return out + uuid_length;
  }

  static char* write_time(SimTime time, char* out) {
    if (time == no_time) return out;
    write_rfc3339(time, out);
    return out + rfc3339_length;
  }

  char* write_field(const EventColumn& column, const Emission& event, char* out) const {
    const std::uint8_t index = field_in(column, event);
    if (index == EventColumn::no_field) return out;
    const FieldPlan& plan = plan_->actions[event.seen.type].fields[index];
    const FieldForm form = event.forms[index];
    const std::int64_t value = event.seen.values[index];
    if (form == FieldForm::truncated || form == FieldForm::undefined)
      return copy(cell(sent_text(plan, form, value)), out);
    switch (plan.type) {
      case FieldType::string: {
        const CellForm& text = forms_[event.seen.type][index];
        out = text.form.write(value, out);
        if (text.closes) *out++ = '"';
        return out;
      }
      case FieldType::integer:
        return json::write_integer(value, out);
      case FieldType::number:
        return json::write_millionths(value, out);
      case FieldType::money:
        return write_money(value, places_of_money(*plan_, event, index), out);
      case FieldType::boolean:
        return copy(value != 0 ? "true" : "false", out);
    }
    assert(false);
    return out;
  }

  const TrackingPlan* plan_;
  std::vector<EventColumn> columns_;
  std::string run_id_, other_project_;
  std::vector<std::string> pages_, names_, other_names_, currencies_;
  std::vector<std::vector<std::string>> traits_;
  std::vector<std::vector<CellForm>> forms_;  ///< By action type and field.
  std::size_t longest_ = 0;                   ///< Most bytes of one row.
};

}  // namespace

Result<std::unique_ptr<EventFile>> make_csv_file(const EventFileOptions& options,
                                                 const TrackingPlan& plan) {
  CsvLines lines(plan, options.run_id);
  Result<ByteFile> file = ByteFile::open(options.file);
  if (!file) return file.error();
  if (const Result<void> written = file->write(lines.header()); !written) return written.error();
  return std::unique_ptr<EventFile>(
      std::make_unique<LineFile<CsvLines>>(std::move(lines), std::move(*file)));
}

}  // namespace parallax
