#include "redis/reply_budget.hpp"

namespace kurs::redis {
namespace {

ReplyBudget& budget_of(const redisReadTask* task) {
    return *static_cast<ReplyBudget*>(task->privdata);
}

}  // namespace

void ReplyBudget::watch(redisReader& reader) {
    standard_ = bounded_ = *reader.fn;
    bounded_.createString = create_string;
    bounded_.createArray = create_array;
    reader.fn = &bounded_;
    reader.privdata = this;
}

void* ReplyBudget::create_string(const redisReadTask* task, char* text, std::size_t size) {
    auto& budget = budget_of(task);
    return budget.take(size) ? budget.standard_.createString(task, text, size) : nullptr;
}

void* ReplyBudget::create_array(const redisReadTask* task, int elements) {
    constexpr std::size_t element_bytes = sizeof(redisReply) + sizeof(redisReply*);
    auto& budget = budget_of(task);
    const bool is_affordable = budget.take(static_cast<std::size_t>(elements) * element_bytes);
    return is_affordable ? budget.standard_.createArray(task, elements) : nullptr;
}

bool ReplyBudget::take(std::size_t bytes) {
    was_exceeded_ = was_exceeded_ || bytes > left_;
    if (was_exceeded_) return false;
    left_ -= bytes;
    return true;
}

}  // namespace kurs::redis
