// SPDX-License-Identifier: Apache-2.0
#include "tests/report/xml_checker.h"

#include <cctype>

namespace parallax::test {
namespace {

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text), size_(text.size()) {}

  XmlDocument parse() {
    XmlDocument document;
    check_characters();
    expect(R"(<?xml version="1.0" encoding="UTF-8"?>)");
    skip_blanks();
    document.root = element();
    skip_blanks();
    if (!rest_.empty()) fail("text after the root element");
    document.ok = error_.empty();
    document.error = error_;
    return document;
  }

 private:
  void fail(const std::string& what) {
    if (error_.empty()) error_ = what + " at byte " + std::to_string(size_ - rest_.size());
    rest_ = {};
  }
  bool accept(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  void expect(std::string_view word) {
    if (!accept(word)) fail("expected " + std::string(word));
  }
  void skip_blanks() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\n'))
      rest_.remove_prefix(1);
  }

  /// Control characters, ill-formed UTF-8 by its bytes, surrogates and U+FFFE, U+FFFF.
  void check_characters() {
    const auto byte = [&](std::size_t i) {
      return i < rest_.size() ? static_cast<unsigned char>(rest_[i]) : 0U;
    };
    for (std::size_t i = 0; i < rest_.size();) {
      const unsigned lead = byte(i);
      const std::size_t length = lead < 0x80   ? 1
                                 : lead < 0xc2 ? 0
                                 : lead < 0xe0 ? 2
                                 : lead < 0xf0 ? 3
                                 : lead < 0xf5 ? 4
                                               : 0;
      bool good = length > 0 && (lead >= 0x20 || lead == '\n' || lead == '\t') && lead != 0x7f;
      for (std::size_t k = 1; k < length; ++k) good = good && (byte(i + k) & 0xc0U) == 0x80;
      if (lead == 0xe0) good = good && byte(i + 1) >= 0xa0;
      if (lead == 0xed) good = good && byte(i + 1) < 0xa0;
      if (lead == 0xf0) good = good && byte(i + 1) >= 0x90;
      if (lead == 0xf4) good = good && byte(i + 1) < 0x90;
      if (lead == 0xef && byte(i + 1) == 0xbf) good = good && byte(i + 2) < 0xbe;
      if (!good) return fail("illegal character at offset " + std::to_string(i));
      i += length;
    }
  }

  std::string name() {
    std::size_t length = 0;
    while (length < rest_.size() &&
           (std::isalnum(static_cast<unsigned char>(rest_[length])) != 0 || rest_[length] == '-'))
      ++length;
    if (length == 0) fail("expected a name");
    std::string out(rest_.substr(0, length));
    rest_.remove_prefix(std::min(length, rest_.size()));
    return out;
  }

  /// Character data up to `end`, entities resolved.
  std::string data(char end) {
    std::string out;
    while (!rest_.empty() && rest_.front() != end) {
      if (rest_.starts_with("]]>") || rest_.front() == '<') fail("markup in character data");
      if (accept("&amp;"))
        out += '&';
      else if (accept("&lt;"))
        out += '<';
      else if (accept("&gt;"))
        out += '>';
      else if (accept("&quot;"))
        out += '"';
      else if (accept("&#10;"))
        out += '\n';
      else if (accept("&#9;"))
        out += '\t';
      else if (rest_.starts_with("&"))
        fail("unknown entity");
      else if (!rest_.empty()) {
        out += rest_.front();
        rest_.remove_prefix(1);
      }
    }
    return out;
  }

  void attribute(XmlElement& owner) {
    const std::string key = name();
    expect("=\"");
    const bool fresh = owner.attributes.emplace(key, data('"')).second;
    expect("\"");
    if (!fresh) fail("attribute given twice: " + key);
  }

  XmlElement element() {
    XmlElement out;
    expect("<");
    out.name = name();
    for (skip_blanks(); !rest_.empty() && rest_.front() != '>' && rest_.front() != '/';
         skip_blanks())
      attribute(out);
    if (accept("/>")) return out;
    expect(">");
    while (!rest_.empty() && !rest_.starts_with("</")) {
      out.text += data('<');
      if (rest_.starts_with("<") && !rest_.starts_with("</")) out.children.push_back(element());
    }
    expect("</" + out.name + ">");
    return out;
  }

  std::string_view rest_;
  std::size_t size_;
  std::string error_;
};

}  // namespace

std::vector<const XmlElement*> XmlElement::all(std::string_view wanted) const {
  std::vector<const XmlElement*> found;
  for (const XmlElement& child : children) {
    if (child.name == wanted) found.push_back(&child);
    for (const XmlElement* below : child.all(wanted)) found.push_back(below);
  }
  return found;
}

XmlDocument parse_xml(std::string_view text) { return Parser(text).parse(); }

}  // namespace parallax::test
