// SPDX-License-Identifier: MIT
#pragma once
// Everything to run and train networks on an NVIDIA GPU, compiled by nvcc: the backend Cuda, to be named where
// models take a backend. The CPU's is lamina/lamina.hpp; a program may include both.

#if !defined(__CUDACC_EXTENDED_LAMBDA__) || !defined(__CUDACC_RELAXED_CONSTEXPR__)
#error \
    "lamina/cuda.hpp is for nvcc with --extended-lambda --expt-relaxed-constexpr; link lamina::cuda"
#endif

#include "lamina/backend/cuda/cuda.hpp"
#include "lamina/backend/device/captured_step.hpp"
#include "lamina/backend/device/data_parallel.hpp"
#include "lamina/core/random.hpp"
#include "lamina/core/tensor.hpp"
#include "lamina/losses/cross_entropy.hpp"
#include "lamina/losses/losses.hpp"
#include "lamina/model/initialise.hpp"
#include "lamina/model/model.hpp"
#include "lamina/optim/adam.hpp"
#include "lamina/optim/clip_grad_norm.hpp"
#include "lamina/optim/ema.hpp"
#include "lamina/optim/schedules.hpp"
#include "lamina/optim/sgd.hpp"
#include "lamina/shapes.hpp"
