# SPDX-License-Identifier: Apache-2.0
# Which parts go into which package; CPack reads this once a generator.
set(CPACK_COMPONENTS_ALL runtime)
if(CPACK_GENERATOR STREQUAL "TGZ")
  set(CPACK_COMPONENTS_ALL runtime archive)
  set(CPACK_COMPONENT_INCLUDE_TOPLEVEL_DIRECTORY ON)
endif()
