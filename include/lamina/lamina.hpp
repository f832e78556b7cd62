// SPDX-License-Identifier: MIT
#pragma once
// Everything to describe, run and train networks on the CPU. Data sets, files and plots have headers
// of their own: lamina/data/, lamina/io/, lamina/plot/.

#include "lamina/backend/cpu/cpu.hpp"
#include "lamina/core/random.hpp"
#include "lamina/core/tensor.hpp"
#include "lamina/core/threads.hpp"
#include "lamina/losses/cross_entropy.hpp"
#include "lamina/losses/losses.hpp"
#include "lamina/model/fold_batch_norm.hpp"
#include "lamina/model/initialise.hpp"
#include "lamina/model/model.hpp"
#include "lamina/optim/adam.hpp"
#include "lamina/optim/clip_grad_norm.hpp"
#include "lamina/optim/ema.hpp"
#include "lamina/optim/schedules.hpp"
#include "lamina/optim/sgd.hpp"
#include "lamina/shapes.hpp"
