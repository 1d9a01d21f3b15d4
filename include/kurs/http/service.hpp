#pragma once

#include <functional>
#include <string>
#include <vector>

#include "kurs/board/board.hpp"
#include "kurs/http/answer.hpp"
#include "kurs/http/courses_cache.hpp"
#include "kurs/http/request.hpp"

namespace kurs::http {

/// Why the process is not ready to serve; nothing if it is.
using ReadinessCheck = std::function<std::vector<std::string>()>;

/// Turns requests into replies. Knows no socket and no clock.
class Service {
public:
    /// `board` must outlive the service. `allowed_origin` is the CORS setting: empty for off, "*", or one
    /// origin. `on_pinned` is told of each request that names its exchanger.
    Service(
        const Board& board, ReadinessCheck not_ready, const std::string& allowed_origin,
        CoursesCache::PinnedWatch on_pinned = [](VenueId, TimePoint) {});
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    /// The reply is valid until the next call of `answer` or `refuse`.
    Reply answer(const Request& request, TimePoint now);
    Reply refuse(const Problem& problem);

    const CoursesCache& courses_cache() const { return courses_; }

private:
    struct ServedPath;
    static const ServedPath served_paths[];

    Reply reply_to(const Request& request, TimePoint now);
    Reply get_courses(const Request& request, TimePoint now);
    Reply redirect_to_courses(const Request& request, TimePoint now);
    Reply get_live(const Request& request, TimePoint now);
    Reply get_ready(const Request& request, TimePoint now);
    Reply preflight(const std::string& allowed_methods);
    Reply keep(Answer answer);

    ReadinessCheck not_ready_;
    bool has_cors_;
    AnswerWriter writer_;
    CoursesCache courses_;
    Answer latest_;  ///< the last answer that is not in the cache
};

}  // namespace kurs::http
