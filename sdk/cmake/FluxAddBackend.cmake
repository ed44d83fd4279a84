# flux_add_backend(NAME SOURCES FILE... [LIBRARIES TARGET...])
#
# A flux backend as the shared object libflux_backend_NAME.so (the target's name is flux_backend_NAME), with the
# SDK's headers and the linker flags that it needs: one exported symbol, everything resolved when it is loaded,
# never unloaded. Install it into ${FluxSDK_BACKEND_DIR}.
set(FLUX_BACKEND_EXPORTS "${CMAKE_CURRENT_LIST_DIR}/flux_backend.map")

function(flux_add_backend name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
  if(NOT name MATCHES "^[a-z][a-z0-9_]*$")
    message(FATAL_ERROR "flux_add_backend: the name \"${name}\" must match [a-z][a-z0-9_]*")
  endif()
  if(NOT arg_SOURCES)
    message(FATAL_ERROR "flux_add_backend(${name}): SOURCES are missing")
  endif()
  set(target flux_backend_${name})
  add_library(${target} MODULE ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE flux::sdk ${arg_LIBRARIES})
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  if("CXX" IN_LIST languages)
    target_compile_features(${target} PRIVATE cxx_std_17)
  endif()
  set_target_properties(${target} PROPERTIES
    PREFIX lib
    C_VISIBILITY_PRESET hidden
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS "${FLUX_BACKEND_EXPORTS}")
  target_link_options(${target} PRIVATE
    "LINKER:--version-script=${FLUX_BACKEND_EXPORTS}"
    LINKER:-z,now,-z,relro,-z,nodelete LINKER:--exclude-libs,ALL)
  # Under a sanitizer the runtime's symbols come from the host.
  get_directory_property(options LINK_OPTIONS)
  if(NOT "${options} ${CMAKE_CXX_FLAGS} ${CMAKE_SHARED_LINKER_FLAGS}" MATCHES "-fsanitize=")
    target_link_options(${target} PRIVATE LINKER:-z,defs)
  endif()
endfunction()
