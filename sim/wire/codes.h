// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// The wrappings that SDKs put around JSON: percent codes, forms and base64.
namespace parallax {

/// Percent codes undone; in a form a plus is a blank. A broken code stays as it is.
std::string percent_decoded(std::string_view text, bool form);
/// The value of `name` in "a=b&c=d", with its codes. Nothing where it is not there.
std::optional<std::string_view> form_value(std::string_view form, std::string_view name);

/// RFC 4648 base64 of either alphabet, padded or not; blanks count as pluses, since forms turn
/// these into those, and line ends are passed over. Nothing where another character stands.
std::optional<std::string> base64_decoded(std::string_view text);
/// RFC 4648 base64 with padding, as headers want it.
std::string base64(std::string_view text);
/// The header in which a vendor wants its key: HTTP's Basic, with the key for the user's name.
std::pair<std::string, std::string> basic_authorization(std::string_view key);
/// Base64 of the URL alphabet without padding; returns the end. The text may lie behind `out`, at
/// least a third of its length away. Precondition: room for 4 bytes per 3, rounded up.
char* write_base64url(std::string_view text, char* out);

}  // namespace parallax
