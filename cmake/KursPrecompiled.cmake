# Headers that are parsed once instead of in every file. CMAKE_DISABLE_PRECOMPILE_HEADERS=ON builds without them.
# `values` holds the standard library and Boost's result only: a pure module that forgets an include of ours still fails.
set(kurs_headers_values
  <algorithm> <array> <charconv> <chrono> <compare> <cstdint> <deque> <functional> <map> <memory> <optional> <set> <span>
  <string> <string_view> <utility> <vector> <boost/system/result.hpp>)
set(kurs_headers_asio ${kurs_headers_values}
  <boost/asio.hpp> <boost/asio/experimental/awaitable_operators.hpp> <boost/asio/ssl.hpp> <boost/beast/core.hpp>
  <boost/beast/http.hpp> <boost/beast/websocket.hpp> <boost/beast/websocket/ssl.hpp>
  <fmt/format.h> <nlohmann/json.hpp> <spdlog/spdlog.h>)

# A precompiled header holds times and paths. So that ccache finds its objects again, in another directory too, it reads
# a checksum beside the header instead: of the list and of the versions of what the list includes.
add_compile_options("$<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>")
set(kurs_header_versions "${CMAKE_CXX_COMPILER_VERSION} ${Boost_VERSION} ${OPENSSL_VERSION} ${fmt_VERSION} ${GTest_VERSION}\
 ${nlohmann_json_VERSION} ${spdlog_VERSION}")

function(kurs_precompiled_headers name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "HEADERS;LINKS")
  set(source "${PROJECT_BINARY_DIR}/precompiled_${name}.cpp")
  file(CONFIGURE OUTPUT "${source}" CONTENT "")
  add_library(kurs_precompiled_${name} OBJECT "${source}")
  target_precompile_headers(kurs_precompiled_${name} PRIVATE ${arg_HEADERS})
  target_link_libraries(kurs_precompiled_${name} PRIVATE kurs_options ${arg_LINKS})
  string(SHA256 checksum "${arg_HEADERS} ${kurs_header_versions}")
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/CMakeFiles/kurs_precompiled_${name}.dir/cmake_pch.hxx.pch.sum" CONTENT "${checksum}")
endfunction()

function(kurs_links_asio target result)
  get_target_property(links ${target} LINK_LIBRARIES)
  set(found FALSE)
  foreach(link IN LISTS links)
    if(link STREQUAL "kurs_asio")
      set(found TRUE)
    elseif(NOT found AND link MATCHES "^kurs_" AND TARGET ${link})
      kurs_links_asio(${link} found)
    endif()
  endforeach()
  set(${result} ${found} PARENT_SCOPE)
endfunction()

# Gives a target the precompiled headers that fit it: `suffix` is "", "_pure" or "_test".
function(kurs_precompile target suffix)
  kurs_links_asio(${target} links_asio)
  if(links_asio)
    target_precompile_headers(${target} REUSE_FROM kurs_precompiled_asio${suffix})
  else()
    target_precompile_headers(${target} REUSE_FROM kurs_precompiled_values${suffix})
  endif()
endfunction()

kurs_precompiled_headers(values HEADERS ${kurs_headers_values} LINKS Boost::headers)
if(KURS_PURE_OPTIONS)
  kurs_precompiled_headers(values_pure HEADERS ${kurs_headers_values} LINKS Boost::headers)
  target_compile_options(kurs_precompiled_values_pure PRIVATE ${KURS_PURE_OPTIONS})
endif()
kurs_precompiled_headers(asio HEADERS ${kurs_headers_asio} LINKS kurs_asio nlohmann_json::nlohmann_json spdlog::spdlog)
kurs_precompiled_headers(values_test HEADERS ${kurs_headers_values} <gtest/gtest.h> LINKS Boost::headers GTest::gtest)
kurs_precompiled_headers(asio_test HEADERS ${kurs_headers_asio} <gtest/gtest.h>
  LINKS kurs_asio nlohmann_json::nlohmann_json spdlog::spdlog GTest::gtest)
