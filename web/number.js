// Formatting of prices, ages and times.
import { locale, say } from './text.js';

const formats = new Map();

function format(kind, key, make) {
    const name = `${kind} ${locale()} ${key}`;
    if (!formats.has(name)) formats.set(name, make());
    return formats.get(name);
}

/// The number of significant decimals for a value of that size. Equal for similar values, so that the layout is
/// stable.
export function decimalsOf(value) {
    const size = Math.abs(Number(value));
    if (size >= 1000) return 2;
    if (size >= 10) return 4;
    if (size >= 0.5) return 5;
    return size > 0 ? Math.min(12, 4 - Math.floor(Math.log10(size))) : 2;
}

/// `value` is decimal text, which is never rounded through a double, or a number.
export function priceText(value, decimals = decimalsOf(value)) {
    return format(
        'number',
        decimals,
        () =>
            new Intl.NumberFormat(locale(), {
                minimumFractionDigits: decimals,
                maximumFractionDigits: decimals,
            }),
    ).format(value);
}

/// The low and the high of a range need no more digits than fit beside each other.
export function rangeText(value) {
    return priceText(value, Math.abs(Number(value)) >= 1000 ? 0 : decimalsOf(value));
}

/// "+1.23 %"
export function percentText(percent) {
    const options = { minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: 'exceptZero' };
    const number = format('percent', '', () => new Intl.NumberFormat(locale(), options)).format(percent);
    return `${number.replace('-', '−')}\u00a0%`;
}

/// Decimal text with all of its digits.
export function amountText(value) {
    const make = () => new Intl.NumberFormat(locale(), { maximumFractionDigits: 20 });
    return format('amount', '', make).format(value);
}

export function countText(value) {
    return format('count', '', () => new Intl.NumberFormat(locale())).format(value);
}

/// "0.4 s", "3 min 05 s"
export function spanText(ms) {
    const seconds = ms / 1000;
    if (seconds < 10) {
        const tenths = Math.floor(seconds * 10) / 10;
        return say('seconds', { s: priceText(tenths, 1) });
    }
    if (seconds < 60) return say('seconds', { s: String(Math.floor(seconds)) });
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60) return say('minutes', { min: minutes, s: String(Math.floor(seconds % 60)).padStart(2, '0') });
    const hours = Math.floor(minutes / 60);
    if (hours < 48) return say('hours', { h: hours, min: String(minutes % 60).padStart(2, '0') });
    return say('days', { d: Math.floor(hours / 24), h: hours % 24 });
}

/// "7 s": for what lasts, where tenths would only flicker.
export function wholeSpanText(ms) {
    return ms < 60000 ? say('seconds', { s: String(Math.floor(ms / 1000)) }) : spanText(ms);
}

/// The local time of day, with the date if it was not today.
export function momentText(moment) {
    const at = new Date(moment);
    const isToday = at.toDateString() === new Date().toDateString();
    const style = isToday ? { timeStyle: 'medium' } : { dateStyle: 'medium', timeStyle: 'medium' };
    return format('moment', isToday, () => new Intl.DateTimeFormat(locale(), style)).format(at);
}

/// "official rate of 28 November, confirmed 2 h 05 min ago; the market is closed" of a leg that its source confirms;
/// null for others, or if the time is unknown.
export function officialText(leg, now) {
    if (!leg.confirmed_at || now === null) return null;
    const date = timeText(Date.parse(leg.date), { timeZone: 'UTC', day: 'numeric', month: 'long' });
    const span = spanText(Math.max(0, now - Date.parse(leg.confirmed_at)));
    return `${say('leg_official', { date, span })}; ${say(leg.market_open ? 'market_open' : 'market_closed')}`;
}

/// `parts` are those of Intl.
export function timeText(ms, parts) {
    return format('time', JSON.stringify(parts), () => new Intl.DateTimeFormat(locale(), parts)).format(ms);
}

/// Labels of the chart's axis, whose times are UTC to the chart (chart.js): years, months and days are dates, the
/// rest are times of day.
export function markText(seconds, kind) {
    const parts = [
        { year: 'numeric' },
        { month: 'short' },
        { day: 'numeric', month: 'short' },
        { hour: '2-digit', minute: '2-digit' },
    ];
    return timeText(seconds * 1000, { timeZone: 'UTC', ...parts[Math.min(kind, 3)] });
}

/// The time under the chart's crosshair.
export function pointedText(seconds) {
    return timeText(seconds * 1000, {
        timeZone: 'UTC',
        day: 'numeric',
        month: 'short',
        hour: '2-digit',
        minute: '2-digit',
    });
}
