# Asio and Beast, compiled once. Whatever includes them links `kurs_asio` and pays for templates only.
find_package(Boost 1.81 REQUIRED COMPONENTS url)
find_package(OpenSSL REQUIRED)
find_package(Threads REQUIRED)

add_library(kurs_asio STATIC "${CMAKE_CURRENT_LIST_DIR}/asio.cpp")
target_compile_definitions(kurs_asio PUBLIC
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(kurs_asio PUBLIC Boost::headers OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
