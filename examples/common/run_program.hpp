// SPDX-License-Identifier: MIT
#pragma once
// What a program's main does with errors: one sentence on stderr, exit code 2 for wrong usage and 1
// for everything that went wrong later.

#include <exception>
#include <iostream>
#include <new>
#include <stdexcept>
#include <string>

#include <CLI/CLI.hpp>

namespace examples {

/// Wrong usage that only shows when options are looked at together.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Parses the command line into what `app` was told and calls `program`, which returns the exit code.
template <class Program>
int run_program(CLI::App& app, int argc, char** argv, Program&& program) {
  const auto fail = [&](const std::string& what, int code) {
    std::cerr << app.get_name() << ": " << what << '\n';
    return code;
  };
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return app.exit(help);
  } catch (const CLI::ParseError& error) {
    return fail(std::string(error.what()) + " (--help lists the options)", 2);
  }
  try {
    return program();
  } catch (const UsageError& error) {
    return fail(error.what(), 2);
  } catch (const std::bad_alloc&) {
    return fail("not enough memory; use a smaller --batch-size", 1);
  } catch (const std::exception& error) {
    return fail(error.what(), 1);
  }
}

}  // namespace examples
