#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kurs/api/outcome.hpp"
#include "kurs/api/request.hpp"
#include "kurs/api/sources.hpp"

namespace kurs::api {

struct ServedPath;

namespace openapi {
enum class KeyUse : std::uint8_t;
}

/// Turns requests into responses by looking up the endpoint in a table. Uses no socket and no clock.
class Api {
public:
    /// `allowed_origin` is the CORS setting: empty for off, "*", or one origin.
    Api(Sources sources, std::string allowed_origin);
    ~Api();
    Api(const Api&) = delete;
    Api& operator=(const Api&) = delete;

    // A view is valid until the next call of any of these.

    Outcome answer(const Request& request, TimePoint now);
    ResponseView answer(const Lookup& lookup, const Finding& found, TimePoint now);
    ResponseView refuse(const Problem& problem);

    // For subscriptions.
    const Board& board() const { return board_; }
    bool is_shared(std::uint64_t version) const { return !sources_.is_shared || sources_.is_shared(version); }
    void note_requested(VenueId venue, TimePoint now) { sources_.on_requested(venue, now); }

private:
    const ServedPath* find(std::string_view path, Method method) const;
    std::string describe() const;
    openapi::KeyUse key_use(const ServedPath& served) const;
    Response refuse_method(const ServedPath& served, Method method) const;
    access::Decision judge(const ServedPath& served, std::string_view authorization, TimePoint now);
    static std::optional<Problem> refuse_access(const access::Decision& decision);
    Outcome send(Answer answer, Method method, std::string_view path);
    ResponseView keep(Response response);

    Sources sources_;
    const Board& board_;
    std::optional<access::Gate> gate_;  ///< none: no request needs a key
    ResponseWriter writer_;
    std::vector<ServedPath> table_;
    Response latest_;  ///< the last response that no endpoint keeps
};

}  // namespace kurs::api
