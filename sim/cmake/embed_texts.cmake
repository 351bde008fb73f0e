# SPDX-License-Identifier: Apache-2.0
# Puts text files into the binary: `parallax_embed_texts(target HEADER FUNCTION FOLDER PATTERN...)`
# adds a source that defines FUNCTION(name), declared in HEADER: the text of the file of that name
# below FOLDER, or nothing; the empty name gives all names, a line each, in order. Editing a file
# re-runs CMake, which rewrites that source.
function(parallax_embed_texts target header function folder)
  set(root ${PROJECT_SOURCE_DIR}/${folder})
  list(TRANSFORM ARGN PREPEND ${root}/ OUTPUT_VARIABLE patterns)
  file(GLOB names CONFIGURE_DEPENDS RELATIVE ${root} ${patterns})
  set(entries "")
  set(index "")
  foreach(name IN LISTS names)
    string(APPEND index "${name}\\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${root}/${name})
    file(READ ${root}/${name} text)
    string(APPEND entries "  if (name == \"${name}\") return R\"text(${text})text\";\n")
  endforeach()
  string(CONCAT source
         "#include \"${header}\"\n"
         "std::string_view ${function}(std::string_view name) {\n"
         "${entries}  if (name.empty()) return \"${index}\";\n  return {};\n}\n")
  string(MAKE_C_IDENTIFIER ${function} file)
  set(file ${PROJECT_BINARY_DIR}/${file}.cpp)
  file(CONFIGURE OUTPUT ${file} CONTENT "@source@" @ONLY)
  target_sources(${target} PRIVATE ${file})
endfunction()
