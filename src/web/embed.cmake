# Writes OUTPUT, a source file that takes in each of FILES (separated by commas) as it is, and compressed by gzip.
#
# .incbin, since a compiler takes minutes for two megabytes of array. Compiler caches know to leave such files alone.
set(type_html "text/html; charset=utf-8")
set(type_css "text/css; charset=utf-8")
set(type_js "text/javascript; charset=utf-8")
set(type_mjs "text/javascript; charset=utf-8")
set(type_svg "image/svg+xml")
set(type_txt "text/plain; charset=utf-8")
set(path_index.html "/")
set(path_docs.html "/docs")

set(takings "")
set(names "")
set(rows "")
set(count 0)
string(REPLACE "," ";" files "${FILES}")
foreach(file IN LISTS files)
  cmake_path(GET file FILENAME name)
  cmake_path(GET file EXTENSION LAST_ONLY ending)
  string(SUBSTRING "${ending}" 1 -1 ending)
  if(NOT DEFINED type_${ending})
    message(FATAL_ERROR "${file}: files that end with .${ending} have no type yet, see embed.cmake")
  endif()
  set(path "/assets/${name}")
  if(DEFINED path_${name})
    set(path "${path_${name}}")
  endif()
  file(SHA256 "${file}" hash)
  string(SUBSTRING "${hash}" 0 16 hash)
  set(symbol "kurs_web_${count}")
  set(packed "${OUTPUT}.${name}.gz")
  execute_process(COMMAND gzip -9 -n -c "${file}" OUTPUT_FILE "${packed}" COMMAND_ERROR_IS_FATAL ANY)
  string(APPEND takings
    "    \".global ${symbol}_begin, ${symbol}_end\\n\"\n"
    "    \"${symbol}_begin: .incbin \\\"${file}\\\"\\n${symbol}_end:\\n\"\n"
    "    \".global ${symbol}_packed_begin, ${symbol}_packed_end\\n\"\n"
    "    \"${symbol}_packed_begin: .incbin \\\"${packed}\\\"\\n${symbol}_packed_end:\\n\"\n")
  string(APPEND names "extern \"C\" const char ${symbol}_begin[], ${symbol}_end[], ${symbol}_packed_begin[], ${symbol}_packed_end[];\n")
  string(APPEND rows
    "        {\"${path}\", \"${type_${ending}}\", R\"(\"${hash}\")\", between(${symbol}_begin, ${symbol}_end),\n"
    "         between(${symbol}_packed_begin, ${symbol}_packed_end)},\n")
  math(EXPR count "${count} + 1")
endforeach()

file(WRITE "${OUTPUT}" "// Written by src/web/embed.cmake.
#include \"kurs/web/assets.hpp\"

__asm__(
    \".pushsection .rodata.kurs_web,\\\"a\\\"\\n\"
${takings}    \".popsection\\n\");
${names}
namespace kurs::web {
namespace {

std::string_view between(const char* begin, const char* end) {
    return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

std::span<const api::Asset> assets() {
    static const api::Asset all[] = {
${rows}    };
    return all;
}

}  // namespace kurs::web
")
