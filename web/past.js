// The history of a course, if the service keeps it.

const limit = 5000; // ms

/// Candles, oldest first: {candles: [{at, open, high, low, close}]}, with `at` in ms. Otherwise {isOff: true} if the
/// service keeps no history, or {isAway: true} if a retry is worthwhile. The numbers are rounded, for drawing only.
export async function askCandles(direction, exchanger, interval, most) {
    const query = new URLSearchParams({ interval, limit: most });
    if (exchanger) query.set('exchanger', exchanger);
    try {
        const answer = await fetch(`/api/v2/history/${direction}?${query}`, { signal: AbortSignal.timeout(limit) });
        if (answer.status === 503 && !answer.headers.has('Retry-After')) return { isOff: true };
        if (!answer.ok) return { isAway: true };
        return { candles: (await answer.json()).candles.map(readCandle) };
    } catch {
        return { isAway: true };
    }
}

function readCandle({ time, open, high, low, close }) {
    return { at: Date.parse(time), open: Number(open), high: Number(high), low: Number(low), close: Number(close) };
}
