# SPDX-License-Identifier: MIT
# Installs the build folder `build` into `prefix`, which is empty before.
file(REMOVE_RECURSE "${prefix}")
execute_process(COMMAND ${CMAKE_COMMAND} --install "${build}" --prefix "${prefix}"
                COMMAND_ERROR_IS_FATAL ANY OUTPUT_QUIET)

# Headers, the CMake package, the pkg-config file and the licence; nothing else.
file(GLOB_RECURSE installed RELATIVE "${prefix}" "${prefix}/*")
list(FILTER installed EXCLUDE REGEX
     "^(include/lamina/.*[.]hpp|share/cmake/lamina/(.*[.]cmake|dispatch_choice[.]cpp[.]in)|share/pkgconfig/lamina[.]pc|share/licenses/lamina/LICENSE)$")
if(installed)
  message(FATAL_ERROR "installed what is not expected: ${installed}")
endif()
