# The warnings every target of the project is built with; SAGIPS_WERROR makes them errors.
set(SAGIPS_WARNINGS -Wall -Wextra -Wshadow -Wconversion)
set(SAGIPS_C_WARNINGS -Wall -Wextra -Wshadow -pedantic)
if(SAGIPS_WERROR)
  list(APPEND SAGIPS_WARNINGS -Werror)
  list(APPEND SAGIPS_C_WARNINGS -Werror)
endif()
function(sagips_warnings target)
  target_compile_options(${target} PRIVATE
    $<$<COMPILE_LANGUAGE:CXX>:${SAGIPS_WARNINGS}> $<$<COMPILE_LANGUAGE:C>:${SAGIPS_C_WARNINGS}>)
endfunction()
