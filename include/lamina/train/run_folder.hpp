// SPDX-License-Identifier: MIT
#pragma once
// One folder per run. A new run never writes into the folder of another one, and whether the folder
// can be written is known before the first step and not after the first epoch.

#include <array>
#include <ctime>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "lamina/core/isa.hpp"
#include "lamina/io/atomic_file.hpp"

namespace lamina::inline LAMINA_ISA::train {

/// The folder of a run, which exists and can be written.
/// errors run: cannot be created or written; a run is in it (create); none is in it (resume)
class RunFolder {
 public:
  /// The file that makes a folder the folder of a run; the trainer writes it first.
  static constexpr std::string_view settings_name = "settings.json";

  /// A new folder runs/<name>-<date>-<time>, with a number behind it if there is one already.
  static RunFolder create(std::string_view name, const std::filesystem::path& runs = "runs");

  /// The given folder, created if need be, without a run in it.
  static RunFolder create_at(const std::filesystem::path& folder);

  /// The folder of an earlier run, to go on with.
  static RunFolder resume(const std::filesystem::path& folder);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view file) const { return path_ / file; }

  /// Does a run live in this folder?
  static bool holds_run(const std::filesystem::path& folder) {
    std::error_code ignored;
    return std::filesystem::exists(folder / settings_name, ignored);
  }

 private:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
};

namespace detail {

/// "20251123-234501", local time.
inline std::string date_and_time(std::time_t now) {
  std::tm local{};
  ::localtime_r(&now, &local);
  std::array<char, 32> text{};
  const auto length = std::strftime(text.data(), text.size(), "%Y%m%d-%H%M%S", &local);
  return {text.data(), length};
}

inline void create_folders(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error || !std::filesystem::is_directory(folder, error))
    throw std::runtime_error(
        "cannot create the folder '" + folder.string() +
        "': " + (error ? error.message() : std::string{"a file of this name is in the way"}) +
        "; choose another folder");
}

/// Throws AtomicFile's sentence where no file can be created.
inline void check_writable(const std::filesystem::path& folder) {
  lamina::AtomicFile{folder / "write-test"}.write("x");
}

}  // namespace detail

inline RunFolder RunFolder::create(std::string_view name, const std::filesystem::path& runs) {
  const std::string base = std::string{name} + "-" + detail::date_and_time(std::time(nullptr));
  detail::create_folders(runs);
  detail::check_writable(runs);
  // Creating the folder is what claims the name: two runs of the same second get two folders.
  for (int number = 1;; ++number) {
    const auto folder = runs / (number == 1 ? base : base + "-" + std::to_string(number));
    std::error_code error;
    if (std::filesystem::create_directory(folder, error)) return RunFolder{folder};
    if (error && !std::filesystem::exists(folder))
      throw std::runtime_error("cannot create the folder '" + folder.string() +
                               "': " + error.message() + "; choose another folder");
  }
}

inline RunFolder RunFolder::create_at(const std::filesystem::path& folder) {
  if (holds_run(folder))
    throw std::runtime_error("'" + folder.string() +
                             "' already holds a run; resume it or choose another folder");
  detail::create_folders(folder);
  detail::check_writable(folder);
  return RunFolder{folder};
}

inline RunFolder RunFolder::resume(const std::filesystem::path& folder) {
  if (!holds_run(folder))
    throw std::runtime_error("'" + folder.string() + "' holds no run to resume: it has no " +
                             std::string{settings_name} + "; choose the folder of an earlier run");
  detail::check_writable(folder);
  return RunFolder{folder};
}

}  // namespace lamina::inline LAMINA_ISA::train
