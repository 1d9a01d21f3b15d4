// Why a course is served: a panel of the opened course, with what /api/v2/courses/{direction}/explain says.
import { element } from './element.js';
import { amountText, countText, momentText, priceText, spanText } from './number.js';
import { choiceText } from './reasons.js';
import { say, sayOr, venueName } from './text.js';

const askEvery = 2000; // ms, while the panel is open
const limit = 4000; // ms

export class Explanation {
    constructor(direction) {
        this.direction = direction;
        this.body = element('div', { class: 'explanation-body' }, say('explanation_waiting'));
        this.node = element(
            'details',
            { class: 'explanation' },
            element('summary', {}, say('explanation')),
            this.body,
        );
        this.node.addEventListener('toggle', () => this.#follow());
    }

    end() {
        this.node.open = false;
        clearTimeout(this.timer);
    }

    async #follow() {
        clearTimeout(this.timer);
        if (!this.node.open) return;
        const told = document.hidden ? null : await ask(this.direction);
        if (!this.node.open) return;
        if (told) this.body.replaceChildren(...describe(told));
        else if (!document.hidden) this.body.replaceChildren(element('p', {}, say('explanation_away')));
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.#follow(), askEvery);
    }
}

/// Null if the service does not answer.
async function ask(direction) {
    try {
        const options = { cache: 'no-store', signal: AbortSignal.timeout(limit) };
        const answer = await fetch(`/api/v2/courses/${direction}/explain`, options);
        return answer.ok ? await answer.json() : null;
    } catch {
        return null;
    }
}

function describe(told) {
    return [
        ...part('explanation_served', servedOf(told)),
        ...part('explanation_exchangers', told.exchangers.map(exchangerOf)),
        ...part('explanation_rates', told.reference_rates.flatMap(rateOf)),
        ...part('explanation_refused', told.refused?.map(refusedOf) ?? [line('', [say('explanation_unknown')])]),
        ...part('explanation_limits', [limitsOf(told)]),
    ];
}

/// A part without content is left out, except for one that says so.
function part(name, lines) {
    if (lines.length === 0 && name !== 'explanation_refused') return [];
    const content = lines.length === 0 ? [line('', [say('explanation_none')])] : lines;
    return [element('h3', {}, say(name)), element('ul', { class: 'reasons' }, ...content)];
}

function line(head, parts, state) {
    const words = parts.filter(Boolean).flatMap((each, index) => (index > 0 ? [', ', each] : [each]));
    const start = head ? [element('strong', {}, head), ' '] : [];
    return element('li', { 'data-state': state }, ...start, ...words);
}

/// A reason of the service, which is in English.
const reason = (text) => text && element('span', { lang: 'en' }, text);

function servedOf({ served, next, version }) {
    const chosen = choiceText(served.reason);
    const follow = next.map(({ exchanger }) => venueName(exchanger)).join(', ');
    const lines = [
        line(served.exchanger ? venueName(served.exchanger) : '–', [
            served.since && say('explanation_since', { time: momentText(served.since) }),
            chosen.text && element('span', { lang: chosen.lang }, chosen.text),
            reason(served.course.reason),
        ]),
    ];
    if (follow) lines.push(line('', [say('explanation_next', { exchangers: follow })]));
    if (version) lines.push(line('', [say('explanation_version', { version })]));
    return lines;
}

/// A price is shown only while it is fresh, as everywhere on the page.
function exchangerOf({ exchanger, state, reason: why, route, quote }) {
    const isFresh = state === 'fresh';
    return line(
        venueName(exchanger),
        [
            say(`state_${state}`).toLowerCase(),
            isFresh && priceText(quote.value),
            quote && say('explanation_age', { span: spanText(quote.age_ms) }),
            route && formula(route),
            reason(why),
        ],
        state,
    );
}

function rateOf({ reference_rate: rate, sources }) {
    return sources.map(({ source, state, value }) =>
        line(
            rate,
            [
                sourceText(source),
                state ? sayOr(state, `source_${state}`) : say('explanation_unknown'),
                ['used', 'fresh'].includes(state) && priceText(value),
            ],
            state === 'used' ? 'fresh' : state,
        ),
    );
}

function refusedOf({ venue, symbol, reason: why, bid, ask: offer, last_at: lastAt, times }) {
    return line(
        `${venueName(venue)} ${symbol}`,
        [
            sayOr(why, `refused_${why}`),
            bid && `${priceText(bid)} – ${priceText(offer)}`,
            say('explanation_times', { times: countText(times), time: momentText(lastAt) }),
        ],
        'disputed',
    );
}

function limitsOf({ limits }) {
    const ages = limits.symbols.map(
        ({ venue, symbol, max_age_ms: age }) => `${venueName(venue)} ${symbol} ${spanText(age)}`,
    );
    return line('', [
        limits.allowance_percent && say('explanation_allowance', { percent: amountText(limits.allowance_percent) }),
        `${say('explanation_ages')} ${ages.join('; ')}`,
    ]);
}

/// Of "kraken: USDT/USD".
function sourceText(text) {
    const [venue, symbols] = text.split(': ');
    return formula(`${venueName(venue)} ${symbols}`);
}

const formula = (text) => element('span', { class: 'symbol' }, text.replaceAll(' * ', ' × ').replaceAll(' / ', ' ÷ '));
