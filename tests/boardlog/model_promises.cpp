// What replicas promise, checked after every step; and how the model is read by people.
#include <algorithm>
#include <string>

#include "replica_model.hpp"

namespace kurs::model {

using enum Move::Kind;

namespace {

std::string name_of(std::size_t replica) {
    return std::string(1, static_cast<char>('A' + replica));
}

std::string text_of(const Content& content) {
    return std::to_string(content[0]) + "/" + std::to_string(content[1]);
}

constexpr std::array move_names{"the next slot begins",
                                "step",
                                "a request fails though it was answered",
                                "a late request is carried out",
                                "restarts",
                                "thaws",
                                "thaws, answers first",
                                "reaches the store again",
                                "released",
                                "CRASH",
                                "STOP in order",
                                "FREEZE",
                                "CUT:",
                                "HOLD:",
                                "CLOCK moves by 300 ms",
                                "THE STORE LOSES ITS DATA"};

}  // namespace

void World::note_broken(std::string promise) {
    if (broken_.empty()) broken_ = std::move(promise);
}

void World::check(std::size_t replica, std::uint64_t version_before) {
    const auto& process = *processes_[replica].value;
    const auto version = process.served.version();
    if (version < version_before) note_broken("the version of replica " + name_of(replica) + " went back");
    const auto content = content_of(process.served);
    if (process.state.is_common(version) && version > 0) {
        const auto known = history_->versions.find(version);
        if (known == history_->versions.end()) {
            note_broken("replica " + name_of(replica) + " serves a version as common that nobody published");
        } else if (known->second != content) {
            note_broken("replica " + name_of(replica) + " serves " + text_of(content) +
                        " under a version that has " + text_of(known->second));
        }
    }
    const auto leads = [](const Shared<Process>& each) {
        const bool is_running = each->is_up && !each->is_frozen && !each->is_due;
        return is_running && each->state.role() == Role::leader;
    };
    // A store that has lost the lease gives it to another; the entries of the first are refused.
    const bool has_lease = !store_->has_lost_data;
    if (has_lease && std::ranges::count_if(processes_, leads) > 1)
        note_broken("two replicas lead at the same time");
}

bool World::has_converged() const {
    const auto role_count = [&](Role role) {
        return std::ranges::count_if(processes_,
                                     [&](const auto& each) { return each->state.role() == role; });
    };
    if (role_count(Role::leader) != 1 || role_count(Role::follower) != replica_count - 1) return false;
    const auto& first = processes_[0]->served;
    return std::ranges::all_of(processes_, [&](const auto& each) {
        return each->served.version() == first.version() && content_of(each->served) == content_of(first) &&
               each->state.is_common(first.version());
    });
}

std::string World::describe(Move move) const {
    auto text = std::string(move_names[static_cast<std::size_t>(move.kind)]);
    if (move.kind == tick || move.kind == lose_data) return text;
    if (move.kind == stray) return text + ": " + request_names[request_of(strays_[move.detail].action)];
    if (move.kind == cut) text += std::string(" ") + link_names[move.detail];
    if (move.kind == hold || move.kind == release || move.kind == expire)
        text += std::string(" ") + request_names[move.detail];
    if (move.kind == step) {
        const auto& process = *processes_[move.replica].value;
        text = process.is_due ? "timer" : "request";
        for (std::size_t i = 0; i < 3 && !process.is_due; ++i) {
            if (process.requests[i])
                text +=
                    std::string(" ") + request_names[i] + (process.requests[i]->answer ? " answered" : "");
        }
    }
    return name_of(move.replica) + ": " + text;
}

std::string World::describe() const {
    std::string text;
    for (std::size_t i = 0; i < replica_count; ++i) {
        const auto& process = *processes_[i].value;
        const auto version = process.served.version();
        const auto start = Slots::version_of(TimePoint{std::chrono::seconds(1'700'000'000)});
        text += "  " + name_of(i) + " ";
        if (!process.is_up) {
            text += "down";
            continue;
        }
        text += process.state.role() ? std::string(to_string(*process.state.role())) : "starting";
        text += " v" + (version > 0 ? std::to_string((version - start) / 1000) : "-") +
                (process.state.is_common(version) ? "" : "'") + "=" + text_of(content_of(process.served));
    }
    return text;
}

}  // namespace kurs::model
