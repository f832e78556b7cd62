// SPDX-License-Identifier: MIT
#pragma once
// Finished runs of the autoencoder and vae programs, read back from their folders to be compared.

#include <array>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "lamina/io/model_file.hpp"

#include "common/latent_gallery.hpp"
#include "common/run_report.hpp"

namespace examples {

struct FinishedRun {
  std::filesystem::path folder;
  lamina::train::Settings settings;
  lamina::train::MetricsTable metrics;
  std::string label;  ///< "cnn" or "vae", with the folder's name where both are of one kind
};

/// errors run: no run, or none with a finished epoch, in the folder
inline FinishedRun read_run(const std::filesystem::path& folder) {
  if (!lamina::train::RunFolder::holds_run(folder))
    throw std::runtime_error(folder.string() + " holds no run: it has no settings.json");
  FinishedRun run{folder,
                  lamina::train::Settings::read(folder / lamina::train::RunFolder::settings_name),
                  lamina::train::read_metrics(folder / "metrics.csv"),
                  {}};
  const auto program = run.settings.get<std::string>("program");
  run.label = program == "autoencoder" ? run.settings.get<std::string>("model") : program;
  if (run.metrics.rows.empty())
    throw std::runtime_error(folder.string() + " has no finished epoch to compare");
  return run;
}

inline std::pair<FinishedRun, FinishedRun> read_runs(const std::filesystem::path& a,
                                                     const std::filesystem::path& b) {
  std::pair<FinishedRun, FinishedRun> runs{read_run(a), read_run(b)};
  if (runs.first.label == runs.second.label) {
    runs.first.label += " (" + a.filename().string() + ")";
    runs.second.label += " (" + b.filename().string() + ")";
  }
  return runs;
}

/// Calls visit.template operator()<Kind>() for the autoencoder of this name.
template <class Visit>
auto with_kind(const std::string& name, Visit&& visit) {
  if (name == FullyConnected::name) return visit.template operator()<FullyConnected>();
  if (name == Convolutional::name) return visit.template operator()<Convolutional>();
  throw std::runtime_error("there is no model '" + name + "'; choose fc or cnn");
}

/// The state of a VAE in a file, as of a torch.nn.Module with an encoder and a decoder.
inline std::array<lamina::PrefixedState<lamina::Cpu>, 2> vae_states(VaeModel& vae) {
  return {{{"encoder.", vae.encoder().state()}, {"decoder.", vae.decoder().state()}}};
}

/// Loads the run's model and calls visit(coder) in evaluation mode.
template <class Visit>
auto with_coder(const FinishedRun& run, Visit&& visit) {
  const auto file = run.folder / "model.safetensors";
  const auto program = run.settings.get<std::string>("program");
  if (program == Variational::name) {
    VaeModel vae(lamina::Seed{});
    lamina::load_states<lamina::Cpu>(file, vae_states(vae));
    vae.eval();
    return visit(vae);
  }
  if (program != "autoencoder")
    throw std::runtime_error(run.folder.string() + " is a run of " + program +
                             "; only runs of autoencoder and vae can be compared here");
  return with_kind(run.settings.get<std::string>("model"), [&]<class Kind>() {
    ModelOf<Kind> model;
    load(model, file);
    model.eval();
    ModelCoder coder(model);
    return visit(coder);
  });
}

/// What a run's model does on the test images.
struct Reconstruction {
  std::vector<double> errors;   ///< of each test image
  lamina::Tensor<Image> shown;  ///< those asked for
};

inline Reconstruction reconstruct(const FinishedRun& run, const lamina::Dataset<Image>& test,
                                  const std::vector<std::size_t>& positions) {
  return with_coder(run, [&](auto& coder) {
    return Reconstruction{
        image_errors(coder, test),
        lamina::Tensor<Image>(coder.decode(coder.encode(batch_of(test, positions))))};
  });
}

/// Test images above what both runs make of them, with errors.
inline lamina::plot::Picture draw_both(const std::string& title, const lamina::Dataset<Image>& test,
                                       const std::vector<std::size_t>& positions,
                                       const FinishedRun& first, const FinishedRun& second) {
  lamina::plot::Mosaic mosaic(title);
  std::vector<std::string> names;
  for (const std::size_t i : positions)
    names.push_back(class_name(test, i));
  mosaic.column_labels(names);
  mosaic.row(lamina::plot::pictures_of(batch_of(test, positions).array()), "test image");
  for (const FinishedRun* run : {&first, &second}) {
    const auto made = reconstruct(*run, test, positions);
    std::vector<std::string> errors;
    for (const std::size_t i : positions)
      errors.push_back(with_digits(made.errors[i], 5));
    mosaic.row(lamina::plot::pictures_of(made.shown.array()), run->label, errors);
  }
  return mosaic.draw();
}

}  // namespace examples
