// SPDX-License-Identifier: MIT
#pragma once
// Files that are either complete or not there: bytes go to a temporary file in the same folder,
// which is flushed to the disk and only then given its final name. POSIX.

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "lamina/core/isa.hpp"

namespace lamina::inline LAMINA_ISA {

/// A file under construction. Until `commit()` whatever stood under the final name is untouched;
/// without `commit()` (an exception, an early return) the temporary file is removed and the old
/// file stays. errors run: an unwritable folder, a full disk, a target that is not a regular file
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text) { write(std::as_bytes(std::span{text})); }

  /// Makes the file durable and gives it its name. Nothing may be written afterwards.
  void commit();

 private:
  [[noreturn]] void fail(int error) const;

  std::filesystem::path target_;
  std::filesystem::path temporary_;  // empty once it is committed
  int descriptor_ = -1;
};

/// Replaces the file `target`, or creates it, in one step.
inline void write_file_atomically(const std::filesystem::path& target,
                                  std::span<const std::byte> bytes) {
  AtomicFile file{target};
  file.write(bytes);
  file.commit();
}
inline void write_file_atomically(const std::filesystem::path& target, std::string_view text) {
  write_file_atomically(target, std::as_bytes(std::span{text}));
}

namespace impl {

inline std::string advice_for_write_error(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return "free some space or choose another folder";
    case EACCES:
    case EPERM:
    case EROFS:
      return "choose a folder you may write to";
    case ENOENT:
    case ENOTDIR:
      return "create the folder first or choose another";
    default:
      return "choose another folder";
  }
}

/// Where the bytes belong: a symbolic link is followed, so that it stays a link.
inline std::filesystem::path resolve_target(const std::filesystem::path& target) {
  std::error_code ignored;
  if (!std::filesystem::is_symlink(target, ignored)) return target;
  return std::filesystem::weakly_canonical(target);
}

/// A name next to `target` that no other thread or process uses.
inline std::filesystem::path temporary_beside(const std::filesystem::path& target) {
  static std::atomic<unsigned> counter{0};
  std::string name = ".";
  name.append(target.filename().string()).append(".").append(std::to_string(::getpid()));
  name.append("-").append(std::to_string(counter.fetch_add(1))).append(".tmp");
  return target.parent_path() / name;
}

}  // namespace impl

inline AtomicFile::AtomicFile(const std::filesystem::path& target)
    : target_(impl::resolve_target(target)) {
  std::error_code ignored;
  const auto status = std::filesystem::status(target_, ignored);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
    throw std::runtime_error("cannot write '" + target.string() +
                             "': it exists and is not a regular file; choose another name");

  temporary_ = impl::temporary_beside(target_);
  descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor_ < 0) {
    const int error = errno;
    temporary_.clear();
    fail(error);
  }
  // Keeping the old file's permissions is a courtesy: a file system without them is no error.
  if (std::filesystem::exists(status))
    std::filesystem::permissions(temporary_, status.permissions(), ignored);
}

inline AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

inline void AtomicFile::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      fail(errno);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

inline void AtomicFile::commit() {
  if (::fsync(descriptor_) != 0 && errno != EINVAL)
    fail(errno);  // EINVAL: a file system without fsync
  if (::close(std::exchange(descriptor_, -1)) != 0) fail(errno);
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail(errno);
  temporary_.clear();

  // The new name is durable once the folder is. The file is complete either way, so that a file
  // system which cannot flush folders is not an error.
  const auto folder =
      target_.has_parent_path() ? target_.parent_path() : std::filesystem::path{"."};
  const int folder_descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder_descriptor < 0) return;
  ::fsync(folder_descriptor);
  ::close(folder_descriptor);
}

inline void AtomicFile::fail(int error) const {
  throw std::runtime_error("cannot write '" + target_.string() +
                           "': " + std::generic_category().message(error) + "; " +
                           impl::advice_for_write_error(error));
}

}  // namespace lamina::inline LAMINA_ISA
