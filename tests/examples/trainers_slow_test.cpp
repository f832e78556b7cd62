// SPDX-License-Identifier: MIT
// What all trainers have in common, as their users run them on the subset: what lies in a run folder,
// and that a run goes on with the same bits after it was stopped.

#include <cmath>
#include <filesystem>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/plot/png.hpp"

#include "examples/trainers.hpp"
#include "support/temporary_folder.hpp"

namespace trainers_slow_test {

namespace fs = std::filesystem;

struct Trainer {
  const char* name;
  const char* command;                          ///< program and what makes it quick
  std::vector<const char*> models;              ///< safetensors files
  std::vector<const char*> pictures;            ///< PNG files
  std::vector<const char*> columns;             ///< of metrics.csv, between the epoch and the times
  std::string busy = "--epochs 3 --limit 100";  ///< long enough to be interrupted
};

std::ostream& operator<<(std::ostream& out, const Trainer& trainer) {
  return out << trainer.name;
}

Trainer autoencoder(const char* name, const char* command) {
  return {name,
          command,
          {"model"},
          {"loss", "reconstructions", "latent_scaled", "latent_interpolation", "latent_random"},
          {"train_mse", "test_mse", "score"},
          "--epochs 6 --limit 400"};
}
const Trainer autoencoder_fc =
    autoencoder("AutoencoderFc", "autoencoder --model fc --score-every 2");
const Trainer autoencoder_cnn =
    autoencoder("AutoencoderCnn", "autoencoder --model cnn --score-every 2");
const Trainer vae{
    "Vae",
    "vae --score-every 2",
    {"model"},
    {"loss_reconstruction", "loss_kl", "reconstructions", "samples", "kl_dimensions",
     "latent_projection", "latent_scaled", "latent_interpolation"},
    {"train_reconstruction", "train_kl", "train_sum", "test_reconstruction", "test_kl", "test_sum",
     "test_mse_mean", "test_mse_sample", "active_dimensions", "score"}};
const Trainer dcgan{
    "Dcgan",
    "dcgan --width 64 --score-every 2 --log-every 2 --mosaic-every 3",
    {"generator", "discriminator"},
    {"samples", "losses", "judgements", "progress", "mosaics/step-000003"},
    {"d_loss", "g_loss", "d_real", "d_fake", "d_fake_after", "d_accuracy", "diversity", "score"}};
const Trainer classifier{"Classifier",
                         "classifier --schedule constant",
                         {"model"},
                         {"loss"},
                         {"train_loss", "train_accuracy", "test_loss", "test_accuracy"},
                         "--epochs 6 --limit 400"};
const Trainer diffusion{
    "Diffusion",
    "diffusion --score-every 2 --schedule constant --process-steps 10 --sampler-steps 2",
    {"model"},
    {"loss", "samples", "samples_ddpm", "strip", "mosaics/epoch-001"},
    {"train_loss", "test_loss", "score"}};

class EveryTrainer : public testing::TestWithParam<Trainer> {
 protected:
  examples::Result train(const std::string& out, const std::string& more) const {
    return examples::train(GetParam().command, folder_ / out, more);
  }
  examples::Result resume(const std::string& out, const std::string& more) const {
    return examples::train(std::string(GetParam().command).substr(0, name_end()), folder_ / out,
                           "--resume " + more);
  }
  fs::path at(const std::string& name) const { return folder_ / name; }

  /// The tensors of all models, and all metrics but the times.
  void expect_same(const std::string& a, const std::string& b) const {
    for (const std::string model : GetParam().models)
      EXPECT_EQ(examples::tensors_of(at(a) / (model + ".safetensors")),
                examples::tensors_of(at(b) / (model + ".safetensors")))
          << model;
    const auto first = lamina::train::read_metrics(at(a) / "metrics.csv");
    const auto second = lamina::train::read_metrics(at(b) / "metrics.csv");
    for (const char* column : GetParam().columns)
      EXPECT_EQ(examples::as_text(first.column(column)), examples::as_text(second.column(column)))
          << column;
  }

 private:
  std::size_t name_end() const { return std::string(GetParam().command).find(' '); }
  support::TemporaryFolder folder_;
};

TEST_P(EveryTrainer, LeavesAPageAndAllPicturesAndModels) {
  const auto result = train("run", "--epochs 2 --limit 100 --batch-size 25");
  ASSERT_EQ(result.code, 0) << result.output;
  for (const char* name : GetParam().models)
    EXPECT_FALSE(examples::tensors_of(at("run") / (std::string(name) + ".safetensors")).empty());
  for (const char* name : GetParam().pictures) {
    const auto picture = lamina::plot::load_png(at("run") / (std::string(name) + ".png"));
    EXPECT_GE(picture.width(), 200) << name;
    EXPECT_GE(picture.height(), 100) << name;
    std::set<int> greens;
    for (int y = 0; y < picture.height(); ++y)
      for (int x = 0; x < picture.width(); ++x)
        greens.insert(picture.at(x, y).green);
    EXPECT_GT(greens.size(), 20U) << name << " is all but empty";
  }
  const auto metrics = lamina::train::read_metrics(at("run") / "metrics.csv");
  std::vector<std::string> columns{"epoch"};
  columns.insert(columns.end(), GetParam().columns.begin(), GetParam().columns.end());
  columns.insert(columns.end(), {"seconds", "images_per_second"});
  EXPECT_EQ(metrics.columns, columns);
  ASSERT_EQ(metrics.rows.size(), 2U);
  for (const auto& column : GetParam().columns)
    EXPECT_TRUE(std::isfinite(metrics.last(column))) << column;
  if (metrics.has_column("score")) {
    EXPECT_TRUE(std::isnan(metrics.column("score").front())) << "nobody asked for it";
  }

  const std::string page = examples::text_of(at("run") / "report.html");
  EXPECT_NE(page.find("subset"), std::string::npos) << "a page made from the subset must say so";
  examples::expect_sound_page(at("run") / "report.html");
}

TEST_P(EveryTrainer, ResumedRunHasTheBitsOfOneThatWasNeverStopped) {
  const std::string options = "--limit 100 --batch-size 25 ";
  ASSERT_EQ(train("straight", options + "--epochs 3 --threads 2").code, 0);
  ASSERT_EQ(train("twice", options + "--epochs 3 --steps 6 --threads 1").code, 0);
  const auto result = resume("twice", "--steps 0 --threads 2");
  ASSERT_EQ(result.code, 0) << result.output;
  EXPECT_NE(examples::text_of(at("twice") / "settings.json").find(", 1 thread,"), std::string::npos)
      << "a run keeps the name of the machine that it was begun with";
  expect_same("straight", "twice");
}

TEST_P(EveryTrainer, CtrlCSavesReportsAndCanGoOn) {
  const std::string options = GetParam().busy + " --batch-size 5 --seed 3";
  ASSERT_EQ(examples::interrupt_after_first_epoch(GetParam().command, at("stopped"), options), 130);
  for (const std::string model : GetParam().models)
    EXPECT_FALSE(examples::tensors_of(at("stopped") / (model + ".safetensors")).empty());
  EXPECT_FALSE(examples::tensors_of(at("stopped") / "checkpoint.safetensors").empty());
  EXPECT_NE(examples::text_of(at("stopped") / "report.html").find("interrupted"),
            std::string::npos);
  const auto result = resume("stopped", "");
  ASSERT_EQ(result.code, 0) << result.output;
  ASSERT_EQ(train("straight", options).code, 0);
  expect_same("straight", "stopped");
}

INSTANTIATE_TEST_SUITE_P(, EveryTrainer,
                         testing::Values(autoencoder_fc, autoencoder_cnn, vae, dcgan, classifier,
                                         diffusion),
                         [](const auto& trainer) { return trainer.param.name; });

}  // namespace trainers_slow_test
