# FlatBuffers' headers alone: all that reading .mge files takes. Its own CMake package has other names in every distribution, and would
# add its library.
find_path(FLATBUFFERS_INCLUDE_DIR flatbuffers/flatbuffers.h)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(lite_flatbuffers REQUIRED_VARS FLATBUFFERS_INCLUDE_DIR)
mark_as_advanced(FLATBUFFERS_INCLUDE_DIR)
if(lite_flatbuffers_FOUND AND NOT TARGET lite_flatbuffers::headers)
  add_library(lite_flatbuffers::headers INTERFACE IMPORTED)
  target_include_directories(lite_flatbuffers::headers INTERFACE "${FLATBUFFERS_INCLUDE_DIR}")
endif()
