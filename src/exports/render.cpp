#include "kurs/exports/render.hpp"

#include "exports/formats.hpp"

namespace kurs::exports {

std::string render(Format format, std::span<const PublishedItem> items) {
    switch (format) {
        case Format::eref_1_1: return render_eref(items);
        case Format::xml_1_0: return render_xml(items);
        case Format::json_1_3: return render_json(items);
        case Format::txt: return render_txt(items);
        case Format::iex_json: return render_iex_json(items);
        case Format::exchanger_cms: return render_exchanger_cms(items);
        default: return render_iex_txt(items);
    }
}

std::string_view content_type(Format format) {
    switch (format) {
        case Format::eref_1_1:
        case Format::xml_1_0: return "application/xml";
        case Format::json_1_3:
        case Format::iex_json:
        case Format::exchanger_cms: return "application/json";
        default: return "text/plain; charset=utf-8";
    }
}

bool is_posted(Format format) {
    return format == Format::exchanger_cms;
}

std::string_view path_suffix(Format format) {
    switch (format) {
        case Format::eref_1_1:
        case Format::xml_1_0: return ".xml";
        case Format::json_1_3:
        case Format::iex_json:
        case Format::exchanger_cms: return ".json";
        default: return ".txt";
    }
}

}  // namespace kurs::exports
