# SPDX-License-Identifier: Apache-2.0
# Installs a build into a fresh prefix, then configures, builds and runs the project beside this
# file against it, and starts the installed program.
#
#   cmake -DBUILD=... -DSCRATCH=... -DTYPE=Release -DFLAGS=... -P run.cmake
#
# BUILD the finished build, SCRATCH a folder that is emptied first, TYPE its build type, FLAGS what a
# program needs to link with it (the sanitizers).
foreach(input BUILD SCRATCH TYPE)
  if(NOT ${input})
    message(FATAL_ERROR "${input} is not given")
  endif()
endforeach()
set(prefix ${SCRATCH}/prefix)
file(REMOVE_RECURSE ${SCRATCH})

function(step what)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${what} failed (${code}):\n${output}")
  endif()
endfunction()

step("installing" ${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix})
step("configuring the consumer" ${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR} -B ${SCRATCH}/build
     -G Ninja -DCMAKE_BUILD_TYPE=${TYPE} -DCMAKE_CXX_FLAGS=${FLAGS}
     -DCMAKE_PREFIX_PATH=${prefix})
step("building the consumer" ${CMAKE_COMMAND} --build ${SCRATCH}/build)
step("running the consumer" ${SCRATCH}/build/consumer)
step("running the installed program" ${CMAKE_COMMAND} -E env --unset=LD_LIBRARY_PATH
     ${prefix}/bin/parallax --version)
foreach(file share/parallax/scenarios/schema.json share/parallax/report.schema.json
        share/man/man1/parallax.1 share/bash-completion/completions/parallax
        include/parallax/fault/fault.h include/parallax/sim/core/event.h)
  if(NOT EXISTS ${prefix}/${file})
    message(FATAL_ERROR "${file} was not installed")
  endif()
endforeach()
file(REMOVE_RECURSE ${SCRATCH})  # The copy of DuckDB is large.
