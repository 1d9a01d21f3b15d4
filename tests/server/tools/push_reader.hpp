#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace kurs::testing {

enum class Wire : std::uint8_t { events, web_socket };

/// The parts of a message that a load test needs. The rest is counted and discarded.
struct PushMessage {
    std::string kind;                 ///< snapshot, changes, heartbeat
    std::optional<std::uint64_t> id;  ///< of Server-Sent Events
    std::uint64_t version = 0;
    double as_of = 0;  ///< seconds since 1970
};

/// Reads one subscriber's bytes, starting with the status line. Keeps a few hundred of them at most.
class PushReader {
public:
    using Sink = std::function<void(const PushMessage&)>;

    explicit PushReader(Wire wire) : wire_(wire) {}

    void feed(std::string_view bytes, const Sink& sink);

    unsigned status() const { return status_; }  ///< 0: unknown so far
    const std::string& broken() const {
        return broken_;
    }                                                    ///< how the protocol was violated; empty: not at all
    unsigned close_code() const { return close_code_; }  ///< 0: no close frame
    std::string take_pongs() { return std::exchange(pongs_, {}); }  ///< to be sent

private:
    void read_head(std::string_view& bytes);
    void read_chunks(std::string_view bytes, const Sink& sink);
    void read_events(std::string_view bytes, const Sink& sink);
    void read_frames(std::string_view bytes, const Sink& sink);
    bool begin_frame();
    void end_frame(const Sink& sink);
    void keep(std::string_view bytes);
    void end_message(std::string_view document, const Sink& sink);

    Wire wire_;
    unsigned status_ = 0;
    bool is_chunked_ = false;
    bool is_after_newline_ = false;
    std::size_t left_ = 0;  ///< of the chunk or frame
    unsigned opcode_ = 0;   ///< of the frame; 0: its header is being read
    unsigned close_code_ = 0;
    std::string head_;    ///< of the answer, or the beginning of the message
    std::string header_;  ///< of the chunk or frame
    std::string pongs_;
    std::string broken_;
};

}  // namespace kurs::testing
