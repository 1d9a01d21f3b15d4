// How the client of orval asks: with the address, the key, and by the type of the content.
import { authorization, readUntil, service } from "./common";

export async function ask<T>(path: string, options: RequestInit): Promise<T> {
    const answer = await fetch(service + path, { ...options, headers: { ...authorization, ...options.headers } });
    const type = answer.headers.get("Content-Type") ?? "";
    let data: unknown;
    if (type.startsWith("text/event-stream")) data = await readUntil("snapshot", answer.body!);
    else data = type.includes("json") ? await answer.json() : await answer.text();
    return { data, status: answer.status, headers: answer.headers } as T;
}
