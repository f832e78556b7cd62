// SPDX-License-Identifier: MIT
#pragma once
// Running a program as its users do.

#include <cstdio>
#include <string>

#include <gtest/gtest.h>
#include <sys/wait.h>

namespace support {

struct Result {
  int code;
  std::string output;  ///< stdout and stderr
};

inline Result run(const std::string& command) {
  std::FILE* const pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return {-1, "popen failed"};
  std::string output;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe))
    output += static_cast<char>(c);
  const int status = ::pclose(pipe);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), output};
}

/// A sentence with these words, and this exit code.
inline void expect_failure(const Result& result, int code, const std::string& words) {
  EXPECT_EQ(result.code, code) << result.output;
  EXPECT_NE(result.output.find(words), std::string::npos) << result.output;
  EXPECT_EQ(result.output.find("terminate called"), std::string::npos) << result.output;
}

}  // namespace support
