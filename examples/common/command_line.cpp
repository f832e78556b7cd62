// SPDX-License-Identifier: MIT
#include "common/command_line.hpp"

#include <exception>
#include <filesystem>
#include <iostream>
#include <new>
#include <utility>

#include <CLI/CLI.hpp>

namespace examples {
namespace {

template <class Validator>
Rule checked_by(Validator validator) {
  return [validator = std::move(validator)](CLI::Option& option) { option.check(validator); };
}

}  // namespace

Rule positive() {
  return checked_by(CLI::PositiveNumber);
}
Rule not_negative() {
  return checked_by(CLI::NonNegativeNumber);
}
Rule between(std::int64_t least, std::int64_t most) {
  return checked_by(CLI::Range(least, most));
}
Rule between(double least, double most) {
  return checked_by(CLI::Range(least, most));
}
Rule one_of(std::vector<std::string> values) {
  return checked_by(CLI::IsMember(std::move(values)));
}
Rule existing_file() {
  return checked_by(CLI::ExistingFile);
}
Rule existing_folder() {
  return checked_by(CLI::ExistingDirectory);
}
Rule exactly(int count) {
  return [count](CLI::Option& option) { option.expected(count); };
}
Rule required(Rule as_well) {
  return [rule = std::move(as_well)](CLI::Option& option) {
    option.required();
    if (rule) rule(option);
  };
}

CommandLine::CommandLine(const std::string& about, const std::string& program)
    : app_{std::make_unique<CLI::App>(about, program)} {}
CommandLine::~CommandLine() = default;

std::string CommandLine::program() const {
  return app_->get_name();
}

template <class Value>
void CommandLine::add(const std::string& option, Value& value, const std::string& text,
                      const Rule& rule) {
  CLI::Option& added = *app_->add_option(option, value, text);
  if (rule) rule(added);
}

template <class Value>
void CommandLine::add_with_default(const std::string& option, Value& value, const std::string& text,
                                   const Rule& rule) {
  add(option, value, text, rule);
  app_->get_option(option)->capture_default_str();
}

template void CommandLine::add(const std::string&, std::string&, const std::string&, const Rule&);
template void CommandLine::add(const std::string&, std::vector<std::string>&, const std::string&,
                               const Rule&);
template void CommandLine::add(const std::string&, int&, const std::string&, const Rule&);
template void CommandLine::add(const std::string&, std::filesystem::path&, const std::string&,
                               const Rule&);
template void CommandLine::add_with_default(const std::string&, int&, const std::string&,
                                            const Rule&);
template void CommandLine::add_with_default(const std::string&, std::int64_t&, const std::string&,
                                            const Rule&);
template void CommandLine::add_with_default(const std::string&, std::uint64_t&, const std::string&,
                                            const Rule&);
template void CommandLine::add_with_default(const std::string&, double&, const std::string&,
                                            const Rule&);
template void CommandLine::add_with_default(const std::string&, std::string&, const std::string&,
                                            const Rule&);

void CommandLine::add_flag(const std::string& option, bool& value, const std::string& text) {
  app_->add_flag(option, value, text);
}

bool CommandLine::given(const std::string& option) const {
  return app_->count(option) > 0;
}

int CommandLine::run(int argc, char** argv, const std::function<int()>& run) {
  const auto fail = [&](const std::string& what, int code) {
    std::cerr << program() << ": " << what << '\n';
    return code;
  };
  try {
    app_->parse(argc, argv);
  } catch (const CLI::Success& help) {
    return app_->exit(help);
  } catch (const CLI::ParseError& error) {
    return fail(std::string(error.what()) + " (--help lists the options)", 2);
  }
  try {
    return run();
  } catch (const UsageError& error) {
    return fail(error.what(), 2);
  } catch (const std::bad_alloc&) {
    return fail("not enough memory; use a smaller --batch-size", 1);
  } catch (const std::exception& error) {
    return fail(error.what(), 1);
  }
}

}  // namespace examples
