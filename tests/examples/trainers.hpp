// SPDX-License-Identifier: MIT
#pragma once
// Running the trainers of examples/ on the subset, and reading what they leave behind.

#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "lamina/io/safetensors_file.hpp"
#include "lamina/train/metrics.hpp"

#include "support/program.hpp"

namespace examples {

using support::Result;

inline const std::string subset = std::string(LAMINA_TEST_DATA) + "/fashion-mnist-subset";

/// "vae --epochs 2" as a command of the shell, with one thread unless the options ask for more: other
/// tests run beside it.
inline std::string command_of(const std::string& program_and_options) {
  return "OMP_NUM_THREADS=1 " + std::string(LAMINA_EXAMPLES_DIR) + "/" + program_and_options;
}

inline Result run(const std::string& program_and_options) {
  return support::run(command_of(program_and_options));
}

/// Trains on the subset.
inline Result train(const std::string& program, const std::filesystem::path& out,
                    const std::string& options) {
  return run(program + " --data " + subset + " --out " + out.string() + " " + options);
}

/// Trains and presses Ctrl-C once the first epoch is in the metrics. Returns the exit code.
inline int interrupt_after_first_epoch(const std::string& program, const std::filesystem::path& out,
                                       const std::string& options) {
  const std::string script = out.string() + ".sh";
  std::ofstream(script) << "set -m\n"
                        << command_of(program) << " --data " << subset << " --out " << out.string()
                        << ' ' << options << " &\nfor try in {1..6000}; do\n  grep -q '^1,' "
                        << out.string()
                        << "/metrics.csv && break\n  sleep 0.01\ndone\nkill -INT $!\nwait $!\n";
  const int status = std::system(("bash " + script + " > " + out.string() + ".log 2>&1").c_str());
  return WEXITSTATUS(status);
}

inline std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The bytes of all tensors of a file, by name.
inline std::map<std::string, std::vector<std::byte>> tensors_of(const std::filesystem::path& file) {
  std::map<std::string, std::vector<std::byte>> tensors;
  for (const auto& [name, entry] : lamina::read_safetensors(file).entries)
    tensors[name] = {entry.bytes.begin(), entry.bytes.end()};
  return tensors;
}

/// Figures to be compared, not a number with itself too.
inline std::string as_text(const std::vector<double>& values) {
  std::string text;
  for (const double value : values)
    text += (std::isnan(value) ? "none" : std::to_string(value)) + " ";
  return text;
}

/// Opens the page in a browser, where there is one.
inline void expect_sound_page([[maybe_unused]] const std::filesystem::path& page) {
#ifdef LAMINA_CHECK_PAGE
  const Result result = support::run(std::string(LAMINA_CHECK_PAGE) + " " + page.string());
  EXPECT_EQ(result.code, 0) << page << ": " << result.output;
#endif
}

}  // namespace examples
