// SPDX-License-Identifier: MIT
// The other half: see main.cpp.
#include "all_headers.hpp"

int version_of_the_other_unit();
int version_of_the_other_unit() {
  return LAMINA_VERSION_MINOR;
}
