#include "kurs/metrics/readings.hpp"

#include "metrics/families.hpp"

namespace kurs::metrics {
namespace {

double seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

void add_quotes(Families& page, const Readings& readings) {
    page.gauge("kurs_active_venue",
               "1 for the active exchanger, whose quotes are served by default, else 0.");
    for (const auto& each : readings.exchangers) page.add({{"venue", each.venue}}, each.is_active);
    page.gauge("kurs_direction_fresh",
               "1 if the active exchanger's quote of the direction is fresh, else 0.");
    for (const auto& each : readings.directions) page.add({{"direction", each.direction}}, each.is_fresh);
    page.gauge("kurs_direction_age_seconds",
               "Age of the active exchanger's quote, which is the age of its oldest leg.");
    for (const auto& each : readings.directions)
        if (each.age) page.add({{"direction", each.direction}}, seconds(*each.age));
    page.gauge("kurs_quote_fresh", "1 if the venue's quote of the direction is fresh, else 0.");
    for (const auto& each : readings.quotes)
        page.add({{"venue", each.venue}, {"direction", each.direction}}, each.is_fresh);
    page.gauge("kurs_quote_disputed",
               "1 if other venues contradict the venue's quote of the direction, or nothing confirms it yet, "
               "else 0.");
    for (const auto& each : readings.quotes)
        page.add({{"venue", each.venue}, {"direction", each.direction}}, each.is_disputed);
    page.gauge("kurs_quote_age_seconds",
               "Age of the venue's quote of the direction, which is the age of its oldest leg.");
    for (const auto& each : readings.quotes)
        if (each.age) page.add({{"venue", each.venue}, {"direction", each.direction}}, seconds(*each.age));
}

void add_feeds(Families& page, const Readings& readings) {
    page.gauge("kurs_feed_state",
               "1 for the feed's current state, else 0. Only on a replica that listens to venues.");
    for (const auto& each : readings.feeds)
        page.add({{"venue", each.venue}, {"feed", each.feed}}, "state", each.state);
    page.gauge("kurs_feed_last_tick_timestamp_seconds", "Time of the last value that the feed delivered.");
    for (const auto& each : readings.feeds) {
        if (!each.last_tick_at) continue;
        page.add({{"venue", each.venue}, {"feed", each.feed}},
                 seconds(each.last_tick_at->time_since_epoch()));
    }
    page.gauge("kurs_upstream_credits", "Unspent credits of the venue's plan.");
    for (const auto& each : readings.upstreams)
        if (each.credits) page.add({{"venue", each.venue}}, static_cast<double>(*each.credits));
    page.gauge("kurs_upstream_resting", "1 while the venue rate-limits this service, else 0.");
    for (const auto& each : readings.upstreams) page.add({{"venue", each.venue}}, each.is_resting);
}

void add_replica(Families& page, const ReplicaReading& replica) {
    page.gauge("kurs_replica_role", "1 for this replica's role, else 0.");
    page.add({}, "role", replica.role);
    page.gauge("kurs_replica_epoch", "Newest leader epoch known to this replica. Grows with each leader.");
    page.add({}, static_cast<double>(replica.epoch));
    page.gauge("kurs_replicas", "Replicas registered in Redis.");
    page.add({}, static_cast<double>(replica.replicas));
    page.gauge("kurs_board_age_seconds", "Age of the board that this replica serves.");
    if (replica.board_age) page.add({}, seconds(*replica.board_age));
    page.counter("kurs_board_entries_total", "Entries of the board log that this replica received.");
    page.add({}, static_cast<double>(replica.entries));
    page.counter("kurs_board_late_entries_total",
                 "Entries that it received after they should have been served.");
    page.add({}, static_cast<double>(replica.late_entries));
}

void add_archive(Families& page, const ArchiveReading& archive) {
    page.gauge("kurs_archive_writing", "1 while history is being written, else 0.");
    page.add({}, archive.is_writing);
    page.gauge("kurs_archive_waiting_rows", "Rows of history waiting to be written by this replica.");
    page.add({}, static_cast<double>(archive.waiting_rows));
    page.gauge("kurs_archive_lag_seconds", "Age of the oldest row of history that is not written yet.");
    page.add({}, seconds(archive.lag));
    page.counter("kurs_archive_written_rows_total", "Rows of history written by this replica.");
    page.add({}, static_cast<double>(archive.written_rows));
    page.counter("kurs_archive_lost_rows_total",
                 "Rows of history dropped because the queue was full, or rejected by Postgres.");
    page.add({}, static_cast<double>(archive.lost_rows));
}

void add_push(Families& page, const PushReading& push) {
    page.gauge("kurs_push_subscribers", "Open push subscriptions.");
    page.add({{"transport", "event_stream"}}, static_cast<double>(push.event_streams));
    page.add({{"transport", "web_socket"}}, static_cast<double>(push.web_sockets));
    page.counter("kurs_push_messages_total", "Messages sent to subscribers.");
    page.add({}, static_cast<double>(push.messages));
    page.counter("kurs_push_cut_total",
                 "Subscribers disconnected because they did not accept a message in time.");
    page.add({}, static_cast<double>(push.cut));
    page.counter("kurs_push_refused_total", "Subscriptions refused because a limit was reached.");
    page.add({}, static_cast<double>(push.refused));
}

void add_process(Families& page, const ProcessReading& process) {
    page.counter("process_cpu_seconds_total", "Total user and system CPU time.");
    page.add({}, process.cpu_seconds);
    page.gauge("process_start_time_seconds", "Start time of the process since the Unix epoch.");
    page.add({}, process.started_at_seconds);
    page.gauge("process_resident_memory_bytes", "Resident memory size.");
    page.add({}, static_cast<double>(process.resident_bytes));
    page.gauge("process_virtual_memory_bytes", "Virtual memory size.");
    page.add({}, static_cast<double>(process.virtual_bytes));
    page.gauge("process_open_fds", "Number of open file descriptors.");
    page.add({}, static_cast<double>(process.open_descriptors));
    page.gauge("process_max_fds", "Maximum number of open file descriptors.");
    page.add({}, static_cast<double>(process.most_descriptors));
}

}  // namespace

std::vector<prometheus::MetricFamily> to_families(const Readings& readings) {
    Families page;
    add_quotes(page, readings);
    add_feeds(page, readings);
    if (readings.replica) add_replica(page, *readings.replica);
    if (readings.archive) add_archive(page, *readings.archive);
    page.gauge("kurs_http_connections", "Open client connections, subscribers included.");
    page.add({}, static_cast<double>(readings.connections));
    if (readings.push) add_push(page, *readings.push);
    page.gauge("kurs_build_info", "Always 1. The labels name the version and the compiler.");
    page.add({{"version", readings.version}, {"compiler", __VERSION__}}, 1);
    add_process(page, readings.process);
    return page.take();
}

}  // namespace kurs::metrics
