# Small helpers of the build.

# Highway's include directory, without its library: lite's kernels are header-only and choose their target themselves.
function(lite_highway_headers target)
  get_target_property(dirs hwy::hwy INTERFACE_INCLUDE_DIRECTORIES)
  if(dirs)
    foreach(d IN LISTS dirs)
      if(NOT d STREQUAL "/usr/include" AND NOT d MATCHES "\\$<")
        target_include_directories(${target} SYSTEM INTERFACE "$<BUILD_INTERFACE:${d}>")
      endif()
    endforeach()
  endif()
endfunction()

function(lite_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow)
endfunction()

# lite_test(NAME SOURCES...): a doctest program linked to lite::compiled, registered with CTest.
function(lite_test name)
  add_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE lite::compiled lite_test_main)
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  lite_warnings(${name})
  add_test(NAME ${name} COMMAND ${name})
endfunction()
