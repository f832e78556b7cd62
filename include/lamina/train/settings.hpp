// SPDX-License-Identifier: MIT
#pragma once
// What a run was started with, as a JSON file beside its results: resuming and comparing read it
// back. Needs nlohmann-json (lamina::io).

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "lamina/core/error.hpp"
#include "lamina/core/isa.hpp"
#include "lamina/io/atomic_file.hpp"

namespace lamina::inline LAMINA_ISA::train {

/// Names and values in the order in which they were set.
class Settings {
 public:
  Settings() = default;

  /// errors run: no such file, no JSON object
  static Settings read(const std::filesystem::path& path);
  void write(const std::filesystem::path& path) const {
    write_file_atomically(path, dump(json_, 2) + "\n");
  }

  template <class Value>
  void set(const std::string& name, const Value& value) {
    json_[name] = value;
  }

  /// Sets everything that `more` has.
  void add(const Settings& more) { json_.update(more.json_); }

  /// errors run: nothing of this name, or of another type
  template <class Value>
  Value get(const std::string& name) const;

  /// The value, or `otherwise` where an older run did not write it.
  template <class Value>
  Value get_or(const std::string& name, Value otherwise) const {
    return json_.contains(name) ? get<Value>(name) : otherwise;
  }

  /// Throws a sentence that lists what differs: a resumed run must mean the same under each of
  /// these names.
  void require_same(const Settings& asked, const std::vector<std::string>& names) const;

  /// For a table of settings: names and values as text.
  std::vector<std::pair<std::string, std::string>> as_text() const;

  bool operator==(const Settings& other) const { return json_ == other.json_; }

 private:
  std::string origin() const {
    return source_.empty() ? "these settings" : sentence("'", source_.string(), "'");
  }
  static std::string text_of(const nlohmann::ordered_json& value) {
    return value.is_string() ? value.get<std::string>() : dump(value, -1);
  }
  /// A name that is no UTF-8 (of a folder, say) gets replacement characters instead of throwing.
  static std::string dump(const nlohmann::ordered_json& value, int indent) {
    return value.dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  }

  nlohmann::ordered_json json_ = nlohmann::ordered_json::object();
  std::filesystem::path source_;  // the file they come from, for messages
};

inline Settings Settings::read(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in)
    throw std::runtime_error("cannot read '" + path.string() +
                             "'; is this the folder of a training run?");
  Settings settings;
  settings.json_ = nlohmann::ordered_json::parse(in, nullptr, /*allow_exceptions=*/false);
  settings.source_ = path;
  if (!settings.json_.is_object())
    throw std::runtime_error("'" + path.string() +
                             "' is damaged: expected a JSON object with the run's settings");
  return settings;
}

template <class Value>
Value Settings::get(const std::string& name) const {
  const auto found = json_.find(name);
  if (found == json_.end())
    throw std::runtime_error(origin() + " have no '" + name +
                             "'; was this run made by another trainer?");
  const auto wrong = [&] {
    return std::runtime_error(origin() + ": '" + name + "' has the value " + text_of(*found) +
                              ", which is of another type or range than expected");
  };
  if constexpr (std::integral<Value> &&
                !std::same_as<Value, bool>) {  // the JSON library would wrap around
    if (!found->is_number_integer()) throw wrong();
    const bool fits = found->is_number_unsigned()
                          ? std::in_range<Value>(found->template get<std::uint64_t>())
                          : std::in_range<Value>(found->template get<std::int64_t>());
    if (!fits) throw wrong();
  }
  try {
    return found->template get<Value>();
  } catch (const nlohmann::json::exception&) {
    throw wrong();
  }
}

inline void Settings::require_same(const Settings& asked,
                                   const std::vector<std::string>& names) const {
  std::string differences;
  for (const std::string& name : names) {
    const auto mine = json_.contains(name) ? text_of(json_.at(name)) : "nothing";
    const auto theirs = asked.json_.contains(name) ? text_of(asked.json_.at(name)) : "nothing";
    if (mine == theirs) continue;
    if (!differences.empty()) differences += ", ";
    differences += name + " " + mine + " (asked: " + theirs + ")";
  }
  if (!differences.empty())
    throw std::runtime_error("cannot resume with other settings: " + origin() + " say " +
                             differences + "; leave these options out or start a new run");
}

inline std::vector<std::pair<std::string, std::string>> Settings::as_text() const {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const auto& [name, value] : json_.items())
    lines.emplace_back(name, text_of(value));
  return lines;
}

}  // namespace lamina::inline LAMINA_ISA::train
