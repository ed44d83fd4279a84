# What `cpack` makes, DEB and TGZ: a package each for flux, for every one of FLUX_BACKENDS, and for the SDK. Configure with
# CMAKE_INSTALL_PREFIX=/usr (the preset `package`), so that the files lie where the system looks for them.
set(FLUX_PACKAGE_MAINTAINER "The Flux authors <maintainers@flux.invalid>" CACHE STRING
  "Who answers for the packages, as NAME <ADDRESS>")
set(flux_package_revision 1)

list(TRANSFORM FLUX_BACKENDS PREPEND flux-backend- OUTPUT_VARIABLE flux_backend_components)
set(flux_package_components flux ${flux_backend_components} flux-sdk-dev)

# Every package carries its licence and its changes.
configure_file("${CMAKE_SOURCE_DIR}/conf/package/changelog.in" package/changelog @ONLY)
execute_process(COMMAND gzip -9 -n -f "${CMAKE_BINARY_DIR}/package/changelog" COMMAND_ERROR_IS_FATAL ANY)
file(READ "${CMAKE_SOURCE_DIR}/conf/package/copyright" copyright)
file(READ "${CMAKE_SOURCE_DIR}/conf/package/copyright.programs" copyright_of_programs)
foreach(component IN LISTS flux_package_components)
  set(copyright_of_component "${copyright}")
  if(NOT component IN_LIST flux_backend_components) # these hold nobody else's code
    string(APPEND copyright_of_component "${copyright_of_programs}")
  endif()
  file(CONFIGURE OUTPUT "package/${component}/copyright" CONTENT "${copyright_of_component}" @ONLY)
  set(folder "${CMAKE_INSTALL_DATADIR}/doc/${component}")
  install(FILES "${CMAKE_BINARY_DIR}/package/${component}/copyright" DESTINATION "${folder}" COMPONENT ${component})
  install(FILES "${CMAKE_BINARY_DIR}/package/changelog.gz" DESTINATION "${folder}" RENAME changelog.Debian.gz
    COMPONENT ${component})
endforeach()

set(CPACK_PACKAGE_NAME flux)
set(CPACK_PACKAGE_VENDOR "The Flux authors")
set(CPACK_PACKAGE_CONTACT "${FLUX_PACKAGE_MAINTAINER}")
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # or it would be the first line of every description
set(CPACK_PACKAGE_DIRECTORY "${CMAKE_BINARY_DIR}/packages")
set(CPACK_RESOURCE_FILE_LICENSE "${CMAKE_SOURCE_DIR}/LICENSE")
set(CPACK_GENERATOR DEB TGZ)
set(CPACK_COMPONENTS_ALL ${flux_package_components})
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS "${CMAKE_SOURCE_DIR}/conf/cmake/FluxCompressManuals.cmake")
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

# An archive for each component; those that are unpacked into one folder make one prefix, which works wherever it is.
set(CPACK_ARCHIVE_COMPONENT_INSTALL ON)
foreach(component IN LISTS flux_package_components)
  string(TOUPPER "${component}" key)
  set(CPACK_ARCHIVE_${key}_FILE_NAME
    "${component}-${PROJECT_VERSION}-${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR}")
endforeach()

# `flux-backend-abi-1 (= 1.0)`: what a backend depends on, as is or with `(>= 1.N)`, instead of on a version of flux.
file(STRINGS "${CMAKE_SOURCE_DIR}/sdk/include/flux/backend_abi.h" abi REGEX "^#define FLUX_ABI_M(AJ|IN)OR [0-9]+$")
list(TRANSFORM abi REPLACE ".* " "")
list(GET abi 0 abi_major)
list(GET abi 1 abi_minor)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE ${flux_package_revision})
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)

string(REPLACE ";" ", " suggestions "${flux_backend_components}")
set(CPACK_DEBIAN_FLUX_PACKAGE_NAME flux)
set(CPACK_DEBIAN_FLUX_PACKAGE_PROVIDES "flux-backend-abi-${abi_major} (= ${abi_major}.${abi_minor})")
set(CPACK_DEBIAN_FLUX_PACKAGE_SUGGESTS "${suggestions}")
set(CPACK_COMPONENT_FLUX_DESCRIPTION "database migrations: the program
Flux applies the scripts in a directory to a database in order, each in a
transaction, keeps in the database which it has, and takes them back.
.
Each kind of database needs its backend: the package flux-backend-NAME.")

foreach(backend IN LISTS FLUX_BACKENDS)
  string(TOUPPER "FLUX-BACKEND-${backend}" key)
  set(CPACK_DEBIAN_${key}_PACKAGE_NAME flux-backend-${backend})
  set(CPACK_DEBIAN_${key}_PACKAGE_DEPENDS flux-backend-abi-${abi_major})
  set(CPACK_COMPONENT_${key}_DESCRIPTION "database migrations: backend for ${backend}
The plugin that flux loads where the configuration of a project says that its
database is of this kind.")
endforeach()

set(CPACK_DEBIAN_FLUX-SDK-DEV_PACKAGE_NAME flux-sdk-dev)
set(CPACK_DEBIAN_FLUX-SDK-DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_FLUX-SDK-DEV_PACKAGE_SUGGESTS "flux, cmake")
set(CPACK_COMPONENT_FLUX-SDK-DEV_DESCRIPTION "database migrations: SDK for backends
What is needed to teach flux another kind of database: the headers, a CMake
package, an example and its description.")

# RPM, on request (`cpack -G RPM`): for systems whose libraries are those of the one that built it. rpmbuild finds the
# libraries; the folders are the system's, not the packages'.
set(CPACK_RPM_COMPONENT_INSTALL ON)
set(CPACK_RPM_MAIN_COMPONENT flux)
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_LICENSE MIT)
set(CPACK_RPM_PACKAGE_RELEASE ${flux_package_revision})
set(CPACK_RPM_SPEC_MORE_DEFINE "%define _build_id_links none")
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION)
foreach(folder
    include lib ${CMAKE_INSTALL_LIBDIR} ${CMAKE_INSTALL_LIBDIR}/cmake ${CMAKE_INSTALL_DATADIR}
    ${CMAKE_INSTALL_DATADIR}/bash-completion ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
    ${CMAKE_INSTALL_DATADIR}/fish ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d ${CMAKE_INSTALL_DATADIR}/zsh
    ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions ${CMAKE_INSTALL_MANDIR} ${CMAKE_INSTALL_MANDIR}/man1)
  list(APPEND CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION "/usr/${folder}")
endforeach()
foreach(component IN LISTS flux_package_components)
  string(TOUPPER "${component}" key)
  set(CPACK_RPM_${key}_PACKAGE_NAME ${component})
  set(CPACK_RPM_${key}_PACKAGE_SUMMARY "Database migrations (${component})")
  if(component IN_LIST flux_backend_components)
    set(CPACK_RPM_${key}_PACKAGE_REQUIRES flux-backend-abi-${abi_major})
  endif()
endforeach()
set(CPACK_RPM_FLUX_PACKAGE_PROVIDES "flux-backend-abi-${abi_major} = ${abi_major}.${abi_minor}")

include(CPack)
