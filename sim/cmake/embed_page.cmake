# SPDX-License-Identifier: Apache-2.0
# Puts the report page into the binary: `parallax_embed_page(target)` adds two sources. One holds
# the SQL of sim/run/page/queries, rewritten by CMake; the other the page itself, which esbuild
# bundles with its charts whenever a file of sim/run/page changes.
find_program(NODE_EXECUTABLE NAMES node nodejs)
if(NOT NODE_EXECUTABLE)
  message(FATAL_ERROR "Node.js is missing: install nodejs (./parallax does it for you)")
endif()
set(PARALLAX_NODE_MODULES ${PROJECT_SOURCE_DIR}/build/node/node_modules)
if(NOT EXISTS ${PARALLAX_NODE_MODULES}/esbuild OR NOT EXISTS ${PARALLAX_NODE_MODULES}/echarts)
  message(FATAL_ERROR "The report page's npm packages are missing: run ./parallax once, or\n"
    "  mkdir -p build/node && cp sim/run/page/package*.json build/node && "
    "npm --prefix build/node ci --ignore-scripts")
endif()

function(parallax_embed_page target)
  set(folder ${PROJECT_SOURCE_DIR}/sim/run/page)
  file(GLOB queries CONFIGURE_DEPENDS RELATIVE ${folder}/queries ${folder}/queries/*.sql)
  set(entries "")
  foreach(query IN LISTS queries)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${folder}/queries/${query})
    file(READ ${folder}/queries/${query} text)
    string(APPEND entries "  if (name == \"${query}\") return R\"query(${text})query\";\n")
  endforeach()
  string(CONCAT source
         "#include \"sim/run/page_tables.h\"\n"
         "std::string_view parallax::embedded_query(std::string_view name) {\n"
         "${entries}  return {};\n}\n")
  set(file ${PROJECT_BINARY_DIR}/embedded_queries.cpp)
  file(CONFIGURE OUTPUT ${file} CONTENT "@source@" @ONLY)

  file(GLOB parts CONFIGURE_DEPENDS ${folder}/*.js ${folder}/*.mjs ${folder}/*.css ${folder}/*.html
       ${folder}/sections/*.js)
  set(page ${PROJECT_BINARY_DIR}/embedded_page.cpp)
  add_custom_command(OUTPUT ${page}
    COMMAND ${NODE_EXECUTABLE} ${folder}/build.mjs ${PARALLAX_NODE_MODULES} ${page}
    DEPENDS ${parts} ${folder}/package-lock.json
    COMMENT "Bundling the report page" VERBATIM)
  target_sources(${target} PRIVATE ${file} ${page})
endfunction()
