#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <exception>
#include <iostream>

#include "kurs/app/command_line.hpp"

namespace {

/// A socket must not get the number of a standard descriptor that was closed: messages would go there. Opened
/// the wrong way round, so that its use still fails. False where that cannot be.
bool reserve_standard_descriptors() {
    for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (fcntl(number, F_GETFD) != -1) continue;
        if (open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY) != number) return false;
    }
    return true;
}

/// A full disk is noticed only once the output is flushed.
int end(int status) {
    if (std::cout.flush()) return status;
    std::cerr << "kurs: cannot write to standard output\n";
    return 1;
}

}  // namespace

int main(int count, char** arguments) {
    if (!reserve_standard_descriptors()) return 1;
    // A closed peer, or a log file at its limit, is an error code and not the end of the process.
    for (const int number : {SIGPIPE, SIGXFSZ}) std::signal(number, SIG_IGN);
    try {
        return end(kurs::run_command({arguments + 1, arguments + count}, environ));
    } catch (const std::exception& failure) {
        std::cerr << "kurs: " << failure.what() << "\n";
        return 1;
    }
}
