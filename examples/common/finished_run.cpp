// SPDX-License-Identifier: MIT
#include "common/finished_run.hpp"

#include <stdexcept>

#include "lamina/io/model_file.hpp"
#include "lamina/io/state_file.hpp"
#include "lamina/plot/mosaic.hpp"
#include "lamina/plot/png.hpp"
#include "lamina/train/run_folder.hpp"

#include "common/evaluation.hpp"
#include "common/images.hpp"
#include "common/numbers.hpp"

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

template <AutoencoderKind Kind>
void with_autoencoder(const std::filesystem::path& file, const std::function<void(Coder&)>& visit) {
  ModelOf<Kind> model;
  load(model, file);
  model.eval();
  ModelCoder coder(model);
  visit(coder);
}

void with_vae(const std::filesystem::path& file, const std::function<void(Coder&)>& visit) {
  VaeModel vae(lamina::Seed{});
  lamina::load_states<lamina::Cpu>(file, vae_states(vae));
  vae.eval();
  VaeCoder coder(vae);
  visit(coder);
}

/// What a run makes of images.
lamina::Tensor<Image> reconstructions(const FinishedRun& run, const lamina::Tensor<Image>& images) {
  lamina::Tensor<Image> made;
  with_coder(
      run, [&](Coder& coder) { made = lamina::Tensor<Image>(coder.decode(coder.encode(images))); });
  return made;
}

}  // namespace

std::vector<lamina::PrefixedState<lamina::Cpu>> vae_states(VaeModel& vae) {
  return {{"encoder.", vae.encoder().state()}, {"decoder.", vae.decoder().state()}};
}

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
  if (model == FullyConnected::name) return with_autoencoder<FullyConnected>(file, visit);
  if (model == Convolutional::name) return with_autoencoder<Convolutional>(file, visit);
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
