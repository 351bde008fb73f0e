// SPDX-License-Identifier: Apache-2.0
// The answer in sentences: what moved and when, which side, which rows, how, what is left, what to
// report meanwhile.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "assertions/explain_sums.h"
#include "sim/core/math.h"

namespace parallax::explain {
namespace {

/// A side that moved less than so much of the other did not move.
constexpr double side_share_min = 0.15;
constexpr double errors_95 = 1.96;

std::string with_error(const Sums& sums) {
  return fmt::format("{} +- {}", ratio_text(sums.ratio()), ratio_text(errors_95 * sums.error()));
}

std::string instant(const Explanation& e, Micros at) {
  return to_rfc3339(e.start + at).replace(10, 1, " ").substr(0, 16);
}

std::string when(const Explanation& e) {
  if (!e.change)
    return fmt::format("between {} .. {} and {} .. {}", bucket_text(e, e.before_window.from),
                       bucket_text(e, e.before_window.until), bucket_text(e, e.after_window.from),
                       bucket_text(e, e.after_window.until));
  std::string out = "at " + bucket_text(e, *e.change);
  if (e.change_between.from < e.change_between.until)
    out += fmt::format(" (95 %: {} .. {})", bucket_text(e, e.change_between.from),
                       bucket_text(e, e.change_between.until));
  return out;
}

std::string deploy_sentence(const Explanation& e, const Deploy& deploy) {
  const Micros change = (e.change ? *e.change : e.after_window.from) * e.bucket;
  const Micros after = change - deploy.at;
  const bool inside = e.change && deploy.at >= (e.change_between.from - 1) * e.bucket &&
                      deploy.at <= e.change_between.until * e.bucket;
  std::string place = "just then";
  if (std::abs(after) >= e.bucket)
    place = inside ? "inside of that interval"
                   : format_duration(std::abs(after)) + (after > 0 ? " before" : " later");
  return fmt::format("Deploy beside it: \"{}\" at {}, {}.", deploy.label, instant(e, deploy.at),
                     place);
}

std::string moved_sentence(const Explanation& e) {
  return fmt::format("Client rows per server row of {} {} from {} to {} {}.", e.event,
                     e.move() > 0 ? "rose" : "fell", ratio_text(e.before.ratio()),
                     ratio_text(e.after.ratio()), when(e));
}

/// Rows per action that should have one; where unseen actions are unknown, rows per seen action.
std::string side_sentence(const Explanation& e) {
  const double c0 = e.before.client / e.before.actions, c1 = e.after.client / e.after.actions;
  const double s0 = e.before.server / e.before.actions, s1 = e.after.server / e.after.actions;
  if (std::min({c0, c1, s0, s1}) <= 0) return "";
  const double client = math::log(c1 / c0), server = -math::log(s1 / s0);
  const auto rows = [](const char* side, double before, double after) {
    return fmt::format("{} rows an action went from {:.3f} to {:.3f}", side, before, after);
  };
  if (std::abs(client) < side_share_min * std::abs(server))
    return fmt::format("The server's side moved: {}; the client's stayed at {:.3f}.",
                       rows("server", s0, s1), c1);
  if (std::abs(server) < side_share_min * std::abs(client))
    return fmt::format("The client's side moved: {}; the server's stayed at {:.3f}.",
                       rows("client", c0, c1), s1);
  return fmt::format("Both sides moved: {}, {}.", rows("client", c0, c1), rows("server", s0, s1));
}

std::string mechanism_sentence(const Step& step) {
  return fmt::format(
      "Most of it: {}. True of {} of the actions before and of {} after; it moves "
      "the ratio by {}.",
      step.text, share_text(step.before), share_text(step.after), step_text(step.by));
}

std::string suspect_sentence(const Explanation& e) {
  if (e.best.predicates.empty())
    return "No kind of action stands out: it is true across the board.";
  std::string out = fmt::format(
      "Where: {} ({} of the actions). Among them the ratio went from {} to {}; that is {} of the "
      "move of {}, and {} is left for everything else.",
      e.best.text, share_text(e.best.share), ratio_text(e.best.before), ratio_text(e.best.after),
      step_text(std::llround(e.best.excess * 1e4)), step_text(std::llround(e.move() * 1e4)),
      step_text(std::llround(e.remainder * 1e4)));
  if (e.best.same_rows.empty()) return out;
  out += " These select the same rows, and no data can tell them apart: ";
  for (std::size_t i = 0; i < e.best.same_rows.size(); ++i)
    out += (i == 0 ? "" : "; ") + e.best.same_rows[i];
  return out + ".";
}

std::string mix_sentence(const Explanation& e) {
  for (const Parts& parts : e.parts)
    if (parts.attribute == e.mix_attribute)
      return fmt::format(
          "Nothing broke: other kinds of actions became frequent. By {}, {} of the move of {} is "
          "the "
          "mix; within its kinds the ratio moved by {} +- {}, which is chance.",
          parts.attribute, step_text(std::llround(parts.mix * 1e4)),
          step_text(std::llround(e.move() * 1e4)), step_text(std::llround(parts.rate * 1e4)),
          ratio_text(errors_95 * parts.rate_error));
  return "";
}

std::string not_mix_sentence(const Explanation& e) {
  const Parts* most = nullptr;
  // A cause that takes server rows away changes the mix of its own attribute too.
  const auto is_of_best = [&](const Parts& parts) {
    return (" " + e.best.text).find(" " + parts.attribute + " ") != std::string::npos;
  };
  for (const Parts& parts : e.parts)
    if (!is_of_best(parts) && (most == nullptr || std::abs(parts.mix) > std::abs(most->mix)))
      most = &parts;
  if (most == nullptr) return "";
  return fmt::format("It is not the mix: the largest part of any attribute's mix is {} (by {}).",
                     step_text(std::llround(most->mix * 1e4)), most->attribute);
}

std::string safe_sentence(const Explanation& e) {
  const SafeMetric& safe = e.safe.front();
  if (e.start == no_time || safe.before <= 0) return "";
  std::string out = fmt::format("Report meanwhile: {}", safe.name);
  if (safe.before <= 1.5)
    return out + fmt::format(" ({} of what happened before, {} after).", share_text(safe.before),
                             share_text(safe.after));
  return out +
         fmt::format(" ({:.1f} a bucket of time before, {:.1f} after).", safe.before, safe.after);
}

std::string quiet_sentence(const Explanation& e) {
  if (e.change_score > 0 && !e.change) {
    const double client = e.before.client + e.after.client;
    return fmt::format(
        "Nothing moved: client rows per server row of {} are {} over the whole time. "
        "Its strongest change has a score of {:.1f}; chance alone reaches 20 once in "
        "ten thousand.",
        e.event, ratio_text(client / (e.before.server + e.after.server)), e.change_score);
  }
  const double error = std::hypot(e.before.error(), e.after.error());
  return fmt::format(
      "Nothing moved beyond chance: client rows per server row of {} are {} before and "
      "{} after; chance alone makes a difference of {}.",
      e.event, with_error(e.before), with_error(e.after), ratio_text(errors_95 * error));
}

}  // namespace

std::string ratio_text(double ratio) {
  return std::isinf(ratio) ? "no server row" : fmt::format("{:.4f}", ratio);
}

std::string step_text(std::int64_t ten_thousandths) {
  return fmt::format("{}{}.{:04}", ten_thousandths < 0 ? '-' : '+',
                     std::abs(ten_thousandths) / 10'000, std::abs(ten_thousandths) % 10'000);
}

std::string share_text(double share) {
  return fmt::format("{:.{}f} %", 100 * share, share >= 0.1 ? 1 : 2);
}

std::string bucket_text(const Explanation& e, std::int32_t bucket) {
  return instant(e, bucket * e.bucket);
}

std::vector<std::string> sentences(const Explanation& e) {
  std::vector<std::string> out;
  const auto say = [&out](std::string text) {
    if (!text.empty()) out.push_back(std::move(text));
  };
  switch (e.finding) {
    case Finding::too_few:
      if (e.after.server == 0 && e.after.client >= e.needed) {
        say(fmt::format(
            "The server reports no {} any more: {:.0f} client rows and no server row in "
            "the later part.",
            e.event, e.after.client));
        return out;
      }
      say(
          fmt::format("Too few rows to say anything: {:.0f} of the client and {:.0f} of the server "
                      "in the later part; {:.0f} of each are needed in each part.",
                      e.after.client, e.after.server, e.needed));
      return out;
    case Finding::quiet:
      say(quiet_sentence(e));
      break;
    case Finding::mix:
      say(moved_sentence(e));
      say(mix_sentence(e));
      break;
    case Finding::cause:
      say(moved_sentence(e));
      if (const Step* step = e.mechanism()) say(mechanism_sentence(*step));
      say(suspect_sentence(e));
      if (e.deploy) say(deploy_sentence(e, *e.deploy));
      say(side_sentence(e));
      say(not_mix_sentence(e));
      break;
  }
  for (const std::string& note : e.notes) say(note);
  if (e.finding != Finding::quiet) say(safe_sentence(e));
  return out;
}

}  // namespace parallax::explain
