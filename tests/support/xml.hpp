// SPDX-License-Identifier: MIT
#pragma once
// A reader for the XML that lamina writes: elements, attributes, text and the five entities. What is
// not well-formed is an exception.

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace support {

struct XmlElement {
  std::string name;
  std::map<std::string, std::string> attributes;
  std::string text;  ///< what stands directly in it
  std::vector<XmlElement> children;

  double number(const std::string& attribute) const { return std::stod(attributes.at(attribute)); }

  /// All elements below this one with that name (and class), in the order of the text.
  std::vector<XmlElement> all(std::string_view tag, std::string_view style = "") const {
    std::vector<XmlElement> found;
    for (const XmlElement& child : children) {
      const auto its = child.attributes.find("class");
      const bool has_style = its != child.attributes.end() && its->second == style;
      if (child.name == tag && (style.empty() || has_style)) found.push_back(child);
      for (XmlElement& below : child.all(tag, style))
        found.push_back(std::move(below));
    }
    return found;
  }
};

class XmlReader {
 public:
  explicit XmlReader(std::string_view text) : text_(text) {}

  /// The one element that the text is.
  XmlElement document() {
    expect("<");
    XmlElement root = element();
    skip_space();
    if (at_ != text_.size()) fail("more than one element");
    return root;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error("XML, at byte " + std::to_string(at_) + ": " + what);
  }
  bool next_is(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  void expect(std::string_view what) {
    if (!next_is(what)) fail("no " + std::string(what));
    at_ += what.size();
  }
  void skip_space() { at_ = std::min(text_.find_first_not_of(" \n\t", at_), text_.size()); }

  std::string_view until(std::string_view characters) {
    const std::size_t end = text_.find_first_of(characters, at_);
    if (end == text_.npos) fail("ends early");
    const std::string_view found = text_.substr(at_, end - at_);
    at_ = end;
    return found;
  }
  std::string name() {
    const std::string found(until(" \n\t=/>"));
    if (found.empty() || found.find_first_of("<&\"'") != found.npos) fail("no name");
    return found;
  }
  std::string plain(std::string_view raw) const {
    static const std::map<std::string, char, std::less<>> entities{
        {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"#39", '\''}};
    std::string result;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      if (raw[i] == '<') fail("< in a text");
      if (raw[i] != '&') {
        result += raw[i];
        continue;
      }
      const std::size_t end = raw.find(';', i);
      const auto entity = entities.find(raw.substr(i + 1, end == raw.npos ? 0 : end - i - 1));
      if (entity == entities.end()) fail("no entity");
      result += entity->second;
      i = end;
    }
    return result;
  }

  /// Behind the "<" of an element.
  XmlElement element() {
    XmlElement result;
    result.name = name();
    for (skip_space(); !next_is("/") && !next_is(">"); skip_space()) {
      const std::string attribute = name();
      expect("=\"");
      if (!result.attributes.emplace(attribute, plain(until("\""))).second)
        fail("an attribute twice");
      expect("\"");
    }
    if (next_is("/")) {
      expect("/>");
      return result;
    }
    expect(">");
    for (;;) {
      result.text += plain(until("<"));
      expect("<");
      if (next_is("/")) break;
      result.children.push_back(element());
    }
    expect("/" + result.name);
    skip_space();
    expect(">");
    return result;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// errors run: text that is not one well-formed element
inline XmlElement read_xml(std::string_view text) {
  return XmlReader(text).document();
}

}  // namespace support
