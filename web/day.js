// The change of a rate over 24 hours, with the lowest and the highest value, from the hours of history.
import { askCandles } from './past.js';

const hour = 3600000; // ms
const day = 24 * hour;
const askEvery = 300000; // ms between two requests for the same rate

/// {open, low, high} of the 24 hours before `now`, to the nearest hour; null if the candles begin later.
export function dayOf(candles, now) {
    const start = Math.round((now - day) / hour) * hour;
    const hours = candles.filter(({ at }) => at >= start);
    if (hours.length === 0 || hours[0].at > start + hour) return null;
    return {
        open: hours[0].open,
        low: Math.min(...hours.map((each) => each.low)),
        high: Math.max(...hours.map((each) => each.high)),
    };
}

/// The day with the present value: {percent, low, high}.
export function changeOf({ open, low, high }, value) {
    return { percent: ((value - open) / open) * 100, low: Math.min(low, value), high: Math.max(high, value) };
}

/// Keeps the days that were read, because the rows of the table are rebuilt.
export class Days {
    #read = new Map(); // by exchanger and direction

    /// What was read last; null if nothing was.
    known(direction, exchanger) {
        return this.#read.get(`${exchanger} ${direction}`)?.day ?? null;
    }

    /// {day}, or {isOff: true} if the service keeps no history. The exchanger's day, whichever was active.
    async of(direction, exchanger, now) {
        const key = `${exchanger} ${direction}`;
        const known = this.#read.get(key);
        if (known && performance.now() - known.readAt < askEvery) return known;
        const found = await askCandles(direction, exchanger, '1h', 26);
        if (found.isOff) return found;
        const read = { day: found.candles ? dayOf(found.candles, now) : known?.day, readAt: performance.now() };
        this.#read.set(key, read);
        return read;
    }
}
