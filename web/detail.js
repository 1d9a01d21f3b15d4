// The details of an opened course: its candles, its exact values and its legs.
import { CandleChart } from './chart.js';
import { element, setText } from './element.js';
import { Explanation } from './explanation.js';
import { momentText, officialText, priceText, spanText } from './number.js';
import { say, venueName } from './text.js';

const ranges = { '6h': ['1m', 360], '1d': ['5m', 288], '1w': ['1h', 168] };

export class Detail {
    constructor(direction, exchanger, onClose) {
        this.chart = new CandleChart(direction, exchanger);
        this.explanation = new Explanation(direction);
        this.values = element('p', { class: 'exact' });
        this.formula = element('p', { class: 'formula' });
        this.reason = element('p', { class: 'told' });
        this.legs = element('ul', { class: 'legs' });
        this.legsHead = element('h3', {}, say('legs'));
        const close = element('button', { type: 'button', class: 'close', 'aria-label': say('close') }, '×');
        close.addEventListener('click', onClose);
        this.node = element(
            'div',
            { class: 'detail', role: 'group', 'aria-label': say('open_course', { direction }) },
            element('div', { class: 'detail-head' }, this.#rangeChoice(direction), this.chart.legend, close),
            this.chart.node,
            element('div', { class: 'detail-foot' }, this.legsHead, this.legs, this.formula, this.values, this.reason),
            this.explanation.node,
        );
        this.node.addEventListener('keydown', (event) => event.key === 'Escape' && onClose());
        this.chart.load(...ranges['1d']);
    }

    #rangeChoice(direction) {
        const choice = element('fieldset', { class: 'choice' }, element('legend', { class: 'hidden' }, say('range')));
        for (const name of Object.keys(ranges)) {
            const input = element('input', { type: 'radio', name: `range-${direction}`, value: name });
            input.checked = name === '1d';
            input.addEventListener('change', () => this.chart.load(...ranges[name]));
            choice.append(element('label', {}, input, element('span', {}, say(`range_${name}`))));
        }
        return choice;
    }

    /// `kind` is the state of the course (freshness.js) at `now`.
    show(course, kind, now) {
        const isFresh = kind === 'fresh';
        this.chart.showLive(isFresh ? Number(course.value) : null, now);
        setText(this.values, isFresh ? exactly(course) : say(`state_${kind}`));
        setText(this.legsHead, say(course.consensus ? 'exchangers' : 'legs'));
        setText(this.formula, course.legs.length > 0 ? `${say('formula')}: ${formulaOf(course.legs)}` : '');
        this.#showReason(course.reason);
        const parts = course.consensus?.exchangers.map((each) => describeBallot(each, isFresh));
        this.legs.replaceChildren(...(parts ?? course.legs.map((leg) => describe(leg, isFresh, now))));
    }

    /// The service's sentence is in English; the page may not be.
    #showReason(reason) {
        const words = reason ? [say('service_says'), ' ', element('span', { lang: 'en' }, reason)] : [];
        if (this.reason.textContent !== words.map((each) => each.textContent ?? each).join(''))
            this.reason.replaceChildren(...words);
    }

    follow(exchanger) {
        this.chart.follow(exchanger);
    }

    end() {
        this.chart.end();
        this.explanation.end();
    }
}

function exactly({ value, bid, ask, fresh_until: freshUntil }) {
    const until = say('fresh_until', { time: momentText(freshUntil) });
    const sides = bid === ask ? '' : ` (${bid} – ${ask})`;
    return `${say('exact')}: ${value}${sides}, ${until}`;
}

/// "Binance BTCUSDT × Coinbase USDT-USD ÷ CoinGecko tether/usd": a venue is named when it differs from the previous one.
function formulaOf(legs) {
    let text = '';
    let venue = null;
    legs.forEach((leg, index) => {
        if (index > 0) text += leg.inverted ? ' ÷ ' : ' × ';
        if (leg.venue !== venue) text += `${venueName(leg.venue)} `;
        if (index === 0 && leg.inverted) text += '1 ÷ ';
        text += leg.symbol;
        venue = leg.venue;
    });
    return text;
}

/// A venue that publishes one price has the same one as bid and ask.
function sidesText({ bid, ask: offer }) {
    if (bid === offer) return `${say('leg_price')} ${priceText(bid)}`;
    return `${say('leg_bid')} ${priceText(bid)}, ${say('leg_ask')} ${priceText(offer)}`;
}

/// A leg's price is a price too: it is hidden when the course is.
function describe(leg, isFresh, now) {
    const words = [];
    if (isFresh) words.push(sidesText(leg));
    if (leg.inverted) words.push(say('leg_inverted'));
    words.push(officialText(leg, now) ?? `${say('leg_observed')} ${momentText(leg.observed_at)}`);
    if (leg.declared) words.push(say('leg_declared'));
    return element(
        'li',
        {},
        element('strong', {}, `${venueName(leg.venue)} ${leg.symbol}`),
        ` ${words.join(', ')}`,
    );
}

/// An exchanger's part in the consensus. Its price is hidden unless it counts.
function describeBallot({ exchanger, value, age_ms: age, counts, reason }, isFresh) {
    const words = age === null ? [] : [say('ago', { span: spanText(age) })];
    if (isFresh && counts) words.unshift(priceText(value));
    return element(
        'li',
        { 'data-counts': counts },
        element('strong', {}, venueName(exchanger)),
        ` ${words.join(', ')}`,
        reason ? element('span', { class: 'why', lang: 'en' }, ` ${reason}`) : null,
    );
}
