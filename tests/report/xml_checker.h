// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace parallax::test {

/// An element of a parsed document, with its own text and in document order.
struct XmlElement {
  std::string name;
  std::map<std::string, std::string> attributes;
  std::string text;
  std::vector<XmlElement> children;

  /// All elements of this name below, depth first.
  std::vector<const XmlElement*> all(std::string_view wanted) const;
};

/// Parses the subset of XML 1.0 that JUnit files need and checks well-formedness: nesting, quoting,
/// unique attributes, entities, and that every byte is a legal character. On failure `error` says
/// where; `ok` is false.
struct XmlDocument {
  bool ok = false;
  std::string error;
  XmlElement root;
};
XmlDocument parse_xml(std::string_view text);

}  // namespace parallax::test
