// SPDX-License-Identifier: MIT
// The XML reader takes what is well-formed and nothing else.

#include "support/xml.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

namespace xml_test {

using support::read_xml;

TEST(Xml, ElementsAttributesAndTexts) {
  const auto root = read_xml(
      "<a x=\"1.5\" y=\"&lt;&amp;&#39;\">one<b class=\"c\"/> two\n"
      "<b class=\"d\">&quot;</b></a>\n");
  EXPECT_EQ(root.name, "a");
  EXPECT_EQ(root.number("x"), 1.5);
  EXPECT_EQ(root.attributes.at("y"), "<&'");
  EXPECT_EQ(root.text, "one two\n");
  EXPECT_EQ(root.all("b").size(), 2U);
  ASSERT_EQ(root.all("b", "d").size(), 1U);
  EXPECT_EQ(root.all("b", "d")[0].text, "\"");
}

TEST(Xml, WhatIsNotWellFormedIsAnError) {
  for (const char* const text :
       {"", "text", "<a>", "<a></b>", "<a><b></a></b>", "<a/><a/>", "<a x=1/>", "<a x=\"1/>",
        "<a x=\"1\" x=\"2\"/>", "<a>&nbsp;</a>", "<a>& b</a>", "<a x=\"<\"/>", "<a/> b", "< a/>"})
    EXPECT_THROW(read_xml(text), std::runtime_error) << text;
}

}  // namespace xml_test
