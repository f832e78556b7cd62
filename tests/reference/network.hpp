// SPDX-License-Identifier: MIT
#pragma once
// A whole network in double precision, described at run time: layers one after the other, some of
// which are made of layers themselves. It is walked forward and backward, so that training steps of
// a model can be compared with it.

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "reference/layer.hpp"
#include "reference/values.hpp"

namespace reference {

namespace detail {

using Chain = std::vector<Layer>;

/// Tells every layer what reaches it; returns what comes out.
inline Extents4 set_extents(Chain& chain, Extents4 extents) {
  for (Layer& l : chain) {
    l.input_extents = extents;
    int channels = 0;
    for (Chain& branch : l.branches) {
      extents = set_extents(branch, l.input_extents);
      channels += extents.c;
    }
    if (l.kind == Kind::concat)
      extents.c = channels;
    else if (l.kind != Kind::residual)
      extents = output_extents(l);
  }
  return extents;
}

/// The single layers, in the order of torch.nn's parameters.
inline void collect(Chain& chain, std::vector<Layer*>& leaves) {
  for (Layer& l : chain) {
    for (Chain& branch : l.branches)
      collect(branch, leaves);
    if (l.branches.empty()) leaves.push_back(&l);
  }
}

inline void add_to(Values& sum, const Values& more) {
  expect_size(more, sum.size(), "a branch");
  for (std::size_t i = 0; i < sum.size(); ++i)
    sum[i] += more[i];
}

/// Moves `part`, which is one of several put side by side, to or from its place in `whole`: the
/// values of each image from `first` on.
template <class Move>
void for_each_in_part(std::size_t images, std::size_t part, std::size_t whole, std::size_t first,
                      Move move) {
  for (std::size_t n = 0; n < images; ++n)
    for (std::size_t i = 0; i < part; ++i)
      move(n * part + i, n * whole + first + i);
}

/// Keeps every layer's input for backward.
inline Values forward(Chain& chain, Values x, bool training) {
  for (Layer& l : chain) {
    expect_size(x, l.input_extents.size(), "a layer's input");
    l.input = std::move(x);
    std::vector<Values> made;
    std::size_t size = 0;
    for (Chain& branch : l.branches) {
      made.push_back(forward(branch, l.input, training));
      size += made.back().size();
    }
    if (l.kind == Kind::residual) {
      x = l.input;
      add_to(x, made.front());
    } else if (l.kind == Kind::concat) {
      const auto images = static_cast<std::size_t>(l.input_extents.n);
      x.assign(size, 0.0);
      std::size_t first = 0;
      for (const Values& part : made) {
        const std::size_t width = part.size() / images;
        for_each_in_part(images, width, size / images, first,
                         [&](std::size_t in, std::size_t out) { x[out] = part[in]; });
        first += width;
      }
    } else {
      x = forward(l, training);
    }
  }
  return x;
}

/// Fills every single layer's `gradients`.
inline Values backward(Chain& chain, Values dy, bool training) {
  for (std::size_t k = chain.size(); k-- > 0;) {
    Layer& l = chain[k];
    if (l.kind == Kind::residual) {
      add_to(dy, backward(l.branches.front(), dy, training));
    } else if (l.kind == Kind::concat) {
      const auto images = static_cast<std::size_t>(l.input_extents.n);
      Values dx(l.input.size());
      std::size_t first = 0;
      for (Chain& branch : l.branches) {
        const std::size_t width = set_extents(branch, l.input_extents).size() / images;
        Values part(images * width);
        for_each_in_part(images, width, dy.size() / images, first,
                         [&](std::size_t in, std::size_t out) { part[in] = dy[out]; });
        add_to(dx, backward(branch, std::move(part), training));
        first += width;
      }
      dy = std::move(dx);
    } else {
      l.gradients = backward(l, dy, training);
      if (!l.has_bias) l.gradients.bias.clear();
      dy = l.gradients.input;
    }
  }
  return dy;
}

}  // namespace detail

class Network {
 public:
  /// `image` is the extents of one input image; its n does not matter. Parameters are sized here.
  Network(const Extents4& image, std::vector<Layer> layers)
      : image_(image), layers_(std::move(layers)) {
    detail::set_extents(layers_, image_);
    for (Layer* l : leaves())
      detail::size_parameters(*l);
  }

  std::vector<Layer>& layers() { return layers_; }

  /// The layers that are not made of layers, in the order of their parameters.
  std::vector<Layer*> leaves() {
    std::vector<Layer*> all;
    detail::collect(layers_, all);
    return all;
  }

  /// What all AddConditions are given from here on: (batch, features).
  void set_condition(const Values& condition) {
    for (Layer* l : leaves())
      if (l->kind == Kind::add_condition) l->condition = condition;
  }

  /// `input` is (batch, C, H, W). Keeps every layer's input for `backward`.
  Values forward(Values input, int batch, bool training = true) {
    training_ = training;
    image_.n = batch;
    detail::set_extents(layers_, image_);
    return detail::forward(layers_, std::move(input), training);
  }

  /// Fills every layer's `gradients` and returns the gradient with respect to the network's input.
  Values backward(Values output_gradient) {
    return detail::backward(layers_, std::move(output_gradient), training_);
  }

  /// All parameters in PyTorch's order (weight, then bias, layer after layer), each beside its
  /// gradient of the last backward.
  struct Parameter {
    Values* value;
    const Values* gradient;
  };
  std::vector<Parameter> parameters() {
    std::vector<Parameter> all;
    for (Layer* l : leaves()) {
      if (!l->weight.empty()) all.push_back({&l->weight, &l->gradients.weight});
      if (!l->bias.empty()) all.push_back({&l->bias, &l->gradients.bias});
    }
    return all;
  }

 private:
  Extents4 image_;
  std::vector<Layer> layers_;
  bool training_ = true;
};

}  // namespace reference
