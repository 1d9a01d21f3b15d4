// The history of a course, as far as the service keeps it.

const limit = 5000; // ms

/// Candles, the oldest first: {candles: [{at, open, high, low, close}]}, where `at` is in ms. If there are none
/// to be had: {isOff: true} where no history is kept, {isAway: true} where it is worth asking again.
/// For drawing alone: the numbers are rounded.
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
