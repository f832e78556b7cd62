// SPDX-License-Identifier: MIT
#pragma once
// The errors a user reads when shapes do not fit. Each rule is one static_assert whose sentence says
// what to do; the facts are template arguments, which every compiler prints: at_layer<3>, the layer,
// expects<Shape<31, 14, 14>>, got<Shape<32, 14, 14>>, write_this<Conv2d<32, 64, 4, 2, 1>>.

#include "lamina/core/shape.hpp"
#include "lamina/layers/flat_list.hpp"
#include "lamina/layers/layer.hpp"

namespace lamina {

struct Flatten;
template <int Channels, int Height, int Width>
struct Unflatten;

// Words of the error messages; they are never defined.
template <class... Facts>
struct expects;
template <class... Facts>
struct got;
template <class... Layers>
struct write_this;
template <class S>
struct at_least;
template <std::size_t Number>
struct part_number;
template <std::size_t Count>
struct a_number_below;
struct a_vector;
struct no_condition;
struct an_image;

namespace detail {

template <class At, class L, class Expects, class Got, class Write>
consteval void channels_must_match() {
  static_assert(
      fits<At, L, Expects, Got, Write>,
      "lamina: this layer was written for another number of channels or features than "
      "reach it. Write the number in 'got' in its place, as 'write_this' shows, or change the "
      "layer in front of it.");
}

template <class At, class L, class Expects, class Got, class Write>
consteval void needs_vector() {
  static_assert(fits<At, L, Expects, Got, Write>,
                "lamina: this layer takes vectors, Shape<features>, and an image reaches it. Put "
                "in its place what 'write_this' shows.");
}

template <class At, class L, class Expects, class Got, class Write>
consteval void needs_image() {
  static_assert(
      fits<At, L, Expects, Got, Write>,
      "lamina: this layer takes images, Shape<channels, height, width>, and something "
      "else reaches it. Put in its place what 'write_this' shows, or an Unflatten<channels, "
      "height, width> of your choice in front of it.");
}

template <class At, class L, class Expects, class Got>
consteval void window_must_fit() {
  static_assert(fits<At, L, Expects, Got>,
                "lamina: the window of this layer is larger than the padded image that reaches it, "
                "or its padding leaves nothing. Use a smaller kernel, other padding, or fewer "
                "strided layers in front of it.");
}

template <class At, class L, class Expects, class Got>
consteval void sizes_must_match() {
  static_assert(fits<At, L, Expects, Got>,
                "lamina: Unflatten<channels, height, width> cannot make an image of that many "
                "values: channels * height * width must be the number in 'got'. Change its "
                "arguments, or the layer in front of it.");
}

template <class At, class L, class Got>
consteval void groups_must_divide() {
  static_assert(fits<At, L, Got>,
                "lamina: a GroupNorm cuts the channels that reach it ('got') into groups of one "
                "size, so that its first argument must divide their number.");
}

template <class At, class L, class Expects, class Got>
consteval void residual_must_keep_the_shape() {
  static_assert(
      fits<At, L, Expects, Got>,
      "lamina: a Residual adds what its layers put out ('got') to what went into them "
      "('expects'), so that both must have one shape. Change its last layer, or put a layer "
      "that changes the shape in front of the Residual.");
}

template <class At, class L, class Expects, class Got>
consteval void branches_must_match() {
  static_assert(
      fits<At, L, Expects, Got>,
      "lamina: the branches of a Concat may differ in their channels only. Change the "
      "strides, paddings or kernels of the branch that puts out 'got' so that it puts out "
      "'expects', whatever its channels.");
}

template <class At, class L, class Expects, class Got>
consteval void conditions_must_match() {
  static_assert(
      fits<At, L, Expects, Got>,
      "lamina: all layers of a network that take a condition take the same one. Change the "
      "number of features of this layer ('got') or of those in front of it ('expects').");
}

template <class Expects, class Got>
consteval void condition_must_fit() {
  static_assert(
      fits<Expects, Got>,
      "lamina: forward got another condition than the network's layers take. Networks with "
      "AddCondition layers take forward(images, condition) with a condition of shape "
      "'expects', others forward(images) alone.");
}

template <class At, class L>
consteval void numbers_must_be_positive() {
  static_assert(fits<At, L>,
                "lamina: an argument of this layer is too small: channels, features, groups, "
                "kernel, stride and scale are at least 1, paddings at least 0. The order is "
                "torch.nn's: in, out, "
                "kernel, stride, padding, output padding.");
}

template <class At, class L>
consteval void output_padding_must_be_smaller() {
  static_assert(fits<At, L>,
                "lamina: the output padding of a ConvTranspose2d, its sixth argument, must be "
                "smaller than its stride, the fourth.");
}

template <class At, class L>
consteval void padding_must_be_at_most_half() {
  static_assert(fits<At, L>,
                "lamina: the padding of a MaxPool2d or AvgPool2d, its third argument, must be at "
                "most half of its kernel, the first: a window of padding alone has no value.");
}

template <class At, class L>
consteval void slope_must_be_positive() {
  static_assert(fits<At, L>,
                "lamina: the slope of a LeakyReLU must be positive; for slope 0, write ReLU.");
}

template <class At, class L>
consteval void probability_must_be_below_1() {
  static_assert(fits<At, L>,
                "lamina: the probability of a Dropout must be at least 0 and below 1.");
}

template <class At, class Got>
consteval void must_be_a_layer() {
  static_assert(fits<At, Got>,
                "lamina: 'got' is not a layer. A Sequential takes layers as types, such as ReLU or "
                "Linear<784, 10>; one of your own has describe(Dims) and name(), see "
                "lamina/layers/layer.hpp.");
}

template <class Expects, class Got>
consteval void batch_must_fit() {
  static_assert(
      fits<Expects, Got>,
      "lamina: this batch (or data set) has images of another shape than the model takes. "
      "Make the model for the images in 'got', or resize the images to 'expects'.");
}

template <class Expects, class Got>
consteval void gradient_must_fit() {
  static_assert(fits<Expects, Got>,
                "lamina: this gradient has another shape than the model's output. Pass backward "
                "the gradient of a loss of this model's own output.");
}

template <class Expects, class Got>
consteval void target_must_fit() {
  static_assert(fits<Expects, Got>,
                "lamina: a loss compares two batches of one shape; here prediction ('got') and "
                "target ('expects') differ. Change the network's last layers or the target.");
}

template <class Expects, class Got>
consteval void logits_must_be_vectors() {
  static_assert(
      fits<Expects, Got>,
      "lamina: cross_entropy and accuracy take logits, one number for each class, and these "
      "('got') are images. Put a Flatten, or a Flatten and a Linear<infer, classes>, at the "
      "end of the network.");
}

template <class Expects, class Got>
consteval void part_must_exist() {
  static_assert(fits<Expects, Got>,
                "lamina: this network has no part with that number. Parts are the elements of its "
                "outermost Sequential, counted from 0.");
}

template <AnyShape Expected, AnyShape Actual>
inline constexpr bool same_shape = Expected::value == Actual::value;

/// Each is true where the shapes agree, and the one readable error where they do not.
template <class Expected, class Actual>
consteval bool check_batch() {
  if constexpr (!same_shape<Expected, Actual>) batch_must_fit<expects<Expected>, got<Actual>>();
  return same_shape<Expected, Actual>;
}
template <class Expected, class Actual>
consteval bool check_gradient() {
  if constexpr (!same_shape<Expected, Actual>) gradient_must_fit<expects<Expected>, got<Actual>>();
  return same_shape<Expected, Actual>;
}
template <class Expected, class Actual>
consteval bool check_target() {
  if constexpr (!same_shape<Expected, Actual>) target_must_fit<expects<Expected>, got<Actual>>();
  return same_shape<Expected, Actual>;
}

template <class Actual>
consteval bool check_logits() {
  if constexpr (Actual::rank != 1) logits_must_be_vectors<expects<a_vector>, got<Actual>>();
  return Actual::rank == 1;
}

template <class Expected, class Actual>
consteval bool check_condition() {
  if constexpr (!std::same_as<Expected, Actual>)
    condition_must_fit<expects<Expected>, got<Actual>>();
  return std::same_as<Expected, Actual>;
}

/// What to write in place of a layer that takes vectors where an image arrives, or the other way
/// round: batch normalisation has a twin for each, other layers a reshape in front of them.
template <class L, Dims Got>
struct OfOtherRank {
  static constexpr int size = static_cast<int>(Got.size());
  using resolved = typename ResolvedLayer<L, make_dims(size)>::type;
  using for_images = write_this<Unflatten<size, 1, 1>, resolved>;
  using for_vectors = write_this<Flatten, resolved>;
};
template <class L, Dims Got>
  requires requires { typename L::template for_images<1>; }
struct OfOtherRank<L, Got> {
  using for_vectors = write_this<typename L::template for_images<Got.channels()>>;
};
template <class L, Dims Got>
  requires requires { typename L::template for_vectors<1>; }
struct OfOtherRank<L, Got> {
  using for_images = write_this<typename L::template for_vectors<static_cast<int>(Got.size())>>;
};

/// Calls the rule for a problem with the facts as types.
template <Problem Rule, class At, class L, Dims Got, Dims Expected>
consteval void report() {
  using got_ = got<ShapeOf<Got>>;
  using expects_ = expects<ShapeOf<Expected>>;
  if constexpr (Rule == Problem::channels) {
    using mended = typename ResolvedLayer<L, Got>::type;
    channels_must_match<At, L, expects_, got_, write_this<mended>>();
  } else if constexpr (Rule == Problem::needs_vector) {
    needs_vector<At, L, expects<a_vector>, got_, typename OfOtherRank<L, Got>::for_vectors>();
  } else if constexpr (Rule == Problem::needs_image) {
    needs_image<At, L, expects<an_image>, got_, typename OfOtherRank<L, Got>::for_images>();
  } else if constexpr (Rule == Problem::window) {
    window_must_fit<At, L, expects<at_least<ShapeOf<Expected>>>, got_>();
  } else if constexpr (Rule == Problem::reshape) {
    sizes_must_match<At, L, expects_, got_>();
  } else if constexpr (Rule == Problem::groups) {
    groups_must_divide<At, L, got_>();
  } else if constexpr (Rule == Problem::residual) {
    residual_must_keep_the_shape<At, L, expects_, got_>();
  } else if constexpr (Rule == Problem::concat) {
    branches_must_match<At, L, expects_, got_>();
  } else if constexpr (Rule == Problem::condition) {
    conditions_must_match<At, L, expects_, got_>();
  } else if constexpr (Rule == Problem::numbers) {
    numbers_must_be_positive<At, L>();
  } else if constexpr (Rule == Problem::output_padding) {
    output_padding_must_be_smaller<At, L>();
  } else if constexpr (Rule == Problem::padding) {
    padding_must_be_at_most_half<At, L>();
  } else if constexpr (Rule == Problem::slope) {
    slope_must_be_positive<At, L>();
  } else if constexpr (Rule == Problem::probability) {
    probability_must_be_below_1<At, L>();
  } else {
    must_be_a_layer<At, got<L>>();
  }
}

}  // namespace detail

}  // namespace lamina
