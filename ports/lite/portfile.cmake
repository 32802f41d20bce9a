# An overlay port that lies in lite's own source tree: vcpkg install lite --overlay-ports=<lite>/ports
get_filename_component(SOURCE_PATH "${CURRENT_PORT_DIR}/../.." ABSOLUTE)

# Without their features, packages that happen to be installed stay out of lite::compiled.
vcpkg_check_features(OUT_FEATURE_OPTIONS options
    FEATURES compiled LITE_BUILD_COMPILED mge LITE_MGE
    INVERTED_FEATURES packed CMAKE_DISABLE_FIND_PACKAGE_nlohmann_json cryption CMAKE_DISABLE_FIND_PACKAGE_nettle xtensor CMAKE_DISABLE_FIND_PACKAGE_xtensor
)
if(NOT "compiled" IN_LIST FEATURES)
    set(VCPKG_BUILD_TYPE release) # header-only
endif()

vcpkg_cmake_configure(
    SOURCE_PATH "${SOURCE_PATH}"
    OPTIONS ${options} -DLITE_INSTALL=ON -DLITE_BUILD_TESTS=OFF -DLITE_BUILD_APPS=OFF -DLITE_BUILD_EXAMPLES=OFF -DLITE_BUILD_BENCHMARKS=OFF
)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(PACKAGE_NAME lite CONFIG_PATH lib/cmake/lite)

file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug/include" "${CURRENT_PACKAGES_DIR}/debug/share")
if(NOT "compiled" IN_LIST FEATURES)
    file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug" "${CURRENT_PACKAGES_DIR}/lib")
endif()
file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
