// Triggers the sanitizer named in its argument. In a build without that sanitizer it exits normally, and the
// test that runs this fails.
#include <climits>
#include <cstring>
#include <memory>
#include <thread>

int main(int count, char** arguments) {
    if (count != 2) return 0;
    if (std::strcmp(arguments[1], "address") == 0) {
        const auto bytes = std::make_unique<volatile char[]>(8);
        return bytes[static_cast<std::size_t>(count) + 6];  // one past the end
    }
    if (std::strcmp(arguments[1], "undefined") == 0) {
        volatile int largest = INT_MAX;
        largest = largest + count;
        return 0;
    }
    if (std::strcmp(arguments[1], "thread") == 0) {
        int shared = 0;
        std::thread other([&] { shared = 1; });
        shared = 2;
        other.join();
        return 0;
    }
    return 0;
}
