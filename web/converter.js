// The converter: an amount at the rate of /api/v2/convert with the operator's own markup.
import { isMarkup, readDecimal, withMarkup } from './amount.js';
import { CopyButton } from './copy.js';
import { element, setText } from './element.js';
import { lossGrace } from './freshness.js';
import { amountText, momentText, priceText, spanText } from './number.js';
import { currentLanguage, say, sayOf, sayOr } from './text.js';

const calmAfter = 300; // ms without a key
const askEvery = 2000; // ms, while an amount is given
const limit = 4000; // ms

export class Converter {
    #told = null; // the last document, with the markup that it was asked for; or {detail} of a refusal
    #round = 0;

    constructor(form, place) {
        this.form = form;
        this.fields = form.elements;
        this.result = element('strong');
        this.rate = element('p');
        this.age = element('p');
        this.detail = element('p', { class: 'refused' });
        this.copy = new CopyButton('link', say('convert_link'), () => this.#link());
        const copy = element('span', { class: 'copy' }, this.copy.node);
        this.first = element('p', {}, this.result, ' ', copy);
        place.append(this.first, this.rate, this.age, this.detail);
        this.fields.markup.value = remembered();
        form.addEventListener('submit', (event) => event.preventDefault());
        form.addEventListener('input', () => this.#change());
        document.addEventListener('visibilitychange', () => document.hidden || this.#ask());
        this.#show();
    }

    /// The assets of the served directions.
    offer(directions) {
        const pairs = directions.map((direction) => direction.split('-'));
        const assets = [...new Set([...pairs.map(([base]) => base), ...pairs.map(([, quote]) => quote)])];
        const key = `${assets} ${currentLanguage()}`;
        if (assets.length === 0 || key === this.offered) return;
        this.offered = key;
        this.#fill(this.fields.from, assets, pairs[0][0]);
        this.#fill(this.fields.to, assets, pairs[0][1]);
        this.copy.node.title = say('convert_link');
        this.copy.node.setAttribute('aria-label', say('convert_link'));
    }

    #fill(select, assets, usual) {
        const before = select.value || usual;
        const name = (asset) => sayOr('', `currency_${asset}`);
        const text = (asset) => (name(asset) ? `${asset} · ${name(asset)}` : asset);
        select.replaceChildren(...assets.map((asset) => element('option', { value: asset }, text(asset))));
        select.value = assets.includes(before) ? before : assets[0];
    }

    /// `exchanger` is the one that the reader has chosen; '': the active one.
    follow(exchanger) {
        if (exchanger === this.exchanger) return;
        this.exchanger = exchanger;
        this.#change();
    }

    #change() {
        remember(this.fields.markup.value);
        clearTimeout(this.timer);
        this.#round++; // an answer to what was asked before is dropped
        this.#told = null;
        this.#show();
        this.timer = setTimeout(() => this.#ask(true), calmAfter);
    }

    /// Null if nothing is asked.
    #query() {
        const [amount, markup] = [readDecimal(this.fields.amount.value), readDecimal(this.fields.markup.value) || '0'];
        if (!amount || !this.fields.from.value || !isMarkup(markup)) return null;
        const side = this.fields.side.value;
        // The markup is part of the amount, so that the service rounds once. It refuses what is no decimal.
        const asked = withMarkup(amount, markup, side) ?? amount;
        const query = { from: this.fields.from.value, to: this.fields.to.value, amount: asked, side };
        return { amount, markup, side, query: this.exchanger ? { ...query, exchanger: this.exchanger } : query };
    }

    #link() {
        const asked = this.#query();
        return asked && `${location.origin}/api/v2/convert?${new URLSearchParams(asked.query)}`;
    }

    async #ask(isNew = false) {
        clearTimeout(this.timer);
        const asked = this.#query();
        const round = ++this.#round;
        if (!asked || document.hidden) return;
        const told = await ask(asked.query);
        if (round !== this.#round) return;
        this.#told = told && { ...told, asked };
        this.#show();
        if (isNew) document.dispatchEvent(new CustomEvent('said', { detail: this.#words() }));
        this.timer = setTimeout(() => this.#ask(), askEvery);
    }

    #words() {
        return (this.result.textContent || this.detail.textContent).trim();
    }

    /// To be called regularly, with the service's time, or null.
    show(now, lostFor) {
        Object.assign(this, { now, lostFor });
        this.#show();
    }

    #show() {
        const told = this.#told;
        const isTimed = typeof this.now === 'number' && this.lostFor <= lossGrace;
        const isPriced = told?.result !== undefined && isTimed && this.now < Date.parse(told.fresh_until);
        this.first.hidden = this.rate.hidden = this.age.hidden = !isPriced;
        setText(this.detail, isPriced ? '' : this.#refusal());
        this.detail.classList.toggle('refused', Boolean(told?.detail || told?.isAway)); // an expired rate is asked for again
        if (told?.detail) this.detail.lang = 'en';
        else this.detail.removeAttribute('lang');
        if (isPriced) this.#showPrice(told);
        else [this.result, this.rate, this.age].forEach((each) => setText(each, ''));
    }

    #refusal() {
        const told = this.#told;
        if (told) return told.detail ?? say(told.isAway ? 'convert_away' : 'convert_expired');
        if (!isMarkup(readDecimal(this.fields.markup.value) || '0')) return say('convert_markup_wrong');
        return readDecimal(this.fields.amount.value) ? say('convert_waiting') : say('convert_hint');
    }

    #showPrice({ asked, from, to, result, rate, exchanger, observed_at: observedAt, fresh_until: freshUntil }) {
        const values = { amount: `${amountText(asked.amount)} ${from}`, result: `${amountText(result)} ${to}` };
        setText(this.result, say(`convert_${asked.side}s`, values));
        const marked = Number(asked.markup) !== 0;
        const own = marked ? withMarkup(rate, asked.markup, asked.side) : rate;
        const base = { rate: priceText(rate), markup: amountText(asked.markup) };
        const words = [say('convert_rate', { from, to, rate: priceText(own) })];
        words.push(sayOf(marked ? 'convert_marked' : 'convert_plain', exchanger, base));
        setText(this.rate, words.join(', '));
        const span = spanText(Math.max(0, this.now - Date.parse(observedAt)));
        setText(this.age, say('convert_age', { span, time: momentText(freshUntil) }));
    }
}

/// The document, {detail} of a refusal, or {isAway: true}.
async function ask(query) {
    try {
        const options = { cache: 'no-store', signal: AbortSignal.timeout(limit) };
        const answer = await fetch(`/api/v2/convert?${new URLSearchParams(query)}`, options);
        const told = await answer.json();
        return answer.ok ? told : { detail: told.detail };
    } catch {
        return { isAway: true };
    }
}

function remembered() {
    try {
        return localStorage.getItem('markup') ?? '';
    } catch {
        return ''; // the browser stores nothing
    }
}

function remember(markup) {
    try {
        localStorage.setItem('markup', markup);
    } catch {
        // Otherwise it lasts as long as the page.
    }
}
