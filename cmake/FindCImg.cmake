# SPDX-License-Identifier: MIT
# CImg is one header without a CMake package. Defines CImg::CImg.
find_path(CImg_INCLUDE_DIR CImg.h)
mark_as_advanced(CImg_INCLUDE_DIR)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CImg REQUIRED_VARS CImg_INCLUDE_DIR)
if(CImg_FOUND AND NOT TARGET CImg::CImg)
  add_library(CImg::CImg INTERFACE IMPORTED)
  set_target_properties(CImg::CImg PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${CImg_INCLUDE_DIR}")
endif()
