#include "store/call_limit.hpp"

namespace kurs {
namespace {

constexpr auto again_after = std::chrono::milliseconds(100);

}  // namespace

struct CallLimit::State {
    boost::asio::steady_timer timer;
    std::function<void()> interrupt;
    bool is_over = false;
    bool was_cut = false;
};

CallLimit::CallLimit(boost::asio::any_io_executor loop, SteadyTime until, std::function<void()> interrupt)
    : state_(new State{boost::asio::steady_timer(std::move(loop), until), std::move(interrupt)}) {
    watch(state_);
}

CallLimit::~CallLimit() {
    state_->is_over = true;
    state_->timer.cancel();
}

void CallLimit::shorten(SteadyTime until) {
    if (state_->timer.expiry() > until) state_->timer.expires_at(until);
}

bool CallLimit::was_cut() const {
    return state_->was_cut;
}

void CallLimit::watch(const std::shared_ptr<State>& state) {
    state->timer.async_wait([state](boost::system::error_code) {
        if (state->is_over) return;
        if (std::chrono::steady_clock::now() >= state->timer.expiry()) {
            state->was_cut = true;
            state->interrupt();
            state->timer.expires_after(again_after);
        }
        watch(state);
    });
}

}  // namespace kurs
