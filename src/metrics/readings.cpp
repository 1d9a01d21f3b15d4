#include "kurs/metrics/readings.hpp"

#include "metrics/families.hpp"

namespace kurs::metrics {
namespace {

double seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

void add_courses(Families& page, const Readings& readings) {
    page.gauge("kurs_active_venue", "1 for the exchanger whose courses are served by default, else 0.");
    for (const auto& each : readings.exchangers) page.add({{"venue", each.venue}}, each.is_active);
    page.gauge("kurs_course_fresh", "Whether the active exchanger's course of the direction is fresh.");
    for (const auto& each : readings.courses) page.add({{"direction", each.direction}}, each.is_fresh);
    page.gauge("kurs_course_age_seconds", "Age of the active exchanger's course: that of its oldest leg.");
    for (const auto& each : readings.courses)
        if (each.age) page.add({{"direction", each.direction}}, seconds(*each.age));
    page.gauge("kurs_quote_fresh", "Whether the venue's quote of the direction is fresh.");
    for (const auto& each : readings.quotes)
        page.add({{"venue", each.venue}, {"direction", each.direction}}, each.is_fresh);
    page.gauge("kurs_quote_age_seconds",
               "Age of the venue's quote of the direction: that of its oldest leg.");
    for (const auto& each : readings.quotes)
        if (each.age) page.add({{"venue", each.venue}, {"direction", each.direction}}, seconds(*each.age));
}

void add_lines(Families& page, const Readings& readings) {
    page.gauge("kurs_line_state", "1 for the state that the line is in, else 0. Of a copy that listens.");
    for (const auto& each : readings.lines)
        page.add({{"venue", each.venue}, {"line", each.line}}, "state", each.state);
    page.gauge("kurs_line_last_tick_timestamp_seconds", "When the line last delivered a value.");
    for (const auto& each : readings.lines) {
        if (!each.last_tick_at) continue;
        page.add({{"venue", each.venue}, {"line", each.line}},
                 seconds(each.last_tick_at->time_since_epoch()));
    }
    page.gauge("kurs_upstream_credits", "Credits of the venue's plan that are saved up.");
    for (const auto& each : readings.upstreams)
        if (each.credits) page.add({{"venue", each.venue}}, static_cast<double>(*each.credits));
    page.gauge("kurs_upstream_resting", "Whether the venue asked to be left alone for a while.");
    for (const auto& each : readings.upstreams) page.add({{"venue", each.venue}}, each.is_resting);
}

void add_copy(Families& page, const CopyReading& copy) {
    page.gauge("kurs_copy_role", "1 for the role that this copy has among those that share a view, else 0.");
    page.add({}, "role", copy.role);
    page.gauge("kurs_copy_epoch", "The newest leader's epoch that this copy knows: grows with each leader.");
    page.add({}, static_cast<double>(copy.epoch));
    page.gauge("kurs_copies", "How many copies have checked in with Redis, as far as this one knows.");
    page.add({}, static_cast<double>(copy.copies));
    page.gauge("kurs_view_age_seconds", "How long ago the view was made that this copy serves.");
    if (copy.view_age) page.add({}, seconds(*copy.view_age));
}

void add_archive(Families& page, const ArchiveReading& archive) {
    page.gauge("kurs_archive_writing", "Whether history is being written, as far as is known.");
    page.add({}, archive.is_writing);
    page.gauge("kurs_archive_waiting_rows", "Rows of history that this copy is to write.");
    page.add({}, static_cast<double>(archive.waiting_rows));
    page.gauge("kurs_archive_lag_seconds", "For how long what was recorded has not all been written.");
    page.add({}, seconds(archive.lag));
    page.counter("kurs_archive_written_rows_total", "Rows of history that were written, new or later.");
    page.add({}, static_cast<double>(archive.written_rows));
    page.counter("kurs_archive_lost_rows_total", "Rows of history that were let go or rejected.");
    page.add({}, static_cast<double>(archive.lost_rows));
}

void add_push(Families& page, const PushReading& push) {
    page.gauge("kurs_push_subscribers", "Clients that are told of changes.");
    page.add({{"transport", "event_stream"}}, static_cast<double>(push.event_streams));
    page.add({{"transport", "web_socket"}}, static_cast<double>(push.web_sockets));
    page.counter("kurs_push_messages_total", "Messages that were sent to subscribers.");
    page.add({}, static_cast<double>(push.messages));
    page.counter("kurs_push_cut_total", "Subscribers that were cut off, as they took nothing for too long.");
    page.add({}, static_cast<double>(push.cut));
    page.counter("kurs_push_refused_total", "Subscriptions that were refused, as there were too many.");
    page.add({}, static_cast<double>(push.refused));
}

void add_process(Families& page, const ProcessReading& process) {
    page.counter("process_cpu_seconds_total", "Processor time of the process, in user and system mode.");
    page.add({}, process.cpu_seconds);
    page.gauge("process_start_time_seconds", "When the process started.");
    page.add({}, process.started_at_seconds);
    page.gauge("process_resident_memory_bytes", "Memory of the process that is resident.");
    page.add({}, static_cast<double>(process.resident_bytes));
    page.gauge("process_virtual_memory_bytes", "Address space of the process.");
    page.add({}, static_cast<double>(process.virtual_bytes));
    page.gauge("process_open_fds", "Descriptors that are open.");
    page.add({}, static_cast<double>(process.open_descriptors));
    page.gauge("process_max_fds", "Descriptors that may be open.");
    page.add({}, static_cast<double>(process.most_descriptors));
}

}  // namespace

std::vector<prometheus::MetricFamily> to_families(const Readings& readings) {
    Families page;
    add_courses(page, readings);
    add_lines(page, readings);
    if (readings.copy) add_copy(page, *readings.copy);
    if (readings.archive) add_archive(page, *readings.archive);
    page.gauge("kurs_http_connections", "Clients that are connected.");
    page.add({}, static_cast<double>(readings.connections));
    if (readings.push) add_push(page, *readings.push);
    page.gauge("kurs_build_info", "Always 1; its labels say what runs.");
    page.add({{"version", readings.version}, {"compiler", __VERSION__}}, 1);
    add_process(page, readings.process);
    return page.take();
}

}  // namespace kurs::metrics
