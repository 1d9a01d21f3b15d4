// Reads streams as framing_lines does and writes in the same form how llhttp, Node's parser, divides them. undici's
// package has it as WebAssembly; here it parses requests instead of responses, with no lenient flag.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(new URL("../npm/package.json", import.meta.url));
const undici = require.resolve("undici").replace(/index\.js$/, "");
const [REQUEST, OK, PAUSED, PAUSED_UPGRADE] = [1, 0, 21, 22];

let request;  // that is being parsed
const text = (at, length) => Buffer.from(llhttp.memory.buffer, at, length).toString("latin1");
const { exports: llhttp } = new WebAssembly.Instance(new WebAssembly.Module(require(undici + "lib/llhttp/llhttp-wasm.js")), {
  env: {
    wasm_on_message_begin: () => { request = { target: "", body: "" }; return 0; },
    wasm_on_url: (_, at, length) => { request.target += text(at, length); return 0; },
    wasm_on_status: () => 0,
    wasm_on_header_field: () => 0,
    wasm_on_header_value: () => 0,
    wasm_on_headers_complete: () => 0,
    wasm_on_body: (_, at, length) => { request.body += text(at, length); return 0; },
    wasm_on_message_complete: () => PAUSED,
  },
});

const hex = (bytes) => Buffer.from(bytes, "latin1").toString("hex") || "-";

function name_of(parser) {
  const at = llhttp.llhttp_method_name(llhttp.llhttp_get_method(parser));
  return text(at, new Uint8Array(llhttp.memory.buffer, at).indexOf(0));
}

function read(line) {
  const parser = llhttp.llhttp_alloc(REQUEST);
  let written = "", offset = 0;
  request = null;
  try {
    for (const piece of line.split(" ").filter(Boolean)) {
      const bytes = Buffer.from(piece, "hex");
      const memory = llhttp.malloc(bytes.length);
      try {
        let used = 0;
        while (used < bytes.length) {
          new Uint8Array(llhttp.memory.buffer, memory, bytes.length).set(bytes);
          const end = llhttp.llhttp_execute(parser, memory + used, bytes.length - used);
          if (end === OK) break;
          if (end !== PAUSED && end !== PAUSED_UPGRADE) return written + "refused";
          used = llhttp.llhttp_get_error_pos(parser) - memory;
          const is_kept = llhttp.llhttp_should_keep_alive(parser) && !llhttp.llhttp_get_upgrade(parser);
          const body = name_of(parser) === "POST" ? request.body : "";
          written += `${hex(name_of(parser))} ${hex(request.target)} ${hex(body)} ${is_kept ? "keep" : "close"}@${offset + used} `;
          request = null;
          if (!is_kept) return written + "open";
          llhttp.llhttp_resume(parser);
        }
        offset += bytes.length;
      } finally {
        llhttp.free(memory);
      }
    }
    return written + (request ? "waits" : "open");
  } finally {
    llhttp.llhttp_free(parser);
  }
}

for await (const line of createInterface({ input: process.stdin })) console.log(read(line));
