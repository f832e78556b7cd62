// SPDX-License-Identifier: MIT
#pragma once
// Sequential<Layers...>: layers one after the other.

namespace lamina {

/// Layers one after the other (torch.nn.Sequential). Sequentials nest; nesting only names things.
template <class... Layers>
struct Sequential {};

/// What comes in goes out (torch.nn.Identity): the branch of a Concat that passes its input on.
using Identity = Sequential<>;

}  // namespace lamina
