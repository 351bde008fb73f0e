// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sim/scenario/shape.h"

namespace parallax {
namespace {

bool is_scenario_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

bool is_start(std::string_view text) {
  const bool relative = text == "now" || (text.substr(0, 4) == "now-" && text.substr(4, 1) != "-" &&
                                          parse_duration(text.substr(4)));
  return relative || parse_rfc3339(text);
}

bool is_pace(std::string_view text) { return parse_pace(text).has_value(); }

bool is_identity(std::string_view text) {
  return text == "shared" || text == "independent" ||
         (text.substr(0, 8) == "derived:" && is_name(text.substr(8)));
}

const Shape* time_shape(ShapeBook& book) {
  const Shape* start = book.text("an RFC 3339 time, a date, or \"now-7d\"", "", is_start);
  const Shape* pace =
      book.text("\"max\", \"real\" or \"60x\" (1x .. 1000000x)", "^(max|real|[0-9]+x)$", is_pace);
  return book.object(
      {{"start", start, "First instant: RFC 3339, or now-7d. Default 2026-03-02T00:00:00Z."},
       {"length", book.duration(second, 366 * day),
        "How long the story is, 1s .. 366d. Default 1d."},
       {"pace", pace, "max (default): as fast as possible; real; or 60x real time."}});
}

const Shape* identity_shape(ShapeBook& book) {
  const Shape* policy =
      book.text("\"shared\", \"independent\" or \"derived:FIELD\"",
                "^(shared|independent|derived:[A-Za-z_][A-Za-z0-9_]*)$", is_identity);
  return book.object(
      {{"event_id", policy,
        "How both sides come to an action's id: shared (default), derived:FIELD, or "
        "independent, which is a bug to reproduce."},
       {"login", book.text(),
        "The action by which the app learns who it is: before it, events name the device. Default "
        "everybody is known from the start."},
       {"logout", book.text(), "The action that ends it."},
       {"by", book.words({"user", "request", "cookie"}),
        "How the sides agree: both name the user (default); the client passes its id with each "
        "request; the server sets a cookie at the login, which the client reads."},
       {"reset", book.flag(),
        "The SDK forgets the person at a logout. Default true; false is a bug to reproduce."},
       {"alias", book.flag(),
        "A login is tied to the anonymous id before it. Default true; false is a bug to "
        "reproduce."},
       {"persistence", book.words({"storage", "memory"}),
        "Where the SDK keeps who it is: on the device (default), or until the visit ends."},
       {"bootstrap", book.flag(),
        "Pages of somebody whom the server knows begin with that user's id. Default false."},
       {"shared_devices", book.ratio(),
        "Share of users who use the first device of somebody else. Default 0."}});
}

const Shape* network_shape(ShapeBook& book) {
  return book.object({{"round_trip_client", book.duration(0, minute),
                       "Median round trip of the client, 0s .. 1m. Default 80ms."},
                      {"round_trip_server", book.duration(0, minute),
                       "Median round trip of the server, 0s .. 1m. Default 4ms."}});
}

const Shape* deploys_shape(ShapeBook& book) {
  return book.list(book.object({{"at", book.duration(0, 366 * day), "When, from time.start.", true},
                                {"label", book.text(), "What people call the release.", true}}),
                   0, 100);
}

}  // namespace

const Shape* scenario_shape(ShapeBook& book, std::span<const FaultKind> faults) {
  const Shape* name = book.text("a name of a-z, 0-9 and -", "^[a-z0-9-]+$", is_scenario_name);
  const std::int64_t any = std::numeric_limits<std::int64_t>::max();
  return book.object(
      {{"$schema", book.text(), "For editors: the path of schema.json."},
       {"extends", book.text(), "Path of the scenario that this one patches (RFC 7386)."},
       {"name", name, "The run folder's name: a-z, 0-9 and -.", true},
       {"about", book.text(), "One sentence: the story."},
       {"seed", book.integer(0, any), "All chance comes from it. Default 1."},
       {"time", time_shape(book), "When the story plays."},
       {"population", population_shape(book), "Who plays."},
       {"actions", actions_shape(book), "The tracking plan: what users do, and who emits it.",
        true},
       {"identity", identity_shape(book), "How the two sides name one action, and who did it."},
       {"sdk", sdk_shape(book), "How client and server deliver."},
       {"network", network_shape(book), "The way to the target, without faults."},
       {"journeys", journeys_shape(book), "What a session is made of.", true},
       {"faults", faults_shape(book, faults), "What goes wrong, in this order."},
       {"assert", assertions_shape(book), "What must hold. Default exactly_once and fields."},
       {"deploys", deploys_shape(book),
        "Releases that everybody knows of: reports draw them, explanations hold against them."},
       {"sent_at", book.words({"simulated", "wall", "omitted"}),
        "What a batch says of its sending: the sender's clock (default), the wall clock, nothing."},
       {"target", target_shape(book), "The pipeline under test. Default the embedded one."}});
}

const Shape* population_shape(ShapeBook& book) {
  const Shape* share = book.ratio();
  const Shape* text = book.text();
  const Key pick{"pick", book.weights(), "Values with their weights.", true};
  const Shape* traits = book.map(book.object({pick}));
  const Shape* then = book.object(
      {{"at", book.duration(0, 366 * day), "From so long after time.start on.", true}, pick});
  const Shape* context = book.map(
      book.object({pick, {"then", then, "Other weights of the same values, from a time on."}}));
  const Shape* sessions =
      book.object({{"per_user_day", book.decimal(1, 100'000'000),
                    "Mean sessions of a user a day, above 0, at most 100. Default 0.35."},
                   {"curve", book.words({"flat", "retail-week", "office-week"}),
                    "Rhythm of session starts over the week. Default flat."}});
  const Shape* ad_blocker =
      book.object({{"share", share, "Of the users that `where` selects.", true},
                   {"where", text, "Condition over user traits. Default everybody."}});
  const Shape* consent =
      book.object({{"denied", share, "Users who refuse from the start. Default 0."},
                   {"withdrawn_later", share, "Users who opt out during the run. Default 0."}});
  Shape by_trait = *book.object(
      {{"by", text, "The trait that decides.", true}, {"else", text, "For all other values."}});
  by_trait.item = text;
  by_trait.expected = "an object like {\"by\": \"country\", \"JP\": \"JPY\", \"else\": \"USD\"}";
  return book.object(
      {{"users", book.integer(1, 100'000'000), "How many, 1 .. 100000000. Default 1000."},
       {"sessions", sessions, "How often they come."},
       {"traits", traits, "What is fixed about a user."},
       {"context", context, "What is fixed about a session, such as its campaign."},
       {"devices", book.weights(), "Weights of owning 1, 2, ... devices. Default {\"1\": 1}."},
       {"ad_blocker", ad_blocker, "Who blocks the client's events, through the fault ad_block."},
       {"consent", consent, "Who refuses to be tracked."},
       {"sampling", share, "Share of users whose events are sent at all. Default 1."},
       {"currency", book.any_of({text, book.add(std::move(by_trait))}),
        "ISO 4217 code, or one for each value of a trait. Default USD."}});
}

}  // namespace parallax
