// SPDX-License-Identifier: MIT
// What only some of the generative trainers do: other losses and sizes, a run that diverges, a study of
// settings, a page about two models.

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/plot/png.hpp"

#include "examples/trainers.hpp"
#include "support/temporary_folder.hpp"

namespace generative_slow_test {

namespace fs = std::filesystem;
using support::expect_failure;

using examples::expect_sound_page;

class DcganLoss : public testing::TestWithParam<const char*> {};

TEST_P(DcganLoss, IsTrainedWith) {
  const support::TemporaryFolder folder;
  const auto result = examples::train(
      "dcgan --width 64 --log-every 1 --loss " + std::string(GetParam()), folder / "run",
      "--steps 4 --batch-size 50 --discriminator-steps 2 --label-smoothing 0.1");
  ASSERT_EQ(result.code, 0) << result.output;
  const auto steps = lamina::train::read_metrics(folder / "run/steps.csv");
  ASSERT_EQ(steps.rows.size(), 4U);
  for (const char* loss : {"d_loss", "g_loss"})
    for (const double value : steps.column(loss))
      EXPECT_TRUE(std::isfinite(value)) << loss;
  EXPECT_NE(steps.column("d_loss").front(), steps.column("d_loss").back());
}

INSTANTIATE_TEST_SUITE_P(, DcganLoss, testing::Values("non-saturating", "wasserstein", "hinge"),
                         [](const auto& loss) {
                           const std::string name = loss.param;
                           return name.substr(0, name.find('-'));
                         });

TEST(Dcgan, TrainsTheTutorialsNetworksOnLargerImages) {
  const support::TemporaryFolder folder;
  const auto result = examples::train("dcgan --model 64", folder / "run",
                                      "--steps 2 --batch-size 16 --log-every 1");
  ASSERT_EQ(result.code, 0) << result.output;
  const auto mosaic = lamina::plot::load_png(folder / "run/mosaics/step-000002.png");
  EXPECT_GE(mosaic.width(), 8 * 64);
  EXPECT_GE(mosaic.height(), 8 * 64);
}

TEST(Dcgan, StopsARunThatDivergesAndKeepsItsLastCheckpoint) {
  const support::TemporaryFolder folder;
  const auto result = examples::train("dcgan --width 64 --learning-rate 1e8", folder / "run",
                                      "--limit 50 --batch-size 50 --epochs 20 --log-every 1");
  expect_failure(result, 1, "learning rate");
  EXPECT_NE(examples::text_of(folder / "run/report.html").find("diverged"), std::string::npos);
  EXPECT_FALSE(fs::exists(folder / "run/generator.safetensors"));
  EXPECT_FALSE(examples::tensors_of(folder / "run/checkpoint.safetensors").empty());
}

TEST(DcganStudy, TrainsEachSettingOnceAndShowsAllOnOnePage) {
  const support::TemporaryFolder folder;
  const auto table =
      folder.write("study.csv", "learning_rate,width,batch_size\n2e-4,64,50\n1e-3,64,25\n");
  const std::string options = "--study " + table.string() + " --steps 4 --log-every 1";
  const auto first = examples::train("dcgan", folder / "study", options);
  ASSERT_EQ(first.code, 0) << first.output;
  const auto page = examples::text_of(folder / "study/study.html");
  EXPECT_NE(page.find("Setting 1"), std::string::npos);
  EXPECT_NE(page.find("Setting 2"), std::string::npos);
  EXPECT_NE(page.find("has the best score"), std::string::npos);
  expect_sound_page(folder / "study/study.html");

  const auto before = fs::last_write_time(folder / "study/setting-1/generator.safetensors");
  fs::remove(folder / "study/setting-2/result.json");
  fs::remove(folder / "study/study.html");
  const auto again = examples::train("dcgan", folder / "study", options);
  ASSERT_EQ(again.code, 0) << again.output;
  EXPECT_TRUE(fs::exists(folder / "study/study.html"));
  EXPECT_EQ(fs::last_write_time(folder / "study/setting-1/generator.safetensors"), before);
}

TEST(DcganStudy, NamesAColumnThatIsNoSetting) {
  const support::TemporaryFolder folder;
  const auto table = folder.write("study.csv", "learning_rate,colour\n2e-4,3\n");
  expect_failure(
      examples::train("dcgan", folder / "study", "--study " + table.string() + " --steps 1"), 1,
      "colour");
}

TEST(VaeComparison, SaysWhatSamplingCosts) {
  const support::TemporaryFolder folder;
  const std::string options = "--epochs 1 --limit 300 --batch-size 50";
  ASSERT_EQ(examples::train("autoencoder --model cnn", folder / "ae", options).code, 0);
  ASSERT_EQ(examples::train("vae", folder / "vae", options).code, 0);
  const auto result = examples::run("vae --data " + examples::subset + " --compare " +
                                    (folder / "ae").string() + " " + (folder / "vae").string());
  ASSERT_EQ(result.code, 0) << result.output;
  EXPECT_NE(examples::text_of(folder / "ae-vae.html").find("times as much"), std::string::npos);
  expect_sound_page(folder / "ae-vae.html");
}

TEST(ScoreScale, IsOrderedFromImagesToNoise) {
  const auto result = examples::run("score_scale --data " + examples::subset);
  ASSERT_EQ(result.code, 0) << result.output;
  std::istringstream lines(result.output);
  std::vector<double> scores;
  for (std::string line; std::getline(lines, line);)
    scores.push_back(std::stod(line));
  ASSERT_EQ(scores.size(), 4U) << result.output;
  EXPECT_GT(scores.front(), 0.0);
  EXPECT_TRUE(std::ranges::is_sorted(scores)) << result.output;
}

#ifdef LAMINA_CHECK_PAGE
TEST(PageCheck, FindsWhatIsWrongWithAPage) {
  const support::TemporaryFolder folder;
  const auto check = [&](const std::string& body) {
    const auto page = folder.write(
        "page.html", "<!DOCTYPE html><html><head></head><body>" + body + "</body></html>");
    return support::run(std::string(LAMINA_CHECK_PAGE) + " " + page.string());
  };
  EXPECT_EQ(check("<p>text</p>").code, 0);
  expect_failure(check("<p>text</p><img src=\"none.png\" alt=\"a cat\">"), 1, "a cat");
  expect_failure(check("<p style=\"width: 900px\">text</p>"), 1, "wider than a phone");
  expect_failure(check("<p>text</p><script>no_such_name();</script>"), 1, "no_such_name");
}
#endif

}  // namespace generative_slow_test
