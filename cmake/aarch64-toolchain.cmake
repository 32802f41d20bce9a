# Cross-compiles for aarch64 with Debian's g++-aarch64-linux-gnu and runs what it built under qemu-user.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64;-L;/usr/aarch64-linux-gnu)

# The header-only packages that lite needs are the same for every architecture, but the cross compiler does not search
# /usr/include (and must not: the rest of it is for the host): a folder with only these.
set(headers "${CMAKE_BINARY_DIR}/host-headers")
file(MAKE_DIRECTORY "${headers}")
foreach(name IN ITEMS hwy protozero flatbuffers doctest nlohmann CLI stb xtensor xtl xsimd)
  if(EXISTS "/usr/include/${name}" AND NOT EXISTS "${headers}/${name}")
    file(CREATE_LINK "/usr/include/${name}" "${headers}/${name}" SYMBOLIC)
  endif()
endforeach()
set(CMAKE_CXX_FLAGS_INIT "-isystem ${headers}")
# Their CMake packages lie in the host's folder where Debian has a library beside the headers, or thinks it might.
foreach(name IN ITEMS hwy xtensor xsimd)
  file(GLOB packages "/usr/lib/*-linux-gnu/cmake/${name}")
  if(packages)
    list(GET packages 0 package)
    set(${name}_DIR "${package}" CACHE PATH "CMake package of ${name}")
  endif()
endforeach()
