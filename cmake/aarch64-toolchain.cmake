# Cross-compiles for aarch64 with Debian's g++-aarch64-linux-gnu and runs what it built under qemu-user.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64;-L;/usr/aarch64-linux-gnu)

# The header-only packages that lite needs are the same for every architecture, but the cross compiler does not search
# /usr/include (and must not: the rest of it is for the host): a folder with only these.
set(headers "${CMAKE_BINARY_DIR}/host-headers")
file(MAKE_DIRECTORY "${headers}")
foreach(name IN ITEMS hwy protozero doctest nlohmann CLI stb)
  if(EXISTS "/usr/include/${name}" AND NOT EXISTS "${headers}/${name}")
    file(CREATE_LINK "/usr/include/${name}" "${headers}/${name}" SYMBOLIC)
  endif()
endforeach()
set(CMAKE_CXX_FLAGS_INIT "-isystem ${headers}")
