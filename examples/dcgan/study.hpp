// SPDX-License-Identifier: MIT
#pragma once
// A study: one run for each line of a table of settings, and one page about all of them. What is
// finished is not run again, so that a study may be interrupted.

#include <filesystem>

#include "options.hpp"

namespace examples {

/// Runs the study in the folder --out (by default one named after the table) and returns the exit code.
int run_study(DcganOptions& options, const std::filesystem::path& file);

}  // namespace examples
