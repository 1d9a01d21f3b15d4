// A row of the table of courses, and below it a detail row when it is opened.
import { CopyButton } from './copy.js';
import { changeOf } from './day.js';
import { Detail } from './detail.js';
import { element, setAttribute, setText } from './element.js';
import { ageOf, judge } from './freshness.js';
import { amountText, decimalsOf, percentText, priceText, rangeText, spanText } from './number.js';
import { isCovered, reasonOf, reasonText } from './reasons.js';
import { Sparkline } from './sparkline.js';
import { say, sayOr, venueName } from './text.js';

export const columns = ['course', 'value', 'bid', 'ask', 'day', 'trend', 'age', 'origin', 'state', 'copy'];

function nameOf(direction) {
    const [base, quote] = direction.split('-');
    return `${sayOr(base, `currency_${base}`)} → ${sayOr(quote, `currency_${quote}`)}`;
}

/// "Binance, Coinbase, CoinGecko"
const originText = (legs) => [...new Set(legs.map((leg) => venueName(leg.venue)))].join(', ') || '–';

/// Whether some venue publishes a bid and an ask. One that publishes a single price has it on both sides.
const hasSides = ({ legs, bid, ask }) =>
    legs.length > 0 ? legs.some((leg) => leg.bid !== leg.ask) : bid !== ask;

/// "5 of 6 exchangers, the furthest 0.0312 % away"
function agreementText({ agreement, counted, dispersion_percent: dispersion, exchangers }) {
    const words = [say('consensus_of', { counted, all: exchangers.length })];
    if (dispersion !== null) words.push(say('consensus_within', { percent: amountText(dispersion) }));
    if (agreement === 'agreed, thin') words.push(say('consensus_thin'));
    return words.join(', ');
}

export class CourseRow {
    constructor(table, direction) {
        this.table = table;
        this.direction = direction;
        this.spark = new Sparkline();
        this.value = element('data', { class: 'number' });
        this.bid = element('span', { class: 'number' });
        this.ask = element('span', { class: 'number' });
        this.day = null; // of the last 24 hours (day.js)
        this.change = element('span', { class: 'change number' });
        this.low = element('span');
        this.high = element('span');
        this.age = element('span', { class: 'number' });
        this.origin = element('span');
        this.state = element('strong');
        this.reason = element('span');
        this.copyValue = new CopyButton('value', say('copy_value', { direction }), () =>
            this.value.getAttribute('value'),
        );
        const copyLink = new CopyButton('link', say('copy_link', { direction }), () => this.#link());
        this.button = element(
            'button',
            { type: 'button', 'aria-expanded': 'false', title: say('open_course', { direction }) },
            element('span', { class: 'code' }, direction),
            element('span', { class: 'words' }, nameOf(direction)),
        );
        this.button.addEventListener('click', () => this.toggle());
        const cell = (name, ...content) =>
            element('td', { role: 'cell', class: name, 'data-name': say(`column_${name}`) }, ...content);
        this.node = element(
            'tr',
            { role: 'row', class: 'row', 'data-direction': direction },
            element('th', { role: 'rowheader', scope: 'row', class: 'name' }, this.button),
            cell('value', this.value),
            cell('bid', this.bid),
            cell('ask', this.ask),
            cell('day', this.change, this.#range()),
            cell('trend', this.spark.node),
            cell('age', this.age),
            cell('origin', this.origin),
            cell('state', this.state, ' ', this.reason),
            cell('copy', this.copyValue.node, copyLink.node),
        );
        this.node.addEventListener('click', (event) => {
            if (!event.target.closest('button') && getSelection().isCollapsed) this.toggle();
        });
        this.place = element('tr', { role: 'row', class: 'opened', hidden: true });
    }

    #range() {
        const words = (key) => element('span', { class: 'hidden' }, `${say(key)} `);
        return element('span', { class: 'range number' }, words('day_low'), this.low, ' – ', words('day_high'), this.high);
    }

    /// The address of the rate as it is shown: of the chosen exchanger, if one is chosen.
    #link() {
        const query = this.table.chosen ? `?exchanger=${encodeURIComponent(this.table.chosen)}` : '';
        return `${location.origin}/api/v2/courses/${this.direction}${query}`;
    }

    toggle() {
        if (this.detail) this.close();
        else this.open();
    }

    open() {
        this.table.opened(this);
        this.detail = new Detail(this.direction, this.table.exchanger, () => {
            this.close();
            this.button.focus();
        });
        this.place.replaceChildren(element('td', { role: 'cell', colspan: columns.length }, this.detail.node));
        this.place.hidden = false;
        this.button.setAttribute('aria-expanded', 'true');
        if (this.course) this.detail.show(this.course, this.kind, this.now);
    }

    close() {
        this.detail?.end();
        this.detail = null;
        this.place.hidden = true;
        this.place.replaceChildren();
        this.button.setAttribute('aria-expanded', 'false');
    }

    /// To be called before `show`.
    judge(course, now, lostFor) {
        const kind = judge(course, now, lostFor);
        const { background, exchanger } = this.table;
        this.isNew ||= course !== this.course || kind !== this.kind;
        Object.assign(this, { course, kind, now, why: reasonOf(course, kind, exchanger, background) });
        if (['stale', 'disputed', 'unavailable'].includes(kind)) background.ask(this.direction);
    }

    /// `common` is the reason that a notice gives for all rates, or null.
    show(common) {
        const { course, kind, now } = this;
        this.node.dataset.state = kind;
        const age = ageOf(course, now);
        setText(this.age, age === null ? '–' : spanText(age));
        if (this.isNew) {
            this.#showPrice(kind === 'fresh');
            this.detail?.show(course, kind, now);
        }
        this.isNew = false;
        this.#showOrigin();
        this.#showWhy(common);
        this.#showDay();
        if (kind === 'fresh') this.spark.putLive(now, Number(course.value));
        if (now !== null) this.spark.draw(now);
    }

    #showPrice(isFresh) {
        const { value, bid, ask } = this.course;
        this.copyValue.setPossible(isFresh);
        if (!isFresh) {
            this.value.removeAttribute('value');
            this.value.removeAttribute('title');
            setText(this.bid, '–');
            setText(this.ask, '–');
            this.shown = null;
            return;
        }
        const decimals = decimalsOf(value);
        const text = priceText(value, decimals);
        if (this.shown && text !== this.value.textContent)
            this.#flash(Number(value) > Number(this.shown) ? 'up' : 'down');
        this.shown = value;
        setText(this.value, text);
        setAttribute(this.value, 'value', value);
        setAttribute(this.value, 'title', value);
        const isTwoSided = hasSides(this.course);
        setText(this.bid, isTwoSided ? priceText(bid, decimals) : '–');
        setText(this.ask, isTwoSided ? priceText(ask, decimals) : '–');
    }

    /// A day is of prices too: it is hidden when the rate is.
    #showDay() {
        const isShown = this.kind === 'fresh' && this.day !== null;
        this.change.nextSibling.hidden = !isShown;
        if (!isShown) {
            setText(this.change, '–');
            setText(this.low, '');
            setText(this.high, '');
            delete this.change.dataset.way;
            return;
        }
        const { percent, low, high } = changeOf(this.day, Number(this.course.value));
        Object.assign(this.day, { low, high });
        const text = percentText(percent);
        setText(this.change, text);
        setAttribute(this.change, 'data-way', /[1-9]/.test(text) ? (percent > 0 ? 'up' : 'down') : 'same');
        setText(this.low, rangeText(low));
        setText(this.high, rangeText(high));
    }

    #flash(way) {
        if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
        this.value.animate([{ color: `var(--${way})` }, { color: 'var(--ink)' }], { duration: 900 });
    }

    #showOrigin() {
        const { legs, consensus } = this.course;
        setText(this.origin, consensus ? agreementText(consensus) : originText(legs));
    }

    #showWhy(common) {
        const isFresh = this.kind === 'fresh';
        const isOwn = !isFresh && !isCovered(this.why, common);
        this.node.classList.toggle('explained', isOwn);
        setText(this.state, say(`state_${this.kind}`) + (isFresh ? '' : '.'));
        setText(this.reason, isOwn ? reasonText(this.why, this.now) : '');
        if (!isFresh) setText(this.value, isOwn ? say('no_price') : '–');
    }
}
