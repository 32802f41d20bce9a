# protozero: a header-only reader of the protobuf wire format, without a CMake package of its own in Debian.
find_path(PROTOZERO_INCLUDE_DIR protozero/pbf_reader.hpp)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(protozero REQUIRED_VARS PROTOZERO_INCLUDE_DIR)
if(protozero_FOUND AND NOT TARGET protozero::protozero)
  add_library(protozero::protozero INTERFACE IMPORTED)
  target_include_directories(protozero::protozero INTERFACE "${PROTOZERO_INCLUDE_DIR}")
endif()
