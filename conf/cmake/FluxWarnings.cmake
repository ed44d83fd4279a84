# flux_warnings(TARGET): the warnings of this project; errors with FLUX_WARNINGS_AS_ERRORS.
option(FLUX_WARNINGS_AS_ERRORS "Warnings are errors" OFF)

function(flux_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wconversion
    $<$<BOOL:${FLUX_WARNINGS_AS_ERRORS}>:-Werror>)
endfunction()
