// SPDX-License-Identifier: Apache-2.0
#include "sim/core/event.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

#include "sim/core/digits.h"
#include "sim/core/prng.h"

namespace parallax {
namespace {

char* write_literal(std::string_view text, char* out) {
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

/// At most `bytes` of the text, no character of it cut in two.
std::string_view cut(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; };
  while (bytes > 0 && continues(text[bytes])) --bytes;
  return text.substr(0, bytes);
}

char* write_tagged_hex(char tag, std::uint64_t value, char* out) {
  *out++ = tag;
  *out++ = '-';
  return write_hex16(value, out);
}

}  // namespace

std::string_view name_of(Withheld w) {
  switch (w) {
    case Withheld::no:
      return "no";
    case Withheld::consent:
      return "consent";
    case Withheld::sampling:
      return "sampling";
    case Withheld::refused:
      return "refused";
  }
  assert(false);
  return {};
}

std::string_view name_of(FieldForm f) {
  constexpr std::array<std::string_view, 10> names{
      "absent",  "present",   "null",      "as_text", "minor_units",
      "renamed", "truncated", "undefined", "other",   "inexact"};
  return names[static_cast<std::size_t>(f)];
}

std::string_view name_of(UserForm f) {
  constexpr std::array<std::string_view, 6> names{"normal",   "absent",    "digits",
                                                  "capitals", "anonymous", "minted"};
  return names[static_cast<std::size_t>(f)];
}

char* write_user_id(std::uint32_t user, char* out) {
  *out++ = 'u';
  *out++ = '-';
  return write_decimal(user, out);
}

char* write_device_id(std::uint64_t device, char* out) {
  return write_tagged_hex('d', device, out);
}

char* write_session_id(std::uint64_t session, char* out) {
  return write_tagged_hex('s', session, out);
}

std::string user_id_text(std::uint32_t user) {
  std::array<char, 12> buffer;
  return {buffer.data(), write_user_id(user, buffer.data())};
}

std::string device_id_text(std::uint64_t device) {
  std::array<char, 18> buffer;
  return {buffer.data(), write_device_id(device, buffer.data())};
}

std::string session_id_text(std::uint64_t session) {
  std::array<char, 18> buffer;
  return {buffer.data(), write_session_id(session, buffer.data())};
}

char* write_sent_user_id(const Emission& emission, char* out) {
  const Action& seen = emission.seen;
  switch (emission.user_form) {
    case UserForm::normal:
      return write_user_id(seen.user, out);
    case UserForm::absent:
      return out;
    case UserForm::digits:
      return write_decimal(seen.user, out);
    case UserForm::capitals:
      return write_decimal(seen.user, write_literal("USER-", out));
    case UserForm::anonymous:
      return write_device_id(seen.device, out);
    case UserForm::minted:
      return write_hex16(mix64(seen.session), write_literal("anon-", out));
  }
  assert(false);
  return out;
}

std::string sent_user_id(const Emission& emission) {
  std::array<char, 24> buffer;
  return {buffer.data(), write_sent_user_id(emission, buffer.data())};
}

const std::string& sent_name(const TrackingPlan& plan, const Emission& emission) {
  const ActionPlan& action = plan.actions[emission.seen.type];
  return emission.other_name ? action.other_name : action.name;
}

std::string sent_text(const FieldPlan& field, FieldForm form, std::int64_t value) {
  if (form == FieldForm::undefined) return std::string(undefined_text);
  std::string text = field.form.text(value);
  if (form == FieldForm::truncated) text.resize(cut(text, field.cut_to).size());
  return text;
}

std::string other_project(std::string_view run_id) {
  return std::string(run_id) + "-other-project";
}

}  // namespace parallax
