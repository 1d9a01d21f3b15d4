// The candle chart of a course. The library is fetched when a chart is first opened.
import { element, setAttribute, setText } from './element.js';
import { decimalsOf, markText, pointedText, priceText } from './number.js';
import { askCandles } from './past.js';
import { currentLanguage, say } from './text.js';

const askAgainEvery = 30000; // ms: completed candles come from history
const minutesOf = { '1m': 1, '5m': 5, '1h': 60 };

export class CandleChart {
    #live = null; // {value, at}
    #candles = [];
    #round = 0; // number of the request: responses to earlier ones are dropped

    constructor(direction, exchanger) {
        this.direction = direction;
        this.exchanger = exchanger;
        this.legend = element('p', { class: 'chart-legend number' });
        this.words = element('p', { class: 'chart-words' });
        this.canvas = element('div', { class: 'chart', role: 'group', 'aria-label': say('chart_loading') });
        this.node = element('div', { class: 'chart-place' }, this.canvas, this.words);
        this.colour = () => this.#paint();
        document.addEventListener('theme', this.colour);
    }

    async load(interval, most) {
        const round = ++this.#round;
        clearTimeout(this.timer);
        if (interval !== this.interval) this.#clear();
        Object.assign(this, { interval, most });
        const found = await askCandles(this.direction, this.exchanger, interval, most);
        const library = found.candles ? await fetchLibrary() : null;
        if (round !== this.#round) return;
        if (!found.isOff) this.timer = setTimeout(() => this.load(interval, most), askAgainEvery);
        if (library) this.#show(library, found.candles);
        else setText(this.words, say(found.isOff ? 'history_off' : 'history_away'));
        this.canvas.hidden = this.#candles.length === 0;
    }

    /// The current value and the service's time; null if there is none. The last candle follows it.
    showLive(value, now) {
        this.#live = value === null ? null : { value, at: now };
        this.#drawLive();
        this.#label();
    }

    /// Another exchanger is shown from now on.
    follow(exchanger) {
        const { interval, most } = this;
        Object.assign(this, { exchanger, interval: null });
        this.#live = null;
        this.load(interval, most);
    }

    end() {
        this.#round++;
        clearTimeout(this.timer);
        document.removeEventListener('theme', this.colour);
        this.chart?.remove();
        this.chart = this.series = null;
    }

    /// Candles of different intervals or exchangers are never shown together.
    #clear() {
        this.#candles = [];
        this.series?.setData([]);
        setText(this.words, say('chart_loading'));
        setText(this.legend, '');
        this.#label();
    }

    #drawLive() {
        const isThere = this.#live !== null;
        this.series?.applyOptions({ lastValueVisible: isThere, priceLineVisible: isThere });
        if (!isThere || this.#candles.length === 0) return;
        const { value } = this.#live;
        const length = minutesOf[this.interval] * 60000;
        const at = Math.floor(this.#live.at / length) * length;
        const last = this.#candles.at(-1);
        if (at < last.at) return;
        if (at > last.at) this.#candles.push({ at, open: value, high: value, low: value, close: value });
        else Object.assign(last, { high: Math.max(last.high, value), low: Math.min(last.low, value), close: value });
        this.series.update(toBar(this.#candles.at(-1)));
    }

    #show(library, candles) {
        const isFirst = this.#candles.length === 0;
        this.#candles = candles;
        this.canvas.hidden = candles.length === 0;
        setText(this.words, say(candles.length === 0 ? 'chart_empty' : 'chart_times'));
        if (candles.length === 0) return;
        if (!this.chart) this.#make(library);
        const decimals = decimalsOf(candles.at(-1).close);
        this.series.applyOptions({
            priceFormat: { type: 'custom', minMove: 10 ** -decimals, formatter: (price) => priceText(price, decimals) },
        });
        this.series.setData(candles.map(toBar));
        if (isFirst) this.chart.timeScale().fitContent();
        this.#drawLive();
        this.#label();
    }

    /// A text version for screen readers. It includes the last price only while it is fresh.
    #label() {
        setAttribute(this.canvas, 'aria-label', this.#candles.length === 0 ? say('chart_loading') : this.#describe());
    }

    #describe() {
        const decimals = decimalsOf(this.#candles.at(-1).close);
        const low = Math.min(...this.#candles.map((each) => each.low));
        const high = Math.max(...this.#candles.map((each) => each.high));
        return say('chart_of', {
            direction: this.direction,
            interval: this.interval,
            low: priceText(low, decimals),
            high: priceText(high, decimals),
            last: this.#live === null ? '–' : priceText(this.#live.value, decimals),
        });
    }

    #make(library) {
        this.chart = library.createChart(this.canvas, {
            autoSize: true,
            layout: { attributionLogo: true, fontSize: 12 },
            rightPriceScale: { borderVisible: false },
            timeScale: {
                borderVisible: false,
                timeVisible: true,
                secondsVisible: false,
                rightOffset: 4,
                tickMarkFormatter: markText,
            },
            localization: { locale: currentLanguage(), timeFormatter: pointedText },
            handleScroll: { mouseWheel: false, vertTouchDrag: false },
            handleScale: { mouseWheel: false },
        });
        this.series = this.chart.addSeries(library.CandlestickSeries);
        this.chart.subscribeCrosshairMove((moved) => this.#explain(moved.seriesData?.get(this.series)));
        this.#paint();
    }

    #explain(bar) {
        if (!bar) return setText(this.legend, '');
        const decimals = decimalsOf(bar.close);
        const parts = [
            ['open', bar.open],
            ['high', bar.high],
            ['low', bar.low],
            ['close_price', bar.close],
        ];
        const words = parts.map(([name, price]) => `${say(name)}\u00a0${priceText(price, decimals)}`);
        setText(this.legend, words.join('  '));
    }

    #paint() {
        if (!this.chart) return;
        const [ink, line, up, down] = ['--ink-2', '--line', '--up', '--down'].map((name) => colourOf(this.node, name));
        this.chart.applyOptions({
            layout: { background: { color: 'transparent' }, textColor: ink },
            grid: { vertLines: { color: line }, horzLines: { color: line } },
            crosshair: { vertLine: { color: ink }, horzLine: { color: ink } },
        });
        this.series.applyOptions({
            upColor: up,
            downColor: down,
            wickUpColor: up,
            wickDownColor: down,
            borderVisible: false,
        });
    }
}

let failures = 0;

/// Null if the library cannot be loaded. Some browsers cache a failed import, so a retry uses another URL.
async function fetchLibrary() {
    try {
        return await import(`./lightweight-charts.mjs${failures > 0 ? `?${failures}` : ''}`);
    } catch {
        ++failures;
        return null;
    }
}

// The library has no time zones: it gets local time as if it were UTC, so that its days begin at local midnight.
const zoneShift = -new Date().getTimezoneOffset() * 60;
const toBar = ({ at, open, high, low, close }) => ({ time: at / 1000 + zoneShift, open, high, low, close });

/// The computed value of a colour in the style sheet, since the chart cannot use CSS variables.
function colourOf(node, name) {
    const probe = element('span', { style: `color: var(${name})` });
    node.append(probe);
    const colour = getComputedStyle(probe).color;
    probe.remove();
    return colour;
}
