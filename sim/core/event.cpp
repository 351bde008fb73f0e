// SPDX-License-Identifier: Apache-2.0
#include "sim/core/event.h"

#include <cassert>

#include "sim/core/digits.h"

namespace parallax {
namespace {

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

}  // namespace parallax
