// SPDX-License-Identifier: Apache-2.0
#include "sim/run/picture_layout.h"

#include <algorithm>
#include <cassert>

namespace parallax {
namespace {

using Point = JourneyLayout::Point;
using Way = JourneyLayout::Way;
constexpr double row_gap = 52;  // Room for what hangs below a box.
constexpr double bend_height = 22;
constexpr int sweeps = 8;

/// A state, or the place where a way passes a layer.
struct Place {
  std::size_t layer = 0;
  double height = JourneyLayout::box_height;
  double middle = 0;                       ///< y of its middle.
  std::vector<std::size_t> before, after;  ///< Neighbours in the layers beside it.
};

class Layout {
 public:
  explicit Layout(const JourneyPicture& journey)
      : journey_(journey), places_(journey.states.size()), state_(journey.states.size()) {
    find_ways(journey.start);
    find_layers();
    for (std::size_t i = 0; i < out_.ways.size(); ++i) thread(i);
    layers_.resize(depth() + 1);
    for (std::size_t i = 0; i < places_.size(); ++i) layers_[places_[i].layer].push_back(i);
    for (auto& layer : layers_) spread(layer, true);
    for (int i = 0; i < sweeps; ++i) {
      for (auto& layer : layers_) straighten(layer, i % 2 == 0, i < sweeps / 2);
    }
    put_down();
  }
  JourneyLayout take() { return std::move(out_); }

 private:
  enum class Mark : std::uint8_t { unseen, open, done };

  /// Depth first: a way to a state that is still open leads back.
  void find_ways(std::size_t at) {
    state_[at] = Mark::open;
    for (const StatePicture::Edge& edge : journey_.states[at].next) {
      out_.ways.push_back({at, edge.to, edge.share, state_[edge.to] == Mark::open, {}});
      if (state_[edge.to] == Mark::unseen) find_ways(edge.to);
    }
    state_[at] = Mark::done;
  }

  /// The longest way from the start, ways back left out.
  void find_layers() {
    for (bool moved = true; moved;) {
      moved = false;
      for (const Way& way : out_.ways) {
        const std::size_t behind = places_[way.from].layer + 1;
        if (way.back || places_[way.to].layer >= behind) continue;
        places_[way.to].layer = behind;
        moved = true;
      }
    }
  }

  /// Gives a forward way a place in each layer that it passes.
  void thread(std::size_t index) {
    const Way& way = out_.ways[index];
    passes_.emplace_back();
    if (way.back) return;
    std::size_t last = way.from;
    for (std::size_t layer = places_[way.from].layer + 1; layer < places_[way.to].layer; ++layer) {
      passes_.back().push_back(places_.size());
      places_.push_back({layer, bend_height, 0, {}, {}});
      join(last, places_.size() - 1);
      last = places_.size() - 1;
    }
    join(last, way.to);
  }
  void join(std::size_t a, std::size_t b) {
    places_[a].after.push_back(b);
    places_[b].before.push_back(a);
  }
  std::size_t depth() const {
    std::size_t most = 0;
    for (const Place& place : places_) most = std::max(most, place.layer);
    return most;
  }

  /// Stacks a layer in its order, centred (or around where its places want to be).
  void spread(const std::vector<std::size_t>& layer, bool centred) {
    double bottom = 0, wanted = 0, found = 0;
    for (std::size_t i = 0; i < layer.size(); ++i) {
      Place& place = places_[layer[i]];
      const double least = bottom + (i == 0 ? 0 : row_gap) + place.height / 2;
      const double want = place.middle;
      place.middle = centred || i == 0 ? (centred ? least : want) : std::max(least, want);
      bottom = place.middle + place.height / 2;
      wanted += want;
      found += place.middle;
    }
    const double shift =
        centred ? -bottom / 2 : (wanted - found) / static_cast<double>(layer.size());
    for (const std::size_t i : layer) places_[i].middle += shift;
  }

  /// Moves a layer's places to the mean of their neighbours on one side; may change their order.
  void straighten(std::vector<std::size_t>& layer, bool forwards, bool may_swap) {
    for (const std::size_t i : layer) {
      const auto& near = forwards ? places_[i].before : places_[i].after;
      double sum = 0;
      for (const std::size_t other : near) sum += places_[other].middle;
      if (!near.empty()) places_[i].middle = sum / static_cast<double>(near.size());
    }
    if (may_swap)
      std::stable_sort(layer.begin(), layer.end(), [&](std::size_t a, std::size_t b) {
        return places_[a].middle < places_[b].middle;
      });
    spread(layer, false);
  }

  double left_of(std::size_t layer) const {
    return margin_ +
           static_cast<double>(layer) * (JourneyLayout::box_width + JourneyLayout::layer_gap);
  }

  void put_down() {
    std::vector<std::size_t> backs;
    for (std::size_t i = 0; i < out_.ways.size(); ++i)
      if (out_.ways[i].back && out_.ways[i].from != out_.ways[i].to) backs.push_back(i);
    margin_ = backs.empty() ? 0 : 14 + 8 * static_cast<double>(backs.size());
    double top = 1e9, bottom = -1e9;
    for (const Place& place : places_) {
      top = std::min(top, place.middle - place.height / 2);
      bottom = std::max(bottom, place.middle + place.height / 2);
    }
    const double lanes = 22 + JourneyLayout::lane_gap * static_cast<double>(backs.size());
    for (Place& place : places_) place.middle += lanes - top;
    for (std::size_t i = 0; i < journey_.states.size(); ++i)
      out_.boxes.push_back(
          {left_of(places_[i].layer), places_[i].middle - JourneyLayout::box_height / 2});
    out_.width = left_of(depth()) + JourneyLayout::box_width + margin_;
    out_.height = lanes + bottom - top + row_gap / 2;
    for (std::size_t i = 0; i < out_.ways.size(); ++i)
      if (!out_.ways[i].back) lead_on(i);
    lead_back(backs);
  }

  /// A port on a box's side: the ways of that side share it out, in the order of where they go.
  double port(std::size_t state, std::size_t way, bool leaving) const {
    std::vector<std::pair<double, std::size_t>> ways;
    for (std::size_t i = 0; i < out_.ways.size(); ++i) {
      const Way& each = out_.ways[i];
      if ((leaving ? each.from : each.to) != state || each.from == each.to) continue;
      const auto& pass = passes_[i];
      const std::size_t next = leaving ? (pass.empty() ? each.to : pass.front())
                                       : (pass.empty() ? each.from : pass.back());
      ways.emplace_back(each.back ? -1e9 : places_[next].middle, i);
    }
    std::sort(ways.begin(), ways.end());
    const auto at = std::find_if(ways.begin(), ways.end(),
                                 [&](const auto& each) { return each.second == way; });
    assert(at != ways.end());
    const double step = JourneyLayout::box_height / static_cast<double>(ways.size() + 1);
    return out_.boxes[state].y + step * static_cast<double>(at - ways.begin() + 1);
  }

  void lead_on(std::size_t index) {
    Way& way = out_.ways[index];
    const double right = out_.boxes[way.from].x + JourneyLayout::box_width;
    way.points.push_back({right, port(way.from, index, true)});
    for (const std::size_t i : passes_[index]) {
      const double x = left_of(places_[i].layer);
      way.points.push_back({x, places_[i].middle});
      way.points.push_back({x + JourneyLayout::box_width, places_[i].middle});
    }
    way.points.push_back({out_.boxes[way.to].x, port(way.to, index, false)});
  }

  /// Out into the gap, up to a lane of its own above all boxes, back, down the gap, and in. Short
  /// ways take the low lanes, so that long ones go around them.
  void lead_back(std::vector<std::size_t> backs) {
    const auto span = [&](std::size_t i) {
      return places_[out_.ways[i].from].layer - places_[out_.ways[i].to].layer;
    };
    std::stable_sort(backs.begin(), backs.end(),
                     [&](std::size_t a, std::size_t b) { return span(a) < span(b); });
    for (std::size_t lane = 0; lane < backs.size(); ++lane) {
      Way& way = out_.ways[backs[lane]];
      const double aside = 12 + 8 * static_cast<double>(lane);
      const double y = 14 + JourneyLayout::lane_gap * static_cast<double>(backs.size() - 1 - lane);
      const double right = out_.boxes[way.from].x + JourneyLayout::box_width;
      const double left = out_.boxes[way.to].x;
      const double leaves = port(way.from, backs[lane], true);
      const double enters = port(way.to, backs[lane], false);
      way.points = {{right, leaves},   {right + aside, leaves}, {right + aside, y},
                    {left - aside, y}, {left - aside, enters},  {left, enters}};
    }
  }

  const JourneyPicture& journey_;
  std::vector<Place> places_;  ///< The states first.
  std::vector<Mark> state_;
  std::vector<std::vector<std::size_t>> passes_;  ///< By way: its places between.
  std::vector<std::vector<std::size_t>> layers_;  ///< Places from top to bottom.
  double margin_ = 0;
  JourneyLayout out_;
};

}  // namespace

JourneyLayout lay_out(const JourneyPicture& journey) { return Layout(journey).take(); }

}  // namespace parallax
