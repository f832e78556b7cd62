// SPDX-License-Identifier: MIT
#pragma once

// The version of lamina, in this one place: CMake, pkg-config and programs all read it from here.

#define LAMINA_VERSION_MAJOR 0
#define LAMINA_VERSION_MINOR 1
#define LAMINA_VERSION_PATCH 0
