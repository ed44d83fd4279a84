# Run by cpack between installing into its own folder and packing that: a DEB has its manual pages compressed. (rpmbuild does
# it by itself, an archive need not.)
if(NOT CPACK_GENERATOR STREQUAL "DEB")
  return()
endif()
file(GLOB_RECURSE pages "${CPACK_TEMPORARY_DIRECTORY}/*.1")
list(FILTER pages INCLUDE REGEX "/man/man1/[^/]+$")
foreach(page IN LISTS pages)
  execute_process(COMMAND gzip -9 -n "${page}" COMMAND_ERROR_IS_FATAL ANY) # -n: the same bytes on every day
endforeach()
