// SPDX-License-Identifier: MIT
#pragma once
// A whole network in double precision, described at run time: a flat list of layers that is walked
// forward and backward, so that training steps of a model can be compared with it.

#include <cstddef>
#include <utility>
#include <vector>

#include "reference/layer.hpp"
#include "reference/values.hpp"

namespace reference {

class Network {
 public:
  /// `image` is the extents of one input image; its n does not matter. Parameters are sized here.
  Network(const Extents4& image, std::vector<Layer> layers) : layers_(std::move(layers)) {
    set_extents(image);
    for (Layer& l : layers_)
      detail::size_parameters(l);
  }

  std::vector<Layer>& layers() { return layers_; }

  /// What all AddConditions are given from here on: (batch, features).
  void set_condition(const Values& condition) {
    for (Layer& l : layers_)
      if (l.kind == Kind::add_condition) l.condition = condition;
  }

  /// `input` is (batch, C, H, W). Keeps every layer's input for `backward`.
  Values forward(Values input, int batch, bool training = true) {
    training_ = training;
    Extents4 image = layers_.front().input_extents;
    image.n = batch;
    set_extents(image);
    for (Layer& l : layers_) {
      expect_size(input, l.input_extents.size(), "a layer's input");
      l.input = std::move(input);
      input = detail::forward(l, training);
    }
    return input;
  }

  /// Fills every layer's `gradients` and returns the gradient with respect to the network's input.
  Values backward(Values output_gradient) {
    for (std::size_t i = layers_.size(); i-- > 0;) {
      layers_[i].gradients = detail::backward(layers_[i], output_gradient, training_);
      if (!layers_[i].has_bias) layers_[i].gradients.bias.clear();
      output_gradient = layers_[i].gradients.input;
    }
    return output_gradient;
  }

  /// All parameters in PyTorch's order (weight, then bias, layer after layer), each beside its
  /// gradient of the last backward.
  struct Parameter {
    Values* value;
    const Values* gradient;
  };
  std::vector<Parameter> parameters() {
    std::vector<Parameter> all;
    for (Layer& l : layers_) {
      if (!l.weight.empty()) all.push_back({&l.weight, &l.gradients.weight});
      if (!l.bias.empty()) all.push_back({&l.bias, &l.gradients.bias});
    }
    return all;
  }

 private:
  void set_extents(Extents4 extents) {
    for (Layer& l : layers_) {
      l.input_extents = extents;
      extents = detail::output_extents(l);
    }
  }

  std::vector<Layer> layers_;
  bool training_ = true;
};

}  // namespace reference
