#pragma once

#include <optional>
#include <string>
#include <vector>

#include "stream_session.hpp"

/// Records what a session does to its connection.
class FakePeer final : public sim::Peer {
public:
    void send(sim::Frame frame) override { frames.push_back(std::move(frame)); }
    void ping(std::string payload) override { pings.push_back(std::move(payload)); }
    void end(sim::Ending wanted) override {
        if (!ending) ending = std::move(wanted);
    }
    void hold_writes(bool hold) override { is_held = hold; }

    std::string last() const { return frames.empty() ? std::string{} : frames.back().text; }

    std::vector<sim::Frame> frames;
    std::vector<std::string> pings;
    std::optional<sim::Ending> ending;
    bool is_held = false;
};
