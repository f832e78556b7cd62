// SPDX-License-Identifier: MIT
#include "common/program.hpp"

#include <exception>
#include <iostream>
#include <new>
#include <string>

#include <CLI/CLI.hpp>

namespace examples {

int run_program(CLI::App& app, int argc, char** argv, const std::function<int()>& program) {
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
