# find_package(Flux): the target flux::core, the host as a library.
include(CMakeFindDependencyMacro)
find_dependency(FluxSDK HINTS "${CMAKE_CURRENT_LIST_DIR}/../FluxSDK")
find_dependency(fmt)
find_dependency(OpenSSL COMPONENTS Crypto)
find_dependency(Threads)
include("${CMAKE_CURRENT_LIST_DIR}/FluxTargets.cmake")
