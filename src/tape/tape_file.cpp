#include "kurs/tape/tape_file.hpp"

#include <spdlog/spdlog.h>
#include <zlib.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "kurs/domain/time_text.hpp"

namespace kurs::tape {
namespace {

namespace fs = std::filesystem;

constexpr Duration write_every = std::chrono::seconds(1);
constexpr std::size_t block_size = 256u << 10;
constexpr auto suffix = ".tape.gz";

std::string name_of(const std::string& prefix, TimePoint now) {
    return prefix + "." + to_rfc3339(now) + suffix;
}

/// The names of times are in the order of the times.
void delete_oldest(const std::string& prefix, std::size_t kept) {
    const fs::path path(prefix);
    const auto start = path.filename().string() + ".";
    std::vector<fs::path> files;
    std::error_code ignored;
    for (const auto& entry :
         fs::directory_iterator(path.has_parent_path() ? path.parent_path() : ".", ignored)) {
        const auto name = entry.path().filename().string();
        if (name.starts_with(start) && name.ends_with(suffix)) files.push_back(entry.path());
    }
    std::ranges::sort(files);
    for (std::size_t i = 0; i + kept < files.size(); ++i) fs::remove(files[i], ignored);
}

class TapeFile final : public Tape {
public:
    TapeFile(gzFile file, std::string name, FileLimits limits)
        : file_(file), name_(std::move(name)), limits_(limits), writer_([this] { write(); }) {}

    ~TapeFile() override {
        hand_over();
        {
            const std::lock_guard lock(mutex_);
            is_closing_ = true;
        }
        woken_.notify_one();
        writer_.join();
        gzclose(file_);
    }

    TapeFile(const TapeFile&) = delete;
    TapeFile& operator=(const TapeFile&) = delete;

    void add(Kind kind, TimePoint at, std::size_t feed, std::string_view payload) override {
        if (has_ended_) return;
        block_.append(to_string(kind)).append(" ");
        block_.append(std::to_string(at.time_since_epoch().count())).append(" ");
        block_.append(std::to_string(feed)).append(" ");
        block_.append(std::to_string(payload.size())).append("\n");
        block_.append(payload).append("\n");
        if (block_.size() < block_size && at - handed_over_at_ < write_every) return;
        handed_over_at_ = std::max(at, handed_over_at_);
        hand_over();
    }

    bool is_full() const override { return has_ended_ || written_ > limits_.bytes; }

private:
    void hand_over() {
        {
            const std::lock_guard lock(mutex_);
            if (unwritten_.size() + block_.size() > limits_.unwritten)
                return end("the disk does not keep up");
            unwritten_ += block_;
        }
        block_.clear();
        woken_.notify_one();
    }

    // On the writer's thread.
    void write() {
        std::unique_lock lock(mutex_);
        for (;;) {
            woken_.wait(lock, [this] { return is_closing_ || !unwritten_.empty(); });
            if (unwritten_.empty()) return;
            const auto bytes = std::exchange(unwritten_, {});
            lock.unlock();
            if (!has_ended_) write(bytes);
            lock.lock();
        }
    }

    void write(const std::string& bytes) {
        const bool is_written = gzwrite(file_, bytes.data(), static_cast<unsigned>(bytes.size())) > 0;
        if (!is_written || gzflush(file_, Z_SYNC_FLUSH) != Z_OK) return end("it cannot be written");
        written_ = static_cast<std::uint64_t>(gzoffset(file_));
        if (written_ > 2 * limits_.bytes) end("it is twice as large as it may be");
    }

    /// The rest of a tape with a gap would be useless.
    void end(std::string_view reason) {
        if (!has_ended_.exchange(true)) spdlog::error("recording {} ended: {}", name_, reason);
    }

    gzFile file_;
    const std::string name_;
    const FileLimits limits_;
    std::string block_;  ///< not yet handed over
    TimePoint handed_over_at_{};
    std::mutex mutex_;
    std::condition_variable woken_;
    std::string unwritten_;  ///< guarded by the mutex
    bool is_closing_ = false;
    std::atomic<bool> has_ended_ = false;
    std::atomic<std::uint64_t> written_ = 0;  ///< compressed bytes
    std::thread writer_;
};

}  // namespace

std::unique_ptr<Tape> open_file(const std::string& prefix, TimePoint now, FileLimits limits) {
    const auto name = name_of(prefix, now);
    constexpr auto fast = "wbx1";
    const auto file = gzopen(name.c_str(), fast);
    if (file == nullptr) {
        spdlog::error("recording {} cannot be created: {}", name, std::generic_category().message(errno));
        return nullptr;
    }
    delete_oldest(prefix, limits.files);
    spdlog::info("recording to {}", name);
    return std::make_unique<TapeFile>(file, name, limits);
}

}  // namespace kurs::tape
