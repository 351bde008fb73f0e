# SPDX-License-Identifier: Apache-2.0
# Puts the pages of `parallax help` and the folder READMEs that they are made of into the program,
# and what `--version` says of the build.
parallax_embed_texts(parallax_run sim/run/help.h parallax::embedded_text .
  README.md assertions/README.md fault/README.md scenarios/README.md sim/*/README.md
  sim/run/help/*.md fault/emission/missing_id.cpp scenarios/smoke/plain.json)

set(PARALLAX_COMMIT "" CACHE STRING "The commit that --version names; packages set it")
set_source_files_properties(sim/run/build_facts.cpp PROPERTIES COMPILE_DEFINITIONS
  "PARALLAX_BUILD_TYPE=\"${CMAKE_BUILD_TYPE}\";PARALLAX_COMMIT=\"${PARALLAX_COMMIT}\";PARALLAX_MACHINE=\"${CMAKE_SYSTEM_PROCESSOR} ${CMAKE_SYSTEM_NAME}\"")

# The live page.
parallax_embed_texts(parallax_run sim/run/live.h parallax::embedded_live_file sim/run/live
  *.html *.js *.css)
