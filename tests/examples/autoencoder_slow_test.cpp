// SPDX-License-Identifier: MIT
// The autoencoder as its users run it: comparing, and what it, as every trainer, says when something is
// wrong.

#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "examples/trainers.hpp"
#include "support/temporary_folder.hpp"

namespace autoencoder_slow_test {

namespace fs = std::filesystem;
using support::expect_failure;
using support::Result;

using examples::subset;

Result run(const std::string& options) {
  return examples::run("autoencoder " + options);
}

/// Trains on 300 images of the subset.
Result train(const fs::path& out, const std::string& options) {
  return examples::train("autoencoder --limit 300 --batch-size 50", out, options);
}

auto tensors_of(const fs::path& run) {
  return examples::tensors_of(run / "model.safetensors");
}

TEST(Comparison, NamesTheWinner) {
  const support::TemporaryFolder folder;
  ASSERT_EQ(train(folder / "a", "--model fc --epochs 1").code, 0);
  ASSERT_EQ(train(folder / "b", "--model fc --epochs 3").code, 0);
  const Result result = run("--data " + subset + " --compare " + (folder / "a").string() + " " +
                            (folder / "b").string());
  ASSERT_EQ(result.code, 0) << result.output;
  EXPECT_NE(examples::text_of(folder / "comparison.html").find("fc (b) wins"), std::string::npos);
  examples::expect_sound_page(folder / "comparison.html");
}

TEST(TrainerErrors, WrongUsageIsExitCode2) {
  expect_failure(run("--epochs 0"), 2, "--epochs");
  expect_failure(run("--model rnn"), 2, "--model");
  expect_failure(run("--no-such-option"), 2, "--no-such-option");
  expect_failure(run("--resume"), 2, "--out");
  expect_failure(run("--compare onlyone"), 2, "--compare");
  expect_failure(run("--learning-rate fast"), 2, "--learning-rate");
}

/// Programs of a build with CUDA are the business of tests/cuda/trainers.sh.
TEST(TrainerErrors, DeviceThatTheProgramWasNotBuiltFor) {
  expect_failure(run("--device tpu"), 2, "--device");
#ifndef LAMINA_TEST_WITH_CUDA
  const support::TemporaryFolder folder;
  expect_failure(train(folder / "new", "--device cuda"), 2, "-DLAMINA_CUDA=ON");
  EXPECT_FALSE(fs::exists(folder / "new"));
  ASSERT_EQ(train(folder / "run", "--model fc --epochs 1").code, 0);
  const auto before = examples::text_of(folder / "run/settings.json");
  EXPECT_NE(before.find("\"device\": \"cpu\""), std::string::npos) << before;
  expect_failure(train(folder / "run", "--resume --epochs 2 --device cuda"), 2, "--device cpu");
  EXPECT_EQ(examples::text_of(folder / "run/settings.json"), before);
#endif
}

TEST(TrainerErrors, MissingDataSetIsExitCode1) {
  const support::TemporaryFolder folder;
  expect_failure(
      run("--data " + (folder / "none").string() + " --out " + (folder / "run").string()), 1,
      "none");
}

TEST(TrainerErrors, CorruptDataFileIsExitCode1) {
  const support::TemporaryFolder folder;
  fs::copy(subset, folder / "data");
  fs::resize_file(folder / "data/train-images-idx3-ubyte.gz", 5000);
  expect_failure(
      run("--data " + (folder / "data").string() + " --out " + (folder / "run").string()), 1,
      "train-images");
}

TEST(TrainerErrors, FolderOfAnotherRunIsNotOverwritten) {
  const support::TemporaryFolder folder;
  ASSERT_EQ(train(folder / "run", "--model fc --epochs 1").code, 0);
  const auto before = tensors_of(folder / "run");
  expect_failure(train(folder / "run", "--model fc --epochs 1 --seed 9"), 1, "already holds a run");
  EXPECT_EQ(tensors_of(folder / "run"), before);
}

TEST(TrainerErrors, ResumeWithOtherSettingsIsRefused) {
  const support::TemporaryFolder folder;
  ASSERT_EQ(train(folder / "run", "--model fc --epochs 1").code, 0);
  expect_failure(run("--resume --seed 9 --data " + subset + " --out " + (folder / "run").string()),
                 1, "seed");
}

TEST(TrainerErrors, FullDiskLeavesNoHalfWrittenFile) {
  const support::TemporaryFolder folder;
  const auto out = folder / "run";
  // A limit on the size of files stands in for the full disk: writes fail beyond it.
  const std::string command = "bash -c \"trap '' XFSZ; ulimit -f 64; " +
                              examples::command_of("autoencoder") + " --model fc --epochs 1 " +
                              "--limit 100 --data " + subset + " --out " + out.string() +
                              " > /dev/null 2> " + (folder / "errors").string() + "\"";
  const int status = std::system(command.c_str());
  EXPECT_EQ(WEXITSTATUS(status), 1);
  EXPECT_FALSE(fs::exists(out / "checkpoint.safetensors"));
  EXPECT_FALSE(fs::exists(out / "model.safetensors"));
  for (const auto& entry : fs::directory_iterator(out))
    EXPECT_TRUE(entry.path().extension() == ".json" || entry.path().extension() == ".csv")
        << entry.path();
}

}  // namespace autoencoder_slow_test
