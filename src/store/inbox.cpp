#include "kurs/store/inbox.hpp"

#include <algorithm>

namespace kurs {
namespace {

void append(Batch& batch, const Batch& rows) {
    batch.quotes.insert(batch.quotes.end(), rows.quotes.begin(), rows.quotes.end());
    batch.changes.insert(batch.changes.end(), rows.changes.begin(), rows.changes.end());
}

}  // namespace

void Inbox::add(std::string id, Batch rows) {
    if (std::ranges::find(held_, id, &Held::id) != held_.end()) return;
    waiting_ += rows.quotes.size();
    held_.push_back({std::move(id), std::move(rows)});
}

const Batch& Inbox::next(std::size_t most) {
    if (!batch_.quotes.empty() || !batch_.changes.empty()) return batch_;
    batch_size_ = 0;
    for (const auto& held : held_) {
        if (batch_size_ > 0 && batch_.quotes.size() + held.rows.quotes.size() > most) break;
        append(batch_, held.rows);
        ++batch_size_;
    }
    return batch_;
}

void Inbox::written() {
    waiting_ -= batch_.quotes.size();
    batch_ = {};
    for (; batch_size_ > 0; --batch_size_) {
        written_.push_back(std::move(held_.front().id));
        held_.pop_front();
    }
}

}  // namespace kurs
