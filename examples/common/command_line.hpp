// SPDX-License-Identifier: MIT
#pragma once
// The command line of a program, and what its main does with errors: one sentence on stderr, exit code 2
// for wrong usage and 1 for everything that went wrong later. CLI11, which takes seconds to compile,
// is behind it.

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace examples {

/// Wrong usage that only shows when options are looked at together.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What is asked of an option.
using Rule = std::function<void(CLI::Option&)>;

Rule positive();
Rule not_negative();
Rule between(std::int64_t least, std::int64_t most);
Rule between(double least, double most);
Rule one_of(std::vector<std::string> values);
Rule existing_file();
Rule existing_folder();
/// So many values.
Rule exactly(int count);
/// It must be given.
Rule required(Rule as_well = {});

class CommandLine {
 public:
  CommandLine(const std::string& about, const std::string& program);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  /// The program's name.
  std::string program() const;

  /// An option for a variable, which must outlive this: an int, std::int64_t, std::uint64_t, double,
  /// std::string, a path, or a vector of strings for several.
  template <class Value>
  void add(const std::string& option, Value& value, const std::string& text, const Rule& rule = {});
  /// The same, whose default --help shows.
  template <class Value>
  void add_with_default(const std::string& option, Value& value, const std::string& text,
                        const Rule& rule = {});
  void add_flag(const std::string& option, bool& value, const std::string& text);

  /// Was it on the command line?
  bool given(const std::string& option) const;

  /// Reads the command line into the variables and calls `run`, which returns the exit code.
  int run(int argc, char** argv, const std::function<int()>& run);

 private:
  std::unique_ptr<CLI::App> app_;
};

}  // namespace examples
