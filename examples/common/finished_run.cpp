// SPDX-License-Identifier: MIT
#include "common/finished_run.hpp"

#include <stdexcept>

#include "lamina/io/state_file.hpp"
#include "lamina/plot/mosaic.hpp"
#include "lamina/plot/png.hpp"
#include "lamina/train/run_folder.hpp"

#include "common/autoencoder_learner.hpp"
#include "common/evaluation.hpp"
#include "common/images.hpp"
#include "common/numbers.hpp"
#include "common/vae_learner.hpp"

namespace examples {
namespace {

using lamina::train::RunFolder;

FinishedRun read_run(const std::filesystem::path& folder) {
  if (!RunFolder::holds_run(folder))
    throw std::runtime_error(folder.string() + " holds no run: it has no settings.json");
  FinishedRun run{folder,
                  lamina::train::Settings::read(folder / RunFolder::settings_name),
                  lamina::train::read_metrics(folder / "metrics.csv"),
                  {}};
  const auto program = run.settings.get<std::string>("program");
  run.label = program == "autoencoder" ? run.settings.get<std::string>("model") : program;
  if (run.metrics.rows.empty())
    throw std::runtime_error(folder.string() + " has no finished epoch to compare");
  return run;
}

/// Loads what save_trained wrote and calls visit with it.
void with_trained(const std::filesystem::path& file, Coder& coder, const HostStates::States& states,
                  const std::function<void(Coder&)>& visit) {
  lamina::load_states<lamina::Cpu>(file, states);
  coder.train(false);
  visit(coder);
}

void with_autoencoder(const std::string& kind, const std::filesystem::path& file,
                      const std::function<void(Coder&)>& visit) {
  const auto learner = make_autoencoder(kind, lamina::Seed{}, Device::cpu);
  with_trained(file, *learner, {learner->states().fetch("model.", "")}, visit);
}

void with_vae(const std::filesystem::path& file, const std::function<void(Coder&)>& visit) {
  const auto vae = make_vae(lamina::Seed{}, lamina::PixelModel::bernoulli, 1.0F, Device::cpu);
  with_trained(
      file, *vae,
      {vae->states().fetch("encoder.", "encoder."), vae->states().fetch("decoder.", "decoder.")},
      visit);
}

/// What a run makes of images.
lamina::Tensor<Image> reconstructions(const FinishedRun& run, const lamina::Tensor<Image>& images) {
  lamina::Tensor<Image> made;
  with_coder(
      run, [&](Coder& coder) { made = lamina::Tensor<Image>(coder.decode(coder.encode(images))); });
  return made;
}

}  // namespace

std::filesystem::path comparison_page(const std::string& out, const std::filesystem::path& first,
                                      const std::string& name) {
  namespace fs = std::filesystem;
  return (out.empty() ? fs::absolute(first).lexically_normal().parent_path() : fs::path(out)) /
         name;
}

std::pair<FinishedRun, FinishedRun> read_runs(const std::filesystem::path& a,
                                              const std::filesystem::path& b) {
  std::pair<FinishedRun, FinishedRun> runs{read_run(a), read_run(b)};
  if (runs.first.label == runs.second.label) {
    runs.first.label += " (" + a.filename().string() + ")";
    runs.second.label += " (" + b.filename().string() + ")";
  }
  return runs;
}

void with_coder(const FinishedRun& run, const std::function<void(Coder&)>& visit) {
  const auto file = run.folder / "model.safetensors";
  const auto program = run.settings.get<std::string>("program");
  if (program == Variational::name) return with_vae(file, visit);
  if (program != "autoencoder")
    throw std::runtime_error(run.folder.string() + " is a run of " + program +
                             "; only runs of autoencoder and vae can be compared here");
  const auto model = run.settings.get<std::string>("model");
  if (model == FullyConnected::name || model == Convolutional::name)
    return with_autoencoder(model, file, visit);
  throw std::runtime_error(run.folder.string() + " has a model '" + model +
                           "'; only fc and cnn can be compared here");
}

std::vector<double> test_errors(const FinishedRun& run, const lamina::Dataset<Image>& test) {
  std::vector<double> errors;
  with_coder(run, [&](Coder& coder) { errors = image_errors(coder, test); });
  return errors;
}

Png draw_both(const std::string& title, const lamina::Dataset<Image>& test,
              const std::vector<std::size_t>& positions, const FinishedRun& first,
              const FinishedRun& second) {
  const auto images = batch_of(test, positions);
  lamina::plot::Mosaic mosaic(title);
  std::vector<std::string> names;
  for (const std::size_t i : positions)
    names.push_back(class_name(test, i));
  mosaic.column_labels(names);
  mosaic.row(lamina::plot::pictures_of(images.array()), "test image");
  for (const FinishedRun* run : {&first, &second}) {
    const auto made = reconstructions(*run, images);
    std::vector<std::string> errors;
    for (std::size_t i = 0; i < positions.size(); ++i)
      errors.push_back(
          with_digits(lamina::mse_loss(made.images(i, 1), images.images(i, 1)).value, 5));
    mosaic.row(lamina::plot::pictures_of(made.array()), run->label, errors);
  }
  return lamina::plot::encode_png(mosaic.draw());
}

}  // namespace examples
