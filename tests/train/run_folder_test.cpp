// SPDX-License-Identifier: MIT
// RunFolder: new runs get new folders, a run is never overwritten, an unusable folder is known at
// the start.

#include "lamina/train/run_folder.hpp"

#include <filesystem>
#include <fstream>
#include <regex>
#include <string>

#include <gtest/gtest.h>

#include "support/temporary_folder.hpp"

namespace run_folder_test {

using lamina::train::RunFolder;
using support::content;
using support::message_of;
using support::ReadOnlyFolder;
using support::TemporaryFolder;

TEST(RunFolder, NewRunsGetFoldersOfTheirOwn) {
  const TemporaryFolder folder;
  const auto a = RunFolder::create("cnn", folder / "runs");
  const auto b = RunFolder::create("cnn", folder / "runs");
  EXPECT_NE(a.path(), b.path());
  EXPECT_TRUE(std::filesystem::is_directory(a.path()));
  EXPECT_TRUE(std::filesystem::is_empty(b.path()));
  EXPECT_TRUE(
      std::regex_match(a.path().filename().string(), std::regex{"cnn-\\d{8}-\\d{6}(-\\d+)?"}))
      << a.path();
}

TEST(RunFolder, GivenFolderIsCreatedWithItsParents) {
  const TemporaryFolder folder;
  const auto run = RunFolder::create_at(folder / "a/b");
  EXPECT_TRUE(std::filesystem::is_directory(folder / "a/b"));
  EXPECT_EQ(run / "loss.png", folder / "a/b/loss.png");
}

TEST(RunFolder, AnotherRunIsNotOverwritten) {
  const TemporaryFolder folder;
  std::ofstream{folder / "settings.json"} << "{}";
  const auto message = message_of([&] { RunFolder::create_at(folder.path()); });
  EXPECT_NE(message.find("already holds a run"), std::string::npos) << message;
  EXPECT_EQ(content(folder / "settings.json"), "{}");
  EXPECT_EQ(RunFolder::resume(folder.path()).path(), folder.path());
  EXPECT_EQ(folder.file_count(), 1U) << "the check left something behind";
}

TEST(RunFolder, ResumingNeedsARun) {
  const TemporaryFolder folder;
  EXPECT_NE(message_of([&] { RunFolder::resume(folder.path()); }).find("no run to resume"),
            std::string::npos);
  EXPECT_NE(message_of([&] { RunFolder::resume(folder / "none"); }).find("no run to resume"),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder / "none"));
}

TEST(RunFolder, AFileInTheWayIsASentence) {
  const TemporaryFolder folder;
  std::ofstream{folder / "file"} << "x";
  EXPECT_NE(
      message_of([&] { RunFolder::create_at(folder / "file"); }).find("cannot create the folder"),
      std::string::npos);
  EXPECT_NE(message_of([&] {
              RunFolder::create("cnn", folder / "file");
            }).find("cannot create the folder"),
            std::string::npos);
}

TEST(RunFolder, AnUnwritableFolderIsKnownAtTheStart) {
  const TemporaryFolder folder;
  const ReadOnlyFolder locked{folder.path()};
  for (const auto& path : {folder.path(), folder / "new"}) {
    const auto message = message_of([&] { RunFolder::create_at(path); });
    EXPECT_NE(message.find("choose a"), std::string::npos) << message;
    EXPECT_NE(message.find(folder.path().string()), std::string::npos) << message;
  }
  EXPECT_NE(message_of([&] {
              RunFolder::create("cnn", folder.path());
            }).find("choose a folder you may write to"),
            std::string::npos);
}

}  // namespace run_folder_test
