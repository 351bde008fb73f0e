// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/run/picture.h"
#include "sim/run/picture_layout.h"
#include "sim/run/report_text.h"

namespace parallax {
namespace {

using Point = JourneyLayout::Point;
using report_text::with_thousands;
constexpr double margin = 32;
constexpr double width_min = 1120;

constexpr std::string_view style = R"(<style>
  text { font-family: system-ui, "Segoe UI", "DejaVu Sans", sans-serif; font-size: 12px; fill: #1e293b; }
  .title { font-size: 22px; font-weight: 700; } .about { font-size: 14px; fill: #475569; }
  .head { font-size: 15px; font-weight: 700; } .aside { font-size: 12px; fill: #64748b; font-weight: 400; }
  .state { font-size: 13px; font-weight: 700; } .does { fill: #334155; } .small { font-size: 10.5px; fill: #64748b; }
  .mark { font-size: 9.5px; font-weight: 700; fill: #fff; }
  .share { font-size: 11px; font-weight: 600; paint-order: stroke; stroke: #fff; stroke-width: 4px; }
  .leave { font-size: 10.5px; fill: #64748b; }
  .box { fill: #fff; stroke: #94a3b8; } .start { stroke: #1e293b; stroke-width: 2; } .process { fill: #f0fdfa; }
  .way { fill: none; stroke: #475569; } .back { stroke: #94a3b8; } .out { fill: none; stroke: #94a3b8; }
  .client { fill: #2563eb; } .server { fill: #0f766e; } .fault { fill: #b91c1c; } .rule { stroke: #e2e8f0; }
</style>
<defs><marker id="tip" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0.5L8 4L0 7.5z" fill="#475569"/></marker></defs>
)";

std::string escaped(std::string_view text) {
  return report_text::xml(report_text::one_line(text), report_text::Place::element);
}

class Svg {
 public:
  std::string draw(const ScenarioPicture& picture) {
    for (const JourneyPicture& journey : picture.journeys) {
      layouts_.push_back(lay_out(journey));
      width_ = std::max(width_, layouts_.back().width + 2 * margin);
    }
    heading(picture);
    for (std::size_t i = 0; i < layouts_.size(); ++i) journey(picture.journeys[i], layouts_[i]);
    actions(picture);
    faults(picture);
    assertions(picture);
    const double height = y_ + margin / 2;
    return fmt::format(
               "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg "
               "xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
               "viewBox=\"0 0 {0:.0f} {1:.0f}\" role=\"img\">\n<title>{2}</title>\n",
               width_, height, escaped(picture.name)) +
           std::string(style) +
           fmt::format("<rect width=\"{:.0f}\" height=\"{:.0f}\" fill=\"#fff\"/>\n", width_,
                       height) +
           out_ + "</svg>\n";
  }

 private:
  void text(double x, double y, std::string_view kind, std::string_view content,
            std::string_view anchor = "start") {
    if (content.empty()) return;
    out_ +=
        fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"{}\" text-anchor=\"{}\">{}</text>\n",
                    x, y, kind, anchor, escaped(content));
  }
  void rect(double x, double y, double width, double height, double round, std::string_view kind) {
    out_ += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"{}\" "
        "class=\"{}\"/>\n",
        x, y, width, height, round, kind);
  }
  void path(const std::string& d, std::string_view kind, double stroke) {
    out_ += fmt::format(
        "<path d=\"{}\" class=\"{}\" stroke-width=\"{:.1f}\" marker-end=\"url(#tip)\"/>\n", d, kind,
        stroke);
  }
  /// A coloured pill with white text that ends at `right`; returns where it begins.
  double pill(double right, double y, std::string_view kind, std::string_view content) {
    const double width = 8 + 5.7 * static_cast<double>(content.size());
    rect(right - width, y, width, 14, 7, kind);
    text(right - width / 2, y + 10.3, "mark", content, "middle");
    return right - width;
  }
  /// The width of so much text in the tables' font; measured, a little too wide.
  static double wide(std::string_view content) {
    return 6.6 * static_cast<double>(report_text::columns(report_text::one_line(content)));
  }
  std::size_t fitting(double pixels) const { return static_cast<std::size_t>(pixels / 6.6); }

  void heading(const ScenarioPicture& picture) {
    y_ = margin + 14;
    text(margin, y_, "title", picture.name);
    for (const std::string& line :
         report_text::wrapped(report_text::one_line(picture.about), fitting(width_ - 2 * margin)))
      text(margin, y_ += 22, "about", line);
    text(margin, y_ += 20, "aside",
         fmt::format("{}: about {} sessions", picture.setting,
                     with_thousands(rounded(picture.sessions))));
    legend();
  }

  void legend() {
    double x = width_ - margin;
    const double y = margin;
    x = pill(x, y, "fault", "1 4") - 6;
    text(x, y + 10.5, "small", "faults that may strike here", "end");
    x = pill(x - 150, y, "server", "server") - 6;
    text(x, y + 10.5, "small", "and", "end");
    x = pill(x - 26, y, "client", "client") - 6;
    text(x, y + 10.5, "small", "emitted by", "end");
  }

  void section(const std::string& head, const std::string& aside) {
    y_ += 26;
    out_ += fmt::format("<line x1=\"{0}\" x2=\"{1}\" y1=\"{2}\" y2=\"{2}\" class=\"rule\"/>\n",
                        margin, width_ - margin, y_);
    y_ += 24;
    out_ += fmt::format(
        "<text x=\"{}\" y=\"{}\" class=\"head\">{} <tspan class=\"aside\" "
        "dx=\"6\">{}</tspan></text>\n",
        margin, y_, escaped(head), escaped(aside));
  }

  void journey(const JourneyPicture& journey, const JourneyLayout& layout) {
    if (journey.follows.empty()) {
      section(journey.name, fmt::format("{} of the sessions, {} actions each",
                                        share_text(journey.share), mean_text(journey.actions)));
    } else {
      section(journey.name,
              fmt::format("the server's, after each {}: {} a session, {} actions each",
                          journey.follows, mean_text(journey.share), mean_text(journey.actions)));
    }
    y_ += 10;
    const Point origin{margin, y_};
    // Boxes cover the ends of ways, labels cover everything.
    for (const JourneyLayout::Way& way : layout.ways)
      this->way(way, layout, origin, journey.states[way.from].visits);
    for (std::size_t i = 0; i < journey.states.size(); ++i)
      state(journey, i, {origin.x + layout.boxes[i].x, origin.y + layout.boxes[i].y});
    for (const JourneyLayout::Way& way : layout.ways) share(way, layout, origin);
    y_ += layout.height;
  }

  void way(const JourneyLayout::Way& way, const JourneyLayout& layout, Point origin,
           double visits) {
    const double stroke = 1 + 2.2 * std::min(1.0, way.share * visits);
    if (way.from == way.to) {
      const double x = origin.x + layout.boxes[way.from].x + JourneyLayout::box_width - 64;
      const double y = origin.y + layout.boxes[way.from].y;
      return path(fmt::format("M{:.1f} {:.1f}c0 -26 34 -26 34 -1", x, y), "way back", stroke);
    }
    std::string d;
    const auto at = [&](std::size_t i) {
      return fmt::format("{:.1f} {:.1f}", origin.x + way.points[i].x, origin.y + way.points[i].y);
    };
    d = "M" + at(0);
    for (std::size_t i = 1; i < way.points.size(); ++i)
      d += way.back ? corner(way, i, origin) : curve(way, i, origin);
    path(d, way.back ? "way back" : "way", stroke);
  }

  /// A straight piece to point `i` whose end is rounded where the way turns.
  static std::string corner(const JourneyLayout::Way& way, std::size_t i, Point origin) {
    const Point to = way.points[i];
    const auto text = [&](Point p) {
      return fmt::format("{:.1f} {:.1f}", origin.x + p.x, origin.y + p.y);
    };
    if (i + 1 == way.points.size()) return "L" + text(to);
    const auto towards = [&](Point other) {
      const double length = std::hypot(other.x - to.x, other.y - to.y);
      const double part = length == 0 ? 0 : std::min(8.0, length / 2) / length;
      return Point{to.x + (other.x - to.x) * part, to.y + (other.y - to.y) * part};
    };
    return "L" + text(towards(way.points[i - 1])) + "Q" + text(to) + " " +
           text(towards(way.points[i + 1]));
  }
  static std::string curve(const JourneyLayout::Way& way, std::size_t i, Point origin) {
    const Point from = way.points[i - 1], to = way.points[i];
    const double middle = origin.x + (from.x + to.x) / 2;
    return fmt::format("C{0:.1f} {1:.1f} {0:.1f} {2:.1f} {3:.1f} {2:.1f}", middle,
                       origin.y + from.y, origin.y + to.y, origin.x + to.x);
  }

  void share(const JourneyLayout::Way& way, const JourneyLayout& layout, Point origin) {
    const std::string label = share_text(way.share);
    if (way.from == way.to) {
      const Point box = layout.boxes[way.from];
      return text(origin.x + box.x + JourneyLayout::box_width - 26, origin.y + box.y - 10, "share",
                  label);
    }
    if (way.back) {
      const Point a = way.points[2], b = way.points[3];
      return text(origin.x + (a.x + b.x) / 2, origin.y + a.y + 4, "share", label, "middle");
    }
    const Point a = way.points[0], b = way.points[1];
    text(origin.x + (a.x + b.x) / 2, origin.y + (a.y + b.y) / 2 + 4, "share", label, "middle");
  }

  void state(const JourneyPicture& journey, std::size_t index, Point at) {
    const StatePicture& state = journey.states[index];
    const double right = at.x + JourneyLayout::box_width;
    const double bottom = at.y + JourneyLayout::box_height;
    rect(at.x, at.y, JourneyLayout::box_width, JourneyLayout::box_height, 8,
         std::string("box") + (index == journey.start ? " start" : "") +
             (journey.follows.empty() ? "" : " process"));
    double edge = right - 6;
    if (state.server) edge = pill(edge, at.y + 6, "server", "server") - 3;
    if (state.client) edge = pill(edge, at.y + 6, "client", "client") - 3;
    text(at.x + 10, at.y + 18, "state",
         report_text::cut_to(report_text::one_line(state.name),
                             static_cast<std::size_t>((edge - at.x - 10) / 7.4)));
    text(at.x + 10, at.y + 36, "does",
         report_text::cut_to(report_text::one_line(state.does.empty() ? "(waits)" : state.does),
                             24));
    text(at.x + 10, at.y + 51, "small",
         (state.pause.empty() ? "" : "stays " + state.pause + ", ") + mean_text(state.visits) +
             (journey.follows.empty() ? " a session" : " each"));
    if (!state.faults.empty()) {
      const std::string numbers = numbers_text(state.faults);
      pill(at.x + 16 + 5.7 * static_cast<double>(numbers.size()), bottom - 7, "fault", numbers);
    }
    if (state.leaves == 0) return;
    path(fmt::format("M{:.1f} {:.1f}v15", right - 56, bottom), "out", 1);
    text(right - 49, bottom + 15, "leave", "leave " + share_text(state.leaves));
  }

  /// A row of a table: cells at fixed places, the last one wrapped.
  void row(const std::vector<double>& at, const std::vector<std::string>& cells,
           std::string_view kind) {
    y_ += 19;
    for (std::size_t i = 0; i + 1 < cells.size(); ++i) text(at[i], y_, kind, cells[i]);
    bool first = true;
    for (const std::string& line : report_text::wrapped(report_text::one_line(cells.back()),
                                                        fitting(width_ - margin - at.back()))) {
      if (!first) y_ += 16;
      first = false;
      text(at.back(), y_, kind, line);
    }
  }
  template <class Items, class Name>
  static double widest(const Items& items, Name name) {
    double most = 60;
    for (const auto& item : items) most = std::max(most, wide(name(item)));
    return most;
  }

  void actions(const ScenarioPicture& picture) {
    section("Who emits what", "! is required; counts are means");
    const double first =
        margin + 24 + widest(picture.actions, [](const auto& a) { return a.name; });
    const std::vector<double> at{margin, first, first + 110, first + 190, first + 280};
    row(at, {"action", "emitted by", "a session", "in the run", "who owns which field"}, "small");
    for (const ActionPicture& action : picture.actions) {
      std::string owns = action.note;
      if (!action.client_owns.empty())
        owns += (owns.empty() ? "client: " : "; client: ") + action.client_owns;
      if (!action.server_owns.empty())
        owns += (owns.empty() ? "server: " : "; server: ") + action.server_owns;
      const double y = y_ + 8;
      row(at,
          {action.name, "", mean_text(action.in_run / picture.sessions),
           with_thousands(rounded(action.in_run)), owns},
          "does");
      if (action.client) pill(first + 42, y, "client", "client");
      if (action.server) pill(first + 88, y, "server", "server");
    }
  }

  void faults(const ScenarioPicture& picture) {
    if (picture.faults.empty()) return;
    section("Faults", "each with its number in the diagrams");
    const double name = margin + 30;
    const double kind = name + 20 + widest(picture.faults, [](const auto& f) { return f.name; });
    const double hits = kind + 20 + widest(picture.faults, [](const auto& f) { return f.kind; });
    for (std::size_t i = 0; i < picture.faults.size(); ++i) {
      const FaultPicture& fault = picture.faults[i];
      const double y = y_ + 8;
      row({name, kind, hits},
          {fault.name, fault.kind,
           fault.hits + " - strikes at " + fault.points + "; " + fault.strikes},
          "does");
      pill(margin + 22, y, "fault", std::to_string(i + 1));
    }
  }

  void assertions(const ScenarioPicture& picture) {
    if (picture.assertions.empty()) return;
    section("Assertions", "");
    const double says =
        margin + 24 + widest(picture.assertions, [](const auto& a) { return a.name; });
    for (const AssertionPicture& assertion : picture.assertions)
      row({margin, says}, {assertion.name, assertion.says}, "does");
  }

  std::vector<JourneyLayout> layouts_;
  std::string out_;
  double width_ = width_min;
  double y_ = 0;  ///< Where the last thing ended.
};

}  // namespace

std::string picture_svg(const ScenarioPicture& picture) { return Svg().draw(picture); }

}  // namespace parallax
