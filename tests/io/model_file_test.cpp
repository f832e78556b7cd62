// SPDX-License-Identifier: MIT
// save and load of models, and states with prefixes: what a trainer's checkpoint is.

#include "lamina/io/model_file.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "lamina/lamina.hpp"

#include "support/error_text.hpp"
#include "support/temporary_folder.hpp"

namespace model_file_test {

using namespace lamina;

using In = Shape<2, 6, 5>;
using Net = Sequential<Sequential<Conv2d<2, 5, 3, 1, 1, Bias::no>, BatchNorm2d<5>, ReLU>,
                       Sequential<ConvTranspose2d<5, 3, 2, 2>, Flatten, Linear<360, 7>>>;
using Narrower = Sequential<Sequential<Conv2d<2, 4, 3, 1, 1, Bias::no>, BatchNorm2d<4>, ReLU>,
                            Sequential<ConvTranspose2d<4, 3, 2, 2>, Flatten, Linear<360, 7>>>;
using Shorter = Sequential<Sequential<Conv2d<2, 5, 3, 1, 1, Bias::no>, BatchNorm2d<5>, ReLU>>;

/// All values of a model by name, counters included.
template <class Model>
std::map<std::string, std::vector<float>> values_of(Model& model) {
  std::map<std::string, std::vector<float>> values;
  const auto state = model.state();
  for (const auto& tensor : state.tensors) {
    auto& copy = values[tensor.name()];
    copy.resize(tensor.size());
    tensor.read(copy);
  }
  for (const auto& counter : state.counters)
    values[counter.name] = {static_cast<float>(*counter.value)};
  return values;
}

template <class Model>
void run_once(Model& model) {
  Tensor<In> images(3);
  for (std::size_t i = 0; i < images.span().size(); ++i)
    images.span()[i] = static_cast<float>(i % 11) / 7.0F;
  model.forward(images);
}

TEST(ModelFile, HasThePyTorchNamesShapesAndTypes) {
  const support::TemporaryFolder folder;
  Model<Net, In> model{Seed{3}};
  run_once(model);
  save(model, folder / "model.safetensors");

  // state_dict() of the same nn.Sequential(nn.Sequential(nn.Conv2d(2, 5, 3, 1, 1, bias=False), ...))
  const std::map<std::string, std::vector<std::size_t>> expected{{"0.0.weight", {5, 2, 3, 3}},
                                                                 {"0.1.weight", {5}},
                                                                 {"0.1.bias", {5}},
                                                                 {"0.1.running_mean", {5}},
                                                                 {"0.1.running_var", {5}},
                                                                 {"0.1.num_batches_tracked", {}},
                                                                 {"1.0.weight", {5, 3, 2, 2}},
                                                                 {"1.0.bias", {3}},
                                                                 {"1.2.weight", {7, 360}},
                                                                 {"1.2.bias", {7}}};
  const auto file = read_safetensors(folder / "model.safetensors");
  ASSERT_EQ(file.entries.size(), expected.size());
  for (const auto& [name, shape] : expected) {
    ASSERT_TRUE(file.entries.contains(name)) << name;
    EXPECT_EQ(file.entries.at(name).shape, shape) << name;
  }
  EXPECT_EQ(file.entries.at("0.1.num_batches_tracked").values<std::int64_t>().at(0), 1);
  EXPECT_EQ(file.entries.at("0.0.weight").dtype, "F32");
  EXPECT_EQ(file.metadata.at("format"), "pt");
}

TEST(ModelFile, LoadRestoresEveryBit) {
  const support::TemporaryFolder folder;
  Model<Net, In> model{Seed{3}};
  run_once(model);
  save(model, folder / "model.safetensors");
  Model<Net, In> other{Seed{4}};
  ASSERT_NE(values_of(other), values_of(model));
  load(other, folder / "model.safetensors");
  EXPECT_EQ(values_of(other), values_of(model));
}

TEST(ModelFile, ValuesLieInPyTorchOrder) {
  const support::TemporaryFolder folder;
  Model<Net, In> model{Seed{3}};
  auto weight = model.parameter("1.0.weight");
  xt::xarray<float> values = xt::zeros<float>({5, 3, 2, 2});
  for (std::size_t i = 0; i < values.size(); ++i)
    values.data()[i] = static_cast<float>(i);
  weight.assign(values);
  save(model, folder / "model.safetensors");
  const auto stored =
      read_safetensors(folder / "model.safetensors").entries.at("1.0.weight").values<float>();
  for (std::size_t i = 0; i < stored.size(); ++i)
    EXPECT_EQ(stored[i], static_cast<float>(i));
}

/// Loading `file` into `model` must fail with these words and change nothing.
template <class Model>
void expect_refused(Model& model, const std::filesystem::path& file,
                    const std::vector<std::string>& words) {
  const auto before = values_of(model);
  const std::string text = support::error_text<std::runtime_error>([&] { load(model, file); });
  for (const auto& word : words)
    EXPECT_NE(text.find(word), std::string::npos) << "'" << word << "' is not in: " << text;
  EXPECT_EQ(values_of(model), before);
}

TEST(ModelFile, WrongShapeIsRefusedBeforeAnythingChanges) {
  const support::TemporaryFolder folder;
  Model<Narrower, In> narrower;
  save(narrower, folder / "narrower.safetensors");
  Model<Net, In> model{Seed{3}};
  expect_refused(model, folder / "narrower.safetensors",
                 {"0.0.weight", "(5, 2, 3, 3)", "(4, 2, 3, 3)"});
}

TEST(ModelFile, MissingAndSurplusTensorsAreRefused) {
  const support::TemporaryFolder folder;
  Model<Shorter, In> shorter;
  save(shorter, folder / "shorter.safetensors");
  Model<Net, In> model{Seed{3}};
  save(model, folder / "whole.safetensors");
  expect_refused(model, folder / "shorter.safetensors", {"has no tensor '1.0.weight'"});
  expect_refused(shorter, folder / "whole.safetensors", {"has a tensor '1.0.bias'", "lacks"});
}

TEST(ModelFile, TornFileIsRefused) {
  const support::TemporaryFolder folder;
  Model<Net, In> model{Seed{3}};
  const auto path = folder / "model.safetensors";
  save(model, path);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 5);
  expect_refused(model, path, {"model.safetensors"});
}

TEST(ModelFile, NaNIsNotSavedAndTheOlderFileStays) {
  const support::TemporaryFolder folder;
  const auto path = folder / "model.safetensors";
  Model<Net, In> model{Seed{3}};
  save(model, path);
  const auto good = values_of(model);

  // One NaN pixel and one training step later the weights are NaN.
  Tensor<In> images(3);
  images.span()[7] = std::numeric_limits<float>::quiet_NaN();
  Adam adam(model.parameters());
  const auto output = model.forward(images);
  const Tensor<Shape<7>> target(3);
  const auto [loss, gradient] = mse_loss(output, target);
  EXPECT_TRUE(std::isnan(loss));
  model.zero_grad();
  model.backward(gradient);
  adam.step();

  const std::string text = support::error_text<std::runtime_error>([&] { save(model, path); });
  EXPECT_NE(text.find("not saved"), std::string::npos) << text;
  Model<Net, In> read_back;
  load(read_back, path);
  EXPECT_EQ(values_of(read_back), good);
}

TEST(StateFile, CheckpointOfModelAndOptimiserGoesOnWithTheSameBits) {
  const support::TemporaryFolder folder;
  Tensor<In> images(4);
  for (std::size_t i = 0; i < images.span().size(); ++i)
    images.span()[i] = static_cast<float>((i * 7) % 13) / 13.0F;
  const Tensor<Shape<7>> target(4);
  struct Run {
    Model<Net, In> model{Seed{3}};
    Adam<Cpu> adam{model.parameters()};
    std::array<PrefixedState<Cpu>, 2> states() {
      return {PrefixedState<Cpu>{"model.", model.state()}, {"adam.", adam.state()}};
    }
  };
  const auto step = [&](Run& run) {
    const auto output = run.model.forward(images);
    const auto [loss, gradient] = mse_loss(output, target);
    run.model.zero_grad();
    run.model.backward(gradient);
    run.adam.step();
  };
  Run straight;
  for (int i = 0; i < 6; ++i)
    step(straight);

  Run first;
  for (int i = 0; i < 3; ++i)
    step(first);
  save_states<Cpu>(folder / "checkpoint.safetensors", first.states(), {{"note", "half way"}});
  Run second;
  const auto metadata = load_states<Cpu>(folder / "checkpoint.safetensors", second.states());
  EXPECT_EQ(metadata.at("note"), "half way");
  for (int i = 0; i < 3; ++i)
    step(second);
  EXPECT_EQ(values_of(second.model), values_of(straight.model));
}

}  // namespace model_file_test
