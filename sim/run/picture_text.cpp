// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "sim/run/picture.h"
#include "sim/run/report_text.h"
#include "sim/run/text_table.h"

namespace parallax {
namespace {

using report_text::one_line;
using report_text::with_thousands;
using enum TextTable::Align;

constexpr std::size_t width = 100;
constexpr std::size_t does_width = 22;  // Room for the tree beside it.

std::string sides_text(bool client, bool server) {
  return client && server ? "both" : client ? "client" : server ? "server" : "";
}

/// A journey's states as a tree: each stands where the way from the start first comes to it; later
/// ways point to it, back (to one above on the same way) or across.
class JourneyTree {
 public:
  explicit JourneyTree(const JourneyPicture& journey)
      : journey_(journey),
        drawn_(journey.states.size()),
        above_(journey.states.size()),
        table_({left, left, left, right, right, right, left}, width) {
    table_.add({"state", "does", "emitted by", "stays", "leaves", "visits", "faults"});
    draw(journey.start, "● ", "  ");
  }
  std::string text() const { return table_.text(); }

 private:
  void draw(std::size_t at, const std::string& label, const std::string& below) {
    const StatePicture& state = journey_.states[at];
    drawn_[at] = above_[at] = true;
    table_.add({label + one_line(state.name), report_text::cut_to(one_line(state.does), does_width),
                sides_text(state.client, state.server), state.pause,
                state.leaves > 0 ? share_text(state.leaves) : "", mean_text(state.visits),
                numbers_text(state.faults)});
    for (const StatePicture::Edge& edge : state.next) {
      const bool last = &edge == &state.next.back();
      const std::string branch = below + (last ? "└─ " : "├─ ") + share_text(edge.share) + " ";
      if (!drawn_[edge.to]) {
        draw(edge.to, branch, below + (last ? "   " : "│  "));
      } else {
        const std::string arrow = above_[edge.to] ? "↺ " : "→ ";
        table_.add(
            {branch + arrow + one_line(journey_.states[edge.to].name), "", "", "", "", "", ""});
      }
    }
    above_[at] = false;
  }

  const JourneyPicture& journey_;
  std::vector<bool> drawn_;
  std::vector<bool> above_;  ///< On the way from the start to what is being drawn.
  TextTable table_;
};

void add_wrapped(std::string& out, const std::string& text) {
  for (const std::string& line : report_text::wrapped(one_line(text), width - 2))
    out += "  " + line + "\n";
}

void add_journey(std::string& out, const JourneyPicture& journey) {
  const std::string name = one_line(journey.name);
  if (journey.follows.empty()) {
    out += fmt::format("\nJourney {}: {} of the sessions, {} actions each\n", name,
                       share_text(journey.share), mean_text(journey.actions));
  } else {
    out += fmt::format(
        "\nProcess {}: the server's, after each {} ({} a session), {} actions each\n", name,
        one_line(journey.follows), mean_text(journey.share), mean_text(journey.actions));
  }
  out += JourneyTree(journey).text();
}

void add_actions(std::string& out, const ScenarioPicture& picture) {
  TextTable table({left, left, right, right, left}, width);
  table.add({"action", "emitted by", "a session", "in the run", "who owns which field"});
  for (const ActionPicture& action : picture.actions) {
    std::string owns = action.note;
    const auto add = [&owns](std::string_view side, const std::string& fields) {
      if (fields.empty()) return;
      owns += (owns.empty() ? "" : "; ") + std::string(side) + ": " + fields;
    };
    add("client", action.client_owns);
    add("server", action.server_owns);
    table.add({one_line(action.name), sides_text(action.client, action.server),
               mean_text(action.in_run / picture.sessions), with_thousands(rounded(action.in_run)),
               one_line(owns)});
  }
  out += "\nActions (! is required; counts are means)\n" + table.text();
}

void add_faults(std::string& out, const ScenarioPicture& picture) {
  if (picture.faults.empty()) return;
  TextTable table({right, left, left, left}, width);
  table.add({"", "fault", "kind", "hits"});
  std::size_t number = 0;
  for (const FaultPicture& fault : picture.faults) {
    const std::string kind = fault.kind == fault.name ? "" : fault.kind;
    table.add({std::to_string(++number), one_line(fault.name), kind, one_line(fault.hits)});
    table.add({"", "", "", "strikes at " + fault.points + "; " + one_line(fault.strikes)});
  }
  out += "\nFaults\n" + table.text();
}

}  // namespace

std::string picture_text(const ScenarioPicture& picture) {
  std::string out = one_line(picture.name) + "\n";
  add_wrapped(out, picture.about);
  add_wrapped(out, picture.setting + fmt::format(": about {} sessions",
                                                 with_thousands(rounded(picture.sessions))));
  for (const JourneyPicture& journey : picture.journeys) add_journey(out, journey);
  add_actions(out, picture);
  add_faults(out, picture);
  if (picture.assertions.empty()) return out;
  TextTable table({left, left}, width);
  for (const AssertionPicture& assertion : picture.assertions)
    table.add({one_line(assertion.name), one_line(assertion.says)});
  return out + "\nAssertions\n" + table.text();
}

}  // namespace parallax
