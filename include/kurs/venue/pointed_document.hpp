#pragma once

#include <memory>
#include <string_view>

#include "kurs/domain/errc.hpp"

namespace kurs {

/// A JSON document of which single values are read, by JSON pointers (RFC 6901).
class PointedDocument {
public:
    explicit PointedDocument(std::string_view document);
    ~PointedDocument();

    /// A number as it is written, so that no digit is lost, or the content of a string. The text lives until
    /// the next call. Fails with `malformed` if there is neither.
    result<std::string_view> text_at(std::string_view pointer);

private:
    struct Parsed;
    std::unique_ptr<Parsed> parsed_;
};

}  // namespace kurs
