// SPDX-License-Identifier: MIT
#pragma once
// What a program's main does with errors: one sentence on stderr, exit code 2 for wrong usage and 1
// for everything that went wrong later.

#include <functional>
#include <stdexcept>

namespace CLI {
class App;
}

namespace examples {

/// Wrong usage that only shows when options are looked at together.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Parses the command line into what `app` was told and calls `program`, which returns the exit code.
int run_program(CLI::App& app, int argc, char** argv, const std::function<int()>& program);

}  // namespace examples
