include("${CMAKE_CURRENT_LIST_DIR}/FluxSDKTargets.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/FluxAddBackend.cmake")
