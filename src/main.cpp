#include <unistd.h>

#include <csignal>
#include <exception>
#include <iostream>

#include "kurs/app/command_line.hpp"

int main(int count, char** arguments) {
    std::signal(SIGPIPE, SIG_IGN);  // a closed peer is an error code, not the end of the process
    try {
        return kurs::run_command({arguments + 1, arguments + count}, environ);
    } catch (const std::exception& failure) {
        std::cerr << "kurs: " << failure.what() << "\n";
        return 1;
    }
}
