// What the clients share.
declare const process: { argv: string[] };

export const [, , service = "", key = ""] = process.argv;
export const authorization = { Authorization: `Bearer ${key}` };
export const order = { direction: "BTC-USD", side: "sell", amount: "0.05", ttl: 60 } as const;
export const secret = { "X-Authorization": "Hc3nV8sPq5Ym2WtD" };

/** Reads until the text contains the words, and cancels the rest. */
export async function readUntil(words: string, stream: ReadableStream<Uint8Array>): Promise<string> {
    const reader = stream.getReader();
    const decoder = new TextDecoder();
    let text = "";
    for (let is_over = false; !is_over && !text.includes(words);) {
        const part = await reader.read();
        is_over = part.done;
        text += decoder.decode(part.value, { stream: true });
    }
    await reader.cancel();
    return text;
}

export function check(is_right: boolean, what: unknown): void {
    if (!is_right) throw new Error(JSON.stringify(what));
}
