// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace parallax {

/// One of the two cameras.
enum class Source : std::uint8_t { client, server };
constexpr std::array<Source, 2> both_sources{Source::client, Source::server};
constexpr std::string_view name_of(Source s) { return s == Source::client ? "client" : "server"; }
constexpr Source other(Source s) { return s == Source::client ? Source::server : Source::client; }

enum class FieldType : std::uint8_t {
  string,   ///< Value is a code that `FieldPlan::write_text` turns into text.
  integer,  ///< Value as it is.
  number,   ///< Value in millionths: 1.5 is 1'500'000.
  money,    ///< Value in minor units of the action's currency.
  boolean,  ///< 0 or 1.
};
std::string_view name_of(FieldType t);

/// Most fields an action type can have, and most user traits; fixed so that actions are plain
/// values without pointers.
constexpr std::size_t max_fields = 16;
constexpr std::size_t max_traits = 8;

/// How the integer code of a text value becomes text.
struct TextForm {
  enum class Kind : std::uint8_t {
    list,      ///< `texts[code]`.
    numbered,  ///< prefix + decimal code: "sku-17".
    hex,       ///< prefix + 16 hex digits of the code: "ord-00f1e2...": unique keys.
  };
  Kind kind = Kind::list;
  std::string prefix;
  std::vector<std::string> texts;

  /// Longest text any code gives, in bytes.
  std::size_t longest() const;
  /// Writes the text and returns its end. Precondition: room for `longest()`.
  char* write(std::int64_t code, char* out) const;
  std::string text(std::int64_t code) const;
  /// The code of a text, where it has one.
  std::optional<std::int64_t> code_of(std::string_view text) const;
};

/// A business field of an action type as declared in the tracking plan.
struct FieldPlan {
  std::string name;
  FieldType type = FieldType::string;
  Source owner = Source::server;  ///< The authoritative side.
  bool required = false;          ///< The contract rejects events without it.
  /// Sides that put the field into their emission at all.
  bool on_client = true;
  bool on_server = true;
  TextForm form;  ///< Only for strings.
  /// What faults do to it: the name and the length that the forms `renamed` and `truncated` mean.
  std::string other_name;    ///< Empty: none renames it.
  std::uint16_t cut_to = 0;  ///< Bytes; 0: none truncates it.
  bool on(Source s) const { return s == Source::client ? on_client : on_server; }
};

/// An action type of the tracking plan.
struct ActionPlan {
  std::string name;
  bool client = true;  ///< The client emits it.
  bool server = false;
  /// Where set, a row of this event counts only when this side confirmed it (server-authoritative
  /// events such as login_success): the other side's emission alone makes no canonical row.
  std::optional<Source> confirmed_by;
  std::vector<FieldPlan> fields;  ///< At most max_fields.
  std::uint16_t schema_version = 1;
  std::string other_name;  ///< What a fault calls it; empty: none renames it.

  bool emits(Source s) const { return s == Source::client ? client : server; }
  std::optional<std::size_t> field_index(std::string_view name) const;
};

/// A user trait or session context attribute: named texts, picked once per user or session.
struct TraitPlan {
  std::string name;
  std::vector<std::string> values;
};

struct CurrencyPlan {
  std::string code;  ///< ISO 4217.
  int exponent = 2;
};

/// How the two sides of one action come to their event ids.
struct IdentityPlan {
  enum class Kind : std::uint8_t {
    shared,       ///< One id, made by the client and passed through.
    derived,      ///< Both compute it from a business key: the field `derived_from`.
    independent,  ///< Each side mints its own: a bug to reproduce.
  };
  Kind kind = Kind::shared;
  std::string derived_from;
};

/// The compiled tracking plan: who emits what, with which fields. Everything that writes, reads or
/// judges events works on these indices instead of names.
struct TrackingPlan {
  std::vector<ActionPlan> actions;  ///< Index = Action::type.
  std::vector<TraitPlan> traits;    ///< At most max_traits; index = slot in Action::traits.
  std::vector<std::string> pages;   ///< Index = Action::page.
  std::vector<CurrencyPlan> currencies;
  IdentityPlan identity;

  std::optional<std::uint16_t> action_index(std::string_view name) const;
  /// The action whose event has this name, its own or the one that a fault gives it.
  std::optional<std::uint16_t> action_named(std::string_view name) const;
  std::optional<std::size_t> trait_index(std::string_view name) const;
};

}  // namespace parallax
