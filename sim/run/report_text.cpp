// SPDX-License-Identifier: Apache-2.0
#include "sim/run/report_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace parallax::report_text {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

struct Decoded {
  char32_t point = 0;
  std::size_t size = 0;  ///< Bytes taken; 0: ill-formed.
};

/// The code point at the front of `text`, by the table of well-formed sequences of the Unicode
/// standard (3.9): neither overlong forms nor surrogates. Precondition: not empty.
Decoded decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return {};
  char32_t point = lead & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return {};
    point = point << 6 | (byte(i) & 0x3fU);
  }
  const bool overlong = (size == 3 && point < 0x800) || (size == 4 && point < 0x10000);
  const bool surrogate = point >= 0xd800 && point <= 0xdfff;
  if (overlong || surrogate || point > 0x10ffff) return {};
  return {point, size};
}

bool is_legal(char32_t point) {
  if (point < 0x20) return point == '\t' || point == '\n';
  const bool control = point >= 0x7f && point <= 0x9f;
  return !control && point != 0xfffe && point != 0xffff;
}

constexpr bool starts_character(char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80; }

/// Bytes of the first `width` characters.
std::size_t bytes_of(std::string_view text, std::size_t width) {
  std::size_t at = 0;
  for (std::size_t seen = 0; at < text.size(); ++at)
    if (starts_character(text[at]) && seen++ == width) break;
  return at;
}

}  // namespace

std::string with_thousands(std::uint64_t n) {
  std::string digits = std::to_string(n);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

std::string per_cent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "";
  const double value = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  if (part == 0) return "0%";
  if (value < 0.01) return "<0.01%";
  if (part < whole && value > 99.99) return ">99.99%";
  const bool near_an_end = value < 1 || (value > 99 && part < whole);
  std::string text = fmt::format("{:.{}f}", value, near_an_end ? 2 : 1);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text + "%";
}

std::string wall_time(Micros span) {
  if (span == 0) return "0 ms";
  if (span < 10 * millisecond) return fmt::format("{:.1f} ms", static_cast<double>(span) / 1e3);
  if (span < second) return fmt::format("{} ms", span / millisecond);
  if (span < minute) return fmt::format("{:.1f} s", static_cast<double>(span) / 1e6);
  if (span < hour) return fmt::format("{}m{:02}s", span / minute, span % minute / second);
  return fmt::format("{}h{:02}m", span / hour, span % hour / minute);
}

std::string action_text(ActionId id) { return fmt::format("a-{}", id.value); }

std::vector<std::string> faults_of_all(const RunReport& report, const CauseCount& cause) {
  std::vector<std::string> names;
  for (const auto& [index, actions] : cause.faults)
    if (index < report.faults.size() && actions == cause.actions)
      names.push_back(report.faults[index].name);
  return names;
}

std::string faults_text(const RunReport& report, const CauseCount& cause) {
  const std::vector<std::string> all = faults_of_all(report, cause);
  std::string text;
  if (all.size() > 1)
    text = one_line(
        fmt::format("{} together ({})", fmt::join(all, " and "), with_thousands(cause.actions)));
  for (const auto& [index, actions] : cause.faults) {
    if (index >= report.faults.size() || (all.size() > 1 && actions == cause.actions)) continue;
    if (!text.empty()) text += ", ";
    text += fmt::format("{} ({})", one_line(report.faults[index].name), with_thousands(actions));
  }
  return text;
}

std::string mark_text(const CauseCount& cause) {
  if (cause.mark.where.empty()) return {};
  return fmt::format("{}: {} of {} such actions", one_line(cause.mark.where),
                     with_thousands(cause.mark.hit), with_thousands(cause.mark.all));
}

std::string revenue_text(const CauseCount& cause) {
  std::string text;
  for (const auto& [amount, currency] : cause.revenue)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", amount, currency);
  return text;
}

std::vector<CauseCount> failing_causes(const RunReport& report) {
  std::vector<CauseCount> causes;
  for (const AssertionReport& assertion : report.assertions) {
    if (assertion.verdict != Verdict::fail) continue;
    for (const CauseCount& cause : assertion.causes) {
      if (severity(cause.verdict) != Verdict::fail) continue;
      const auto known = std::find_if(causes.begin(), causes.end(), [&](const CauseCount& c) {
        return c.verdict == cause.verdict && c.cause == cause.cause;
      });
      if (known == causes.end()) {
        causes.push_back(cause);
      } else if (known->actions < cause.actions) {
        *known = cause;
      }
    }
  }
  std::stable_sort(causes.begin(), causes.end(),
                   [](const CauseCount& a, const CauseCount& b) { return a.actions > b.actions; });
  return causes;
}

std::string legal(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Decoded next = decode(text);
    const bool kept = next.size > 0 && is_legal(next.point);
    const std::size_t taken = std::max<std::size_t>(next.size, 1);
    out += kept ? text.substr(0, taken) : replacement;
    text.remove_prefix(taken);
  }
  return out;
}

std::string one_line(std::string_view text) {
  std::string out = legal(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return out;
}

std::string xml(std::string_view text, Place place) {
  std::string out;
  for (const char c : legal(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;  // Also keeps "]]>" from being written.
      case '"':
        out += "&quot;";
        break;
      case '\n':
        out += place == Place::attribute ? "&#10;" : "\n";
        break;
      case '\t':
        out += place == Place::attribute ? "&#9;" : "\t";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

std::string cut_to(std::string_view text, std::size_t width) {
  if (columns(text) <= width) return std::string(text);
  constexpr std::string_view dots = "...";
  if (width <= dots.size()) return std::string(text.substr(0, bytes_of(text, width)));
  return std::string(text.substr(0, bytes_of(text, width - dots.size()))) + std::string(dots);
}

std::string_view trimmed(std::string_view text, std::string_view blanks) {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string markdown_cell(std::string_view text, std::size_t width) {
  std::string out;
  for (const char c : cut_to(one_line(text), width)) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      if (std::string_view("\\`*_[]|~#!@").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

std::vector<std::string> split(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  for (std::size_t at; (at = text.find(separator)) != std::string_view::npos;
       text.remove_prefix(at + separator.size()))
    parts.emplace_back(text.substr(0, at));
  parts.emplace_back(text);
  return parts;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  width = std::max<std::size_t>(width, 1);
  if (const std::size_t feed = text.find('\n'); feed != std::string_view::npos) {
    lines = wrapped(text.substr(0, feed), width);
    for (std::string& line : wrapped(text.substr(feed + 1), width))
      lines.push_back(std::move(line));
    return lines;
  }
  while (columns(text) > width) {
    const std::size_t fits = bytes_of(text, width);
    std::size_t end = text.substr(0, fits + 1).rfind(' ');
    if (end == std::string_view::npos || end == 0) end = fits;
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  }
  if (!text.empty() || lines.empty()) lines.emplace_back(text);
  return lines;
}

}  // namespace parallax::report_text
