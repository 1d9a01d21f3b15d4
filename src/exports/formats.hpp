#pragma once

#include <span>
#include <string>

#include "kurs/exports/render.hpp"

// One function for each format. All texts are codes, labels and decimals, which config has checked: none of
// them needs escaping.
namespace kurs::exports {

std::string render_eref(std::span<const PublishedItem> items);
std::string render_xml(std::span<const PublishedItem> items);
std::string render_json(std::span<const PublishedItem> items);
std::string render_txt(std::span<const PublishedItem> items);
std::string render_iex_json(std::span<const PublishedItem> items);
std::string render_iex_txt(std::span<const PublishedItem> items);
std::string render_exchanger_cms(std::span<const PublishedItem> items);

inline std::string text_of(const std::optional<Rate>& amount) {
    return amount ? to_string(*amount) : "0";
}

}  // namespace kurs::exports
