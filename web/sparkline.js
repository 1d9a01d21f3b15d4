// The last half hour of a course as a line: one point per minute from history, then live points.
import { drawing } from './element.js';

export const sparkSpan = 30 * 60 * 1000;
const width = 132;
const height = 30;
const edge = 3;
const liveEvery = 1000; // ms between live points
const historyEvery = 60000;
const largestGap = 150000; // the line is broken across a longer gap
const shortestSpan = 60000; // without history: a line that grows from the right

export class Sparkline {
    #points = []; // [ms, value], oldest first

    constructor() {
        this.line = drawing('path', { class: 'spark-line' });
        this.end = drawing('circle', { class: 'spark-end', r: 2, cx: -9, cy: -9 });
        this.node = drawing('svg', {
            viewBox: `0 0 ${width} ${height}`,
            class: 'spark',
            'aria-hidden': 'true',
            preserveAspectRatio: 'none',
        });
        this.node.append(this.line, this.end);
    }

    clear() {
        this.#points = [];
    }

    /// Fills the time without live points: before the page was opened, and while it was disconnected.
    putHistory(points) {
        const isMissing = ([at]) => !this.#points.some(([other]) => Math.abs(other - at) < historyEvery);
        this.#points = [...points.filter(isMissing), ...this.#points].sort(([a], [b]) => a - b);
    }

    putLive(at, value) {
        const newest = this.#points.at(-1)?.[0] ?? -Infinity;
        if (at >= newest + liveEvery) this.#points.push([at, value]);
    }

    draw(now) {
        while (this.#points.length > 0 && this.#points[0][0] < now - sparkSpan) this.#points.shift();
        const { path, last } = tracePath(this.#points, now);
        this.line.setAttribute('d', path);
        this.end.setAttribute('cx', last ? last[0] : -9);
        this.end.setAttribute('cy', last ? last[1] : -9);
    }
}

/// The path through the points, and its end.
export function tracePath(points, now) {
    if (points.length === 0) return { path: '', last: null };
    const values = points.map(([, value]) => value);
    const low = Math.min(...values);
    const spread = Math.max(...values) - low;
    const span = Math.max(shortestSpan, now - points[0][0]);
    const x = (at) => edge + (width - 2 * edge) * (1 - (now - at) / span);
    const y = (value) => (spread > 0 ? height - edge - (height - 2 * edge) * ((value - low) / spread) : height / 2);
    let path = '';
    let last = null;
    let before = -Infinity;
    for (const [at, value] of points) {
        last = [x(at).toFixed(1), y(value).toFixed(1)];
        path += `${at - before > largestGap ? 'M' : 'L'}${last.join(' ')}`;
        before = at;
    }
    return { path, last };
}
