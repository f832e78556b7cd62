// SPDX-License-Identifier: MIT
#pragma once
// A folder of a test's own, removed with everything in it when the test is over, and what tests of
// files need beside it.

#include <cstddef>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <unistd.h>

namespace support {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "lamina-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"no temporary folder"};
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

  /// How many files and folders lie in it.
  std::size_t file_count() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator{path_}, {}));
  }

  /// Writes a file of these bytes and returns its path.
  std::filesystem::path write(std::string_view name, std::string_view bytes) const {
    std::ofstream out{path_ / name, std::ios::binary};
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    if (!out) throw std::runtime_error{"cannot write a test's file"};
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

/// While one lives, nobody may write into the folder: root neither, who becomes another user.
class ReadOnlyFolder {
 public:
  explicit ReadOnlyFolder(std::filesystem::path path)
      : path_{std::move(path)},
        user_{::geteuid()},
        before_{std::filesystem::status(path_).permissions()} {
    using enum std::filesystem::perms;
    constexpr auto look_only =
        owner_read | owner_exec | group_read | group_exec | others_read | others_exec;
    std::filesystem::permissions(path_, look_only);
    constexpr uid_t nobody = 65534;
    if (user_ == 0 && ::seteuid(nobody) != 0) throw std::runtime_error{"cannot stop being root"};
  }
  ~ReadOnlyFolder() {
    if (::seteuid(user_) != 0) std::abort();
    std::error_code ignored;
    std::filesystem::permissions(path_, before_, ignored);
  }
  ReadOnlyFolder(const ReadOnlyFolder&) = delete;
  ReadOnlyFolder& operator=(const ReadOnlyFolder&) = delete;

 private:
  std::filesystem::path path_;
  uid_t user_;
  std::filesystem::perms before_;
};

/// The bytes of a file; none where there is no file.
inline std::string content(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// What the exception says that `action` throws; nothing where it throws none.
template <class Action>
std::string message_of(Action&& action) {
  try {
    std::forward<Action>(action)();
  } catch (const std::exception& error) {
    return error.what();
  }
  return {};
}

}  // namespace support
