# What every target is compiled with. Link `kurs_options` privately to get it.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(KURS_SANITIZE "" CACHE STRING "Value for -fsanitize=, such as address,undefined or thread")

find_program(KURS_CCACHE ccache)
if(KURS_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # ccache asks for both before it caches what was compiled with precompiled headers (KursPrecompiled.cmake).
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_PCH_EXTSUM=1 "${KURS_CCACHE}")
endif()

find_program(KURS_MOLD mold)
if(KURS_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(kurs_options INTERFACE)
target_compile_options(kurs_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)

# The sanitizers are set for every target at once, ours and third parties': mixing them gives false reports.
if(KURS_SANITIZE)
  add_compile_options(-fsanitize=${KURS_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${KURS_SANITIZE})
  # Every frame passes through the pure modules: at -O0 a process that listens to all venues takes 70 % of a processor,
  # with this 30 %.
  set(KURS_PURE_OPTIONS -O1)
endif()

# What ships. tools/check_hardening.py verifies the binary. First undefined: a compiler may define another FORTIFY level itself.
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT KURS_SANITIZE)
  add_compile_options(-fPIE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection)
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    add_compile_options(-fcf-protection=full)
  endif()
  add_link_options(-pie -Wl,-z,relro,-z,now,-z,noexecstack)
endif()
