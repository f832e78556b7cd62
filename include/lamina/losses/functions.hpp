// SPDX-License-Identifier: MIT
#pragma once
// Names of the elementwise loss functions that backends implement.

namespace lamina {

/// (x - t)^2
struct SquaredError {};
/// -(t log x + (1 - t) log(1 - x)), logarithms no less than -100 as in PyTorch
struct CrossEntropyOfProbability {};
/// the same with x = sigmoid(logit), computed so that nothing overflows
struct CrossEntropyOfLogit {};
/// (x - t)^2 / 2 with x = sigmoid(logit)
struct HalfSquaredErrorOfLogit {};
/// -t x, for targets t of 1 and -1
struct Wasserstein {};
/// max(0, 1 - t x), for targets t of 1 and -1
struct Hinge {};

}  // namespace lamina
