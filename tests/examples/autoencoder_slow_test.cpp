// SPDX-License-Identifier: MIT
// The trainer as its users run it: what lies in a run folder, resuming, comparing, and what it says
// when something is wrong.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>

#include "lamina/io/safetensors_file.hpp"
#include "lamina/train/metrics.hpp"

#include "support/program.hpp"
#include "support/temporary_folder.hpp"

namespace {

namespace fs = std::filesystem;
using support::expect_failure;
using support::Result;

const std::string program = std::string(LAMINA_EXAMPLES_DIR) + "/autoencoder";
const std::string subset = std::string(LAMINA_TEST_DATA) + "/fashion-mnist-subset";

Result run(const std::string& arguments) {
  return support::run(program + " " + arguments);
}

/// Trains on 300 images of the subset.
Result train(const fs::path& out, const std::string& more) {
  return run("--limit 300 --batch-size 50 --data " + subset + " --out " + out.string() + " " +
             more);
}

std::vector<float> tensor_of(const fs::path& folder, const std::string& name) {
  return lamina::read_safetensors(folder / "model.safetensors").entries.at(name).values<float>();
}

class Trainer : public testing::TestWithParam<const char*> {};

TEST_P(Trainer, LeavesEverythingInItsFolder) {
  const support::TemporaryFolder folder;
  const auto out = folder / "run";
  const Result result = train(out, std::string("--epochs 2 --model ") + GetParam());
  ASSERT_EQ(result.code, 0) << result.output;
  for (const char* name : {"metrics.csv", "model.safetensors", "settings.json", "report.html",
                           "loss.png", "reconstructions.png", "latent_scaled.png",
                           "latent_interpolation.png", "latent_random.png"})
    EXPECT_GT(fs::file_size(out / name), 100U) << name;
  const auto metrics = lamina::train::read_metrics(out / "metrics.csv");
  EXPECT_EQ(metrics.columns, (std::vector<std::string>{"epoch", "train_mse", "test_mse", "seconds",
                                                       "images_per_second"}));
  ASSERT_EQ(metrics.rows.size(), 2U);
  EXPECT_LT(metrics.column("test_mse")[1], metrics.column("test_mse")[0]);
  EXPECT_LT(metrics.column("train_mse")[1], 0.17);  // black images: the mean square, about 0.2
  std::ifstream page(out / "report.html");
  const std::string html{std::istreambuf_iterator<char>(page), {}};
  EXPECT_NE(html.find("subset"), std::string::npos) << "a page made from the subset must say so";
}

TEST_P(Trainer, ResumedRunHasTheBitsOfOneThatWasNeverStopped) {
  const support::TemporaryFolder folder;
  const std::string model = std::string("--model ") + GetParam();
  ASSERT_EQ(train(folder / "straight", model + " --epochs 3 --threads 2").code, 0);
  ASSERT_EQ(train(folder / "twice", model + " --epochs 1 --threads 1").code, 0);
  const Result more =
      run("--resume --epochs 3 --data " + subset + " --out " + (folder / "twice").string());
  ASSERT_EQ(more.code, 0) << more.output;
  for (const char* name : {"0.1.weight", "1.0.weight", "0.3.weight"}) {
    const auto file = lamina::read_safetensors(folder / "straight/model.safetensors");
    if (!file.entries.contains(name)) continue;
    EXPECT_EQ(tensor_of(folder / "twice", name), tensor_of(folder / "straight", name)) << name;
  }
  const auto straight = lamina::train::read_metrics(folder / "straight/metrics.csv");
  const auto twice = lamina::train::read_metrics(folder / "twice/metrics.csv");
  EXPECT_EQ(twice.column("test_mse"), straight.column("test_mse"));
}

INSTANTIATE_TEST_SUITE_P(BothModels, Trainer, testing::Values("fc", "cnn"));

TEST(TrainerInterrupted, CtrlCSavesReportsAndCanGoOn) {
  const support::TemporaryFolder folder;
  const std::string options =
      " --model fc --epochs 4 --limit 1000 --batch-size 10 --data " + subset;
  // The script interrupts the trainer once its first epoch is in the metrics.
  const std::string out = (folder / "stopped").string();
  folder.write("script", "set -m\n" + program + options + " --out " + out + " &\n" +
                             "for try in {1..3000}; do\n  grep -q '^1,' " + out +
                             "/metrics.csv && break\n  sleep 0.02\ndone\n"
                             "kill -INT $!\nwait $!\n");
  const int status =
      std::system(("bash " + (folder / "script").string() + " > " + out + ".log 2>&1").c_str());
  ASSERT_EQ(WEXITSTATUS(status), 130);
  for (const char* name : {"model.safetensors", "checkpoint.safetensors", "report.html"})
    EXPECT_TRUE(fs::exists(fs::path(out) / name)) << name;
  const Result more = run("--resume --data " + subset + " --out " + out);
  ASSERT_EQ(more.code, 0) << more.output;
  ASSERT_EQ(run(options + " --out " + (folder / "straight").string()).code, 0);
  EXPECT_EQ(tensor_of(out, "0.1.weight"), tensor_of(folder / "straight", "0.1.weight"));
  EXPECT_EQ(lamina::train::read_metrics(fs::path(out) / "metrics.csv").column("test_mse"),
            lamina::train::read_metrics(folder / "straight/metrics.csv").column("test_mse"));
}

TEST(Comparison, NamesTheWinner) {
  const support::TemporaryFolder folder;
  ASSERT_EQ(train(folder / "a", "--model fc --epochs 1").code, 0);
  ASSERT_EQ(train(folder / "b", "--model fc --epochs 3").code, 0);
  const Result result = run("--data " + subset + " --compare " + (folder / "a").string() + " " +
                            (folder / "b").string());
  ASSERT_EQ(result.code, 0) << result.output;
  std::ifstream page(folder / "comparison.html");
  const std::string html{std::istreambuf_iterator<char>(page), {}};
  EXPECT_NE(html.find("fc (b) wins"), std::string::npos);
}

TEST(TrainerErrors, WrongUsageIsExitCode2) {
  expect_failure(run("--epochs 0"), 2, "--epochs");
  expect_failure(run("--model rnn"), 2, "--model");
  expect_failure(run("--no-such-option"), 2, "--no-such-option");
  expect_failure(run("--resume"), 2, "--out");
  expect_failure(run("--compare onlyone"), 2, "--compare");
  expect_failure(run("--learning-rate fast"), 2, "--learning-rate");
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
  const auto before = tensor_of(folder / "run", "0.1.weight");
  expect_failure(train(folder / "run", "--model fc --epochs 1 --seed 9"), 1, "already holds a run");
  EXPECT_EQ(tensor_of(folder / "run", "0.1.weight"), before);
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
  const std::string command = "bash -c \"trap '' XFSZ; ulimit -f 64; " + program +
                              " --model fc --epochs 1 " + "--limit 100 --data " + subset +
                              " --out " + out.string() + " > /dev/null 2> " +
                              (folder / "errors").string() + "\"";
  const int status = std::system(command.c_str());
  EXPECT_EQ(WEXITSTATUS(status), 1);
  EXPECT_FALSE(fs::exists(out / "checkpoint.safetensors"));
  EXPECT_FALSE(fs::exists(out / "model.safetensors"));
  for (const auto& entry : fs::directory_iterator(out))
    EXPECT_TRUE(entry.path().extension() == ".json" || entry.path().extension() == ".csv")
        << entry.path();
}

}  // namespace
