// What replicas send each other: entries of the board log and the writer's note.
#include "fuzz/target.hpp"
#include "fuzz/world.hpp"
#include "kurs/board/board.hpp"
#include "kurs/boardlog/change_text.hpp"
#include "kurs/ingest/writer_note.hpp"

namespace kurs::fuzz {

using namespace std::chrono_literals;

/// What was read, written again, reads as the same; a board takes it and serves nothing of it that is not
/// fresh.
void change(std::string_view input) {
    const auto& map = the_world().map;
    const auto read = parse_change(map, input);
    if (!read) return;
    const auto text = to_text(map, *read);
    const auto again = parse_change(map, text);
    expect(again.has_value(), "a change that is written is read", text);
    expect(to_text(map, *again) == text, "a change's text is that change", text);
    expect(again->quotes == read->quotes && again->version == read->version,
           "a change is carried without loss", text);

    Board board(map, 30s);
    board.apply(*read);
    for (const TimePoint now : {read->visible_at, TimePoint{1'786'539'510'000ms}}) {
        board.choose_active(now);
        for (std::size_t i = 0; i < map.exchangers.size(); ++i) {
            const auto venue = map.exchangers[i];
            for (const Quote& quote : board.select(venue, {}, 900s, now).quotes)
                expect(now < quote.fresh_until && !quote.is_disputed(), "what is served is fresh");
        }
    }
}

void note(std::string_view input) {
    const auto& map = the_world().map;
    const auto read = parse_writer_note(map, input);
    if (!read) return;
    const auto text = to_text(map, *read);
    const auto again = parse_writer_note(map, text);
    expect(again.has_value(), "a note that is written is read", text);
    expect(to_text(map, *again) == text, "a note's text is that note", text);
}

}  // namespace kurs::fuzz
