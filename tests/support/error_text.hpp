// SPDX-License-Identifier: MIT
#pragma once
// What an exception says, so that a test can ask for words in it.

#include <exception>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace support {

/// The text of the E that `action` has to throw; a failure of the test where it throws nothing or
/// something else.
template <class E, class Action>
std::string error_text(Action&& action) {
  try {
    std::forward<Action>(action)();
  } catch (const E& error) {
    return error.what();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "another exception: " << error.what();
    return {};
  }
  ADD_FAILURE() << "no exception";
  return {};
}

/// Whether a text has all these parts.
template <class... Parts>
testing::AssertionResult says(const std::string& text, const Parts&... parts) {
  if ((... && (text.find(parts) != std::string::npos))) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "it says: " << text;
}

}  // namespace support
