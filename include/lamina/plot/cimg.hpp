// SPDX-License-Identifier: MIT
#pragma once
// CImg, without windows (no X11), with libpng, silent. Definitions made before or on the command
// line win; translation units that include CImg by themselves should include this header first, so
// that all agree.

#ifndef cimg_display
#define cimg_display 0
#endif
#ifndef cimg_use_png
#define cimg_use_png
#endif
#ifndef cimg_verbosity
#define cimg_verbosity 0
#endif

// CImg is not written for our warnings. As a system header it, and what it includes, is left alone
// by GCC and Clang.
#pragma GCC system_header
#include <CImg.h>
