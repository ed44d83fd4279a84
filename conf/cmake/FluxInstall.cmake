# What `cmake --install` puts where, for the host: the program, the core library and its package.
# sdk/ and plugins/ install their own parts. Components: flux, flux-dev, flux-sdk-dev, flux-backend-NAME.
include(CMakePackageConfigHelpers)

install(TARGETS flux RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT flux)

get_directory_property(core_headers DIRECTORY "${CMAKE_SOURCE_DIR}/core" DEFINITION headers)
list(TRANSFORM core_headers PREPEND "${CMAKE_SOURCE_DIR}/core/")
install(FILES ${core_headers} DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/flux/core" COMPONENT flux-dev)
get_directory_property(schema_headers DIRECTORY "${CMAKE_SOURCE_DIR}/core" DEFINITION schema_headers)
list(TRANSFORM schema_headers PREPEND "${CMAKE_SOURCE_DIR}/core/")
install(FILES ${schema_headers} DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/flux/core/schema" COMPONENT flux-dev)

set(flux_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/Flux")
install(TARGETS flux_core EXPORT FluxTargets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT flux-dev)
install(EXPORT FluxTargets NAMESPACE flux:: DESTINATION "${flux_package_dir}" COMPONENT flux-dev)
write_basic_package_version_file("${CMAKE_BINARY_DIR}/FluxConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_CURRENT_LIST_DIR}/FluxConfig.cmake" "${CMAKE_BINARY_DIR}/FluxConfigVersion.cmake"
  DESTINATION "${flux_package_dir}" COMPONENT flux-dev)
