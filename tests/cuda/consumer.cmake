# SPDX-License-Identifier: MIT
# Configures, builds and runs the project `project` with the lamina installed in `prefix`, in the folder `build`.
file(REMOVE_RECURSE "${build}")
foreach(arguments IN ITEMS
        "-G;Ninja;-S;${project};-B;${build};-C;${search};-DCMAKE_CUDA_COMPILER=${nvcc};-DCMAKE_CUDA_ARCHITECTURES=90"
        "--build;${build}")
  execute_process(COMMAND ${CMAKE_COMMAND} ${arguments} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
execute_process(COMMAND "${build}/consumer" COMMAND_ERROR_IS_FATAL ANY)
