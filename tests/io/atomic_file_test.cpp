// SPDX-License-Identifier: MIT
// AtomicFile: a file is complete or not there, and an old one survives every failure.

#include "lamina/io/atomic_file.hpp"

#include <csignal>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "support/temporary_folder.hpp"

namespace atomic_file_test {

namespace fs = std::filesystem;

using support::content;
using support::message_of;
using support::ReadOnlyFolder;

struct AtomicFile : testing::Test {
  support::TemporaryFolder folder;
};

/// While one lives, no file of this process grows past `bytes`: what a full disk looks like to
/// write(2).
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &old_limit_);
    old_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{bytes, old_limit_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  ~SmallDisk() {
    ::setrlimit(RLIMIT_FSIZE, &old_limit_);
    std::signal(SIGXFSZ, old_handler_);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

 private:
  rlimit old_limit_{};
  void (*old_handler_)(int) = nullptr;
};

TEST_F(AtomicFile, WritesEveryByteAndLeavesNothingElse) {
  const std::string bytes{"a\0b\r\n\xff", 6};
  lamina::write_file_atomically(folder / "file", bytes);
  EXPECT_EQ(content(folder / "file"), bytes);
  EXPECT_EQ(folder.file_count(), 1U);
}

TEST_F(AtomicFile, ReplacesAnOlderFileAndKeepsItsPermissions) {
  lamina::write_file_atomically(folder / "file", "a longer old text");
  fs::permissions(folder / "file", fs::perms::owner_read | fs::perms::owner_write);
  lamina::write_file_atomically(folder / "file", "new");
  EXPECT_EQ(content(folder / "file"), "new");
  EXPECT_EQ(fs::status(folder / "file").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(AtomicFile, IsInvisibleUntilCommitted) {
  lamina::write_file_atomically(folder / "file", "old");
  {
    lamina::AtomicFile file{folder / "file"};
    file.write("half of the ne");
    EXPECT_EQ(content(folder / "file"), "old");
  }
  EXPECT_EQ(content(folder / "file"), "old");
  EXPECT_EQ(folder.file_count(), 1U) << "the temporary file was not removed";
}

TEST_F(AtomicFile, FullDiskKeepsTheOldFileAndSaysSo) {
  lamina::write_file_atomically(folder / "file", "old");
  std::string message;
  {
    const SmallDisk disk{1000};
    message =
        message_of([&] { lamina::write_file_atomically(folder / "file", std::string(5000, 'x')); });
  }
  EXPECT_NE(message.find((folder / "file").string()), std::string::npos) << message;
  EXPECT_NE(message.find("free some space"), std::string::npos) << message;
  EXPECT_EQ(content(folder / "file"), "old");
  EXPECT_EQ(folder.file_count(), 1U);
}

TEST_F(AtomicFile, MissingFolderIsASentence) {
  const auto message =
      message_of([&] { lamina::write_file_atomically(folder / "none/file", "x"); });
  EXPECT_NE(message.find("cannot write"), std::string::npos) << message;
  EXPECT_NE(message.find("create the folder first"), std::string::npos) << message;
}

TEST_F(AtomicFile, UnwritableFolderIsASentence) {
  lamina::write_file_atomically(folder / "file", "old");
  std::string message;
  {
    const ReadOnlyFolder locked{folder.path()};
    message = message_of([&] { lamina::write_file_atomically(folder / "file", "new"); });
  }
  EXPECT_NE(message.find("choose a folder you may write to"), std::string::npos) << message;
  EXPECT_EQ(content(folder / "file"), "old");
}

TEST_F(AtomicFile, RefusesToReplaceADeviceOrAFolder) {
  EXPECT_NE(message_of([] {
              lamina::write_file_atomically("/dev/null", "x");
            }).find("not a regular file"),
            std::string::npos);
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_NE(message_of([&] {
              lamina::write_file_atomically(folder.path(), "x");
            }).find("not a regular file"),
            std::string::npos);
}

TEST_F(AtomicFile, FollowsASymbolicLink) {
  lamina::write_file_atomically(folder / "real", "old");
  fs::create_symlink("real", folder / "link");
  lamina::write_file_atomically(folder / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(content(folder / "real"), "new");
}

TEST_F(AtomicFile, RelativeNameWithoutFolder) {
  const auto before = fs::current_path();
  fs::current_path(folder.path());
  lamina::write_file_atomically("file", "here");
  fs::current_path(before);
  EXPECT_EQ(content(folder / "file"), "here");
}

}  // namespace atomic_file_test
