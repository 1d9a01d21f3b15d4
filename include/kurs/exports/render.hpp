#pragma once

#include <span>
#include <string>
#include <string_view>

#include "kurs/exports/offer.hpp"

namespace kurs::exports {

/// An item that is published. Borrows the item.
struct PublishedItem {
    const Item* item = nullptr;
    Offer offer;
};

/// The document. Without items it is still well-formed.
std::string render(Format format, std::span<const PublishedItem> items);

/// "application/xml"
std::string_view content_type(Format format);

/// Whether its readers send POST, with the secret in X-Authorization. Those of other formats send GET, with
/// the secret in the path.
bool is_posted(Format format);

/// ".xml", ".json" or ".txt"
std::string_view path_suffix(Format format);

}  // namespace kurs::exports
