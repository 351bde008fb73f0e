# SPDX-License-Identifier: Apache-2.0
# Puts the SQL models into the binary: `parallax_embed_models(target)` adds a source that defines
# parallax::pipeline::embedded_model. Editing a model re-runs CMake, which rewrites that source.
function(parallax_embed_models target)
  set(folder ${PROJECT_SOURCE_DIR}/sim/pipeline/models)
  file(GLOB models CONFIGURE_DEPENDS RELATIVE ${folder} ${folder}/*.sql ${folder}/bugs/*.sql)
  set(entries "")
  foreach(model IN LISTS models)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${folder}/${model})
    file(READ ${folder}/${model} text)
    string(APPEND entries "  if (name == \"${model}\") return R\"model(${text})model\";\n")
  endforeach()
  string(CONCAT source
         "#include \"sim/pipeline/models.h\"\n"
         "std::string_view parallax::pipeline::embedded_model(std::string_view name) {\n"
         "${entries}  return {};\n}\n")
  set(file ${PROJECT_BINARY_DIR}/embedded_models.cpp)
  file(CONFIGURE OUTPUT ${file} CONTENT "@source@" @ONLY)
  target_sources(${target} PRIVATE ${file})
endfunction()
