// The parts of the page that decide, without a browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMarkup, readDecimal, withMarkup } from '../../web/amount.js';
import { ServerClock } from '../../web/clock.js';
import { changeOf, dayOf } from '../../web/day.js';
import { ageOf, judge, lossGrace } from '../../web/freshness.js';
import { countText, decimalsOf, officialText, priceText, rangeText, spanText } from '../../web/number.js';
import { Background, choiceText, commonReason, isCovered, reasonOf, reasonText } from '../../web/reasons.js';
import { sparkSpan, tracePath } from '../../web/sparkline.js';
import { Courses } from '../../web/state.js';
import { Stream } from '../../web/stream.js';
import { findNotes } from '../../web/notices.js';
import { learnVenueNames, sayOf, setLanguage, venueName } from '../../web/text.js';
import { english } from '../../web/text_en.js';
import { russian } from '../../web/text_ru.js';
import { sumOf } from '../../web/venues.js';

const noon = Date.parse('2026-11-23T12:00:00.000Z');
const at = (ms) => new Date(noon + ms).toISOString();
const fresh = { direction: 'BTC-USD', state: 'fresh', value: '54000', observed_at: at(0), fresh_until: at(5000) };
const stale = { ...fresh, state: 'stale', value: null };
const spaced = (text) => text.replaceAll('\u00a0', ' ');

test('a course is fresh until its limit, and not at it', () => {
    assert.equal(judge(fresh, noon + 4999, 0), 'fresh');
    assert.equal(judge(fresh, noon + 5000, 0), 'overdue');
});

test('what the service calls stale is never fresh, whatever its times say', () => {
    assert.equal(judge(stale, noon, 0), 'stale');
    assert.equal(judge({ ...fresh, state: 'disputed' }, noon, 0), 'disputed');
    assert.equal(judge({ ...fresh, state: 'unavailable', fresh_until: null }, noon, 0), 'unavailable');
    assert.equal(judge({ ...fresh, fresh_until: null }, noon, 0), 'overdue');
});

test('without a connection, or without a clock, nothing is known', () => {
    assert.equal(judge(fresh, noon, lossGrace), 'fresh');
    assert.equal(judge(fresh, noon, lossGrace + 1), 'unknown');
    assert.equal(judge(fresh, noon + 5000, 1), 'overdue', 'the grace does not outlast the limit');
    assert.equal(judge(fresh, null, 0), 'untimed', 'which is not the same');
    assert.equal(judge(fresh, null, lossGrace + 1), 'unknown');
});

test('an official rate is shown with its date, its confirmation and its market', () => {
    const leg = { observed_at: at(0), date: '2026-11-28', confirmed_at: at(0), market_open: false };
    const now = noon + 125 * 60000;
    globalThis.document = { documentElement: {}, querySelectorAll: () => [] };
    assert.equal(
        officialText(leg, now),
        'official rate of 28 November, confirmed 2\u00a0h 05\u00a0min ago; the market is closed',
    );
    setLanguage('ru');
    assert.equal(
        officialText({ ...leg, market_open: true }, now),
        'официальный курс на 28 ноября, подтверждён 2\u00a0ч 05\u00a0мин назад; рынок открыт',
    );
    setLanguage('en');
    delete globalThis.document;
    assert.equal(officialText(leg, null), null);
    assert.equal(officialText({ observed_at: at(0) }, now), null);
});

test('an age is counted from when the value was true, and is never negative', () => {
    assert.equal(ageOf(fresh, noon + 1234), 1234);
    assert.equal(ageOf(fresh, noon - 50), 0);
    assert.equal(ageOf({ observed_at: null }, noon), null);
    assert.equal(ageOf(fresh, null), null);
});

const second = 1000;
const minute = 60 * second;

/// `truth` is what time it is at the service; `come` has messages come that were under way for `late` ms.
function heldClock() {
    const held = { steady: 1000, wall: 5000000, truth: noon, wakings: 0 };
    const clock = new ServerClock(() => ++held.wakings, { steady: () => held.steady, wall: () => held.wall });
    const pass = (ms, slept = 0) => {
        held.steady += ms;
        held.wall += ms + slept;
        held.truth += ms + slept;
    };
    const come = (late, begunAt = 1000) => clock.hear(held.truth - late, begunAt);
    /// The way there and the way back.
    const ask = (there, back) => {
        const askedAt = held.steady;
        pass(there);
        const sentAt = held.truth;
        pass(back);
        clock.hearAnswer(sentAt, askedAt);
    };
    const error = () => clock.now() - held.truth;
    return { held, clock, pass, come, ask, error };
}

/// The clock is ahead by `ms`, or by a little more, since clocks drift.
const isOff = (error, ms, message) => assert.ok(error >= ms && error < ms + 10, `${error} ms: ${message ?? ''}`);

test('of messages alone, which may all have come late, the time is not known', () => {
    const { clock, come } = heldClock();
    assert.equal(clock.now(), null);
    come(12000);
    assert.equal(clock.now(), null);
});

test("an answer tells the service's time: it is taken for under way since it was asked for", () => {
    const { ask, error } = heldClock();
    ask(20, 300);
    isOff(error(), 20, 'the way back does not matter');
    ask(2000, 10);
    isOff(error(), 20, 'nor does a later answer that took longer');
    ask(5, 2000);
    isOff(error(), 5, 'a later one that says more does, though it too took longer');
});

test('a queue does not make the time late, however many messages wait in it', () => {
    const { ask, pass, come, error } = heldClock();
    ask(20, 20);
    for (let count = 0; count < 25; ++count) {
        pass(100);
        come(12000);
    }
    isOff(error(), 20);
    ask(2000, 1900);
    isOff(error(), 20, 'nor does an answer that waits, too');
});

test('a page whose first answer is late errs by no more than the round trip, and shows nothing as younger', () => {
    const lateBack = heldClock();
    lateBack.ask(0, 12000);
    isOff(lateBack.error(), 0);
    const lateThere = heldClock();
    lateThere.ask(12000, 0);
    isOff(lateThere.error(), 12000);
    lateThere.come(0);
    isOff(lateThere.error(), 12000, 'a message does not tell that it was quick');
    lateThere.ask(50, 0);
    isOff(lateThere.error(), 50, 'until it is known better');
});

test('no price is shown as younger than it is, whatever the ways and however fast the clocks', () => {
    const ways = [3, 900, 40, 2500, 0, 12000, 7, 1800];
    for (const speed of [0.9998, 1, 1.0002]) {
        const { held, ask, come, pass, error } = heldClock();
        for (let round = 0; round < 2000; ++round) {
            ask(ways[round % 8], ways[(3 * round + 1) % 8]);
            come(ways[(5 * round + 2) % 8]);
            pass(2000);
            held.truth += 2000 * (speed - 1);
            assert.ok(error() >= 0 && error() < 100, `${error()} ms in round ${round} at ${speed}`);
        }
    }
});

test('what was once known well counts for ten minutes, and what is heard then counts again', () => {
    const { ask, pass, error } = heldClock();
    ask(10, 10);
    pass(9 * minute);
    ask(1500, 0);
    assert.ok(error() >= 10 && error() < 400);
    pass(minute);
    ask(1500, 0);
    isOff(error(), 1500);
});

test("the service's clock is set: the page follows, forwards at once and backwards after a while", () => {
    const { held, ask, come, pass, error } = heldClock();
    ask(10, 10);
    held.truth += 60 * minute;
    come(5);
    isOff(error(), -5, 'it may be too early by what the quickest message took, until it is asked again');
    ask(10, 10);
    isOff(error(), 10);
    held.truth -= 60 * minute;
    ask(10, 10);
    assert.ok(error() > 0, 'prices look older meanwhile');
    for (let passed = 0; passed <= 10 * minute; passed += 2 * second) {
        pass(2 * second);
        ask(10, 10);
    }
    assert.ok(error() >= 0 && error() < 100);
});

test('after the device has slept the time is not known until something is asked anew', () => {
    const { held, clock, ask, come, pass, error } = heldClock();
    ask(10, 10);
    const askedBefore = held.steady;
    pass(500, 60000);
    assert.equal(come(60000), false, 'it may have waited while the device slept');
    assert.equal(held.wakings, 1);
    assert.equal(clock.now(), null);
    assert.equal(come(0), false, 'and so may all that was begun before');
    clock.hearAnswer(held.truth, askedBefore);
    assert.equal(clock.now(), null);
    assert.equal(come(0, held.steady), true);
    assert.equal(clock.now(), null);
    ask(30, 10);
    isOff(error(), 30);
    assert.equal(held.wakings, 1, 'it is told once');
});

test('many short stops of the steady clock count as a sleep, too', () => {
    const { held, ask, clock, pass } = heldClock();
    ask(10, 10);
    for (let count = 0; count < 3; ++count) {
        assert.notEqual(clock.now(), null);
        pass(1000, 100);
    }
    assert.equal(clock.now(), null);
    assert.equal(held.wakings, 1);
});

test('prices have decimals that say something, and lose none of their own on the way', () => {
    const cases = [
        ['4895847.543', '4,895,847.54'],
        ['64082.625', '64,082.63'],
        ['76.38564', '76.3856'],
        ['0.999834', '0.99983'],
        ['1.00002', '1.00002'],
        ['0.0134567', '0.013457'],
        ['0.000000123456', '0.00000012346'],
    ];
    for (const [value, shown] of cases) assert.equal(priceText(value), shown);
    assert.deepEqual([countText(1234), rangeText(4895847.543), rangeText(76.38564)], ['1,234', '4,895,848', '76.3856']);
    assert.equal(decimalsOf('0.99999'), decimalsOf('1.00001'), 'nothing jumps at one');
});

test('ages are told in two units at most', () => {
    const cases = [
        [40, '0.0 s'],
        [999, '0.9 s'],
        [9999, '9.9 s'],
        [10000, '10 s'],
        [59999, '59 s'],
        [65000, '1 min 05 s'],
        [3600000, '1 h 00 min'],
        [200 * 3600000, '8 d 8 h'],
    ];
    for (const [ms, shown] of cases) assert.equal(spaced(spanText(ms)), shown);
    assert.doesNotMatch(cases.map(([ms]) => spanText(ms)).join(), / [a-z]/, 'a unit stays on the line of its number');
});

test('a snapshot replaces everything, changes only what they name', () => {
    const courses = new Courses();
    assert.equal(
        courses.apply('snapshot', {
            exchanger: 'binance',
            version: 1,
            courses: [fresh, { ...fresh, direction: 'ETH-USD' }],
        }),
        true,
    );
    assert.equal(courses.apply('changes', { exchanger: 'binance', version: 2, courses: [stale] }), false);
    assert.equal(courses.byDirection.get('BTC-USD').state, 'stale');
    assert.equal(courses.byDirection.get('ETH-USD').state, 'fresh');
    assert.equal(courses.apply('snapshot', { exchanger: 'binance', version: 3, courses: [fresh] }), true);
    assert.deepEqual([...courses.byDirection.keys()], ['BTC-USD']);
});

test('a trend is broken where nothing is known', () => {
    const points = [
        [noon - 20 * minute, 10],
        [noon - 19 * minute, 11],
        [noon - 5 * minute, 12],
        [noon, 13],
    ];
    const { path, last } = tracePath(points.slice(0, 2), noon);
    assert.equal(path.match(/M/g).length, 1);
    assert.equal(tracePath(points.slice(0, 3), noon).path.match(/M/g).length, 2);
    assert.ok(Number(last[0]) < 132);
    assert.equal(tracePath([], noon).path, '');
    assert.ok(sparkSpan >= 20 * minute);
});

test('both languages say the same things, with the same values in them', () => {
    assert.deepEqual(Object.keys(russian).sort(), Object.keys(english).sort());
    const values = (words) => [...words.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();
    for (const key of Object.keys(english)) assert.deepEqual(values(russian[key]), values(english[key]), key);
});

/// What a browser offers, told by hand: as the HTML standard has it, the id is the last one that was given.
class ScriptedSource extends EventTarget {
    static CLOSED = 2;
    static opened = [];
    readyState = 1;

    constructor(url) {
        super();
        this.url = url;
        ScriptedSource.opened.push(this);
    }

    tell(kind, lastEventId) {
        this.dispatchEvent(Object.assign(new Event(kind), { data: '{}', lastEventId }));
    }

    close() {
        this.readyState = ScriptedSource.CLOSED;
    }
}

test('a stream goes on from the last id, and from none that it was told to forget', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    globalThis.EventSource = ScriptedSource;
    const opened = ScriptedSource.opened;
    const stream = new Stream(
        () => {},
        () => {},
    );
    const asked = () => new URL(opened.at(-1).url, 'http://x').searchParams.get('last_event_id');
    stream.open();
    assert.equal(asked(), null);
    opened.at(-1).tell('snapshot', '17');
    opened.at(-1).tell('changes', '18');
    stream.resume();
    assert.equal(asked(), '18');
    opened.at(-1).tell('heartbeat', ''); // it has given no id yet
    stream.resume();
    assert.equal(asked(), '18');
    opened.at(-1).tell('changes', '19');
    opened.at(-1).tell('changes', '');
    const count = opened.length;
    opened.at(-1).dispatchEvent(new Event('error')); // a browser would ask again for what comes after 18
    t.mock.timers.tick(2000);
    assert.equal(opened.length, count + 1);
    assert.equal(asked(), null);
});

test('a stream that was refused by an HTTP error is opened again, later each time, until it is closed', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    globalThis.EventSource = ScriptedSource;
    const opened = ScriptedSource.opened;
    const links = [];
    const stream = new Stream(
        () => {},
        (link) => links.push(link),
    );
    const refuse = () => {
        opened.at(-1).close(); // as a browser does after a status
        opened.at(-1).dispatchEvent(new Event('error'));
    };
    stream.open('binance');
    for (const most of [1500, 3000, 6000, 12000, 15000, 15000]) {
        const count = opened.length;
        refuse();
        t.mock.timers.tick(most / 2 - 1);
        assert.equal(opened.length, count, 'not at once');
        t.mock.timers.tick(most / 2 + 1);
        assert.equal(opened.length, count + 1);
    }
    assert.deepEqual(links, ['lost']);
    const count = opened.length;
    refuse();
    stream.close();
    stream.resume();
    t.mock.timers.tick(60000);
    assert.equal(opened.length, count, 'closed is closed');
    assert.equal(stream.lostFor(), 0);
    stream.open('coingecko');
    assert.match(opened.at(-1).url, /exchanger=coingecko/);
});

/// The same for WebSocket.
class ScriptedSocket extends EventTarget {
    static opened = [];

    constructor(url) {
        super();
        this.url = String(url);
        ScriptedSocket.opened.push(this);
    }

    tell(event) {
        const data = JSON.stringify({ event, version: 1 });
        this.dispatchEvent(Object.assign(new Event('message'), { data }));
    }

    close() {}
}

test('a page uses WebSockets, and event streams only while none has opened', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    Object.assign(globalThis, { EventSource: ScriptedSource, WebSocket: ScriptedSocket });
    globalThis.location = { href: 'https://kurs.example/' };
    const [sockets, sources] = [ScriptedSocket.opened, ScriptedSource.opened];
    const kinds = [];
    const stream = new Stream(
        (kind, message, { isAnswer }) => kinds.push([kind, isAnswer]),
        () => {},
    );
    const end = () => {
        sockets.at(-1).dispatchEvent(new Event('close'));
        t.mock.timers.tick(3000);
    };
    const before = sources.length;
    stream.open('okx');
    assert.equal(sockets.at(-1).url, 'wss://kurs.example/api/v2/ws?exchanger=okx');
    end();
    assert.deepEqual([sockets.length, sources.length], [1, before + 1], 'a proxy lets none through');
    stream.open('');
    assert.equal(sources.length, before + 2, 'and is not tried again for that');
    sources.at(-1).close();
    sources.at(-1).dispatchEvent(new Event('error'));
    t.mock.timers.tick(1500);
    assert.equal(sockets.length, 2);
    sockets.at(-1).dispatchEvent(new Event('open'));
    sockets.at(-1).tell('snapshot');
    sockets.at(-1).tell('changes');
    assert.deepEqual(kinds, [
        ['snapshot', true],
        ['changes', false],
    ]);
    for (let count = 3; count < 8; ++count) {
        end();
        assert.deepEqual([sockets.length, sources.length], [count, before + 2], 'it stays with them');
    }
    const old = sockets.at(-1);
    stream.resume();
    old.tell('changes');
    assert.equal(kinds.length, 2, 'what a closed one still brings does not count');
    delete globalThis.WebSocket;
    delete globalThis.location;
});

test('a reason names who is silent, once it is known whose limit ended the rate', () => {
    const leg = (venue, symbol, ms) => ({ venue, symbol, observed_at: at(ms) });
    const legs = [leg('okx', 'BTC-USDT', 0), leg('cbr', 'USD/RUB', -3600000)];
    const course = { ...stale, direction: 'BTC-RUB', fresh_until: at(5000), observed_at: at(-3600000), legs };
    const background = new Background();
    const why = (changed = {}, kind = 'stale') => {
        const reason = reasonOf({ ...course, ...changed }, kind, 'okx', background);
        return reason && spaced(reasonText(reason, noon + 7200));
    };
    assert.equal(why(), 'The last value is 1 h 00 min old.');
    const known = legs.map((each, index) => ({ ...each, max_age_ms: [5000, 1296000000][index] }));
    background.learn({ direction: 'BTC-RUB', exchangers: [{ exchanger: 'okx', route: '…', quote: { legs: known } }] });
    assert.equal(why(), 'okx has sent no new price for 7 s.');
    const official = { ...legs[1], confirmed_at: at(-1000) };
    assert.equal(why({ legs: [legs[0], official] }), 'okx has sent no new price for 7 s.');
    const confirmed = { legs: [legs[0], official], fresh_until: at(4000) };
    assert.match(why(confirmed), /^cbr has not confirmed its rate since .*59/);
    assert.equal(why({}, 'fresh'), null);
    assert.equal(why({}, 'disputed'), 'Other exchangers do not confirm the price of okx.');
    assert.equal(why({}, 'unavailable'), 'okx has not sent all of its prices yet.');
    background.learn({ direction: 'BTC-RUB', exchangers: [{ exchanger: 'okx', route: null, quote: null }] });
    assert.equal(why({}, 'unavailable'), 'okx has no rate for this direction.');
    const consensus = { counted: 1, exchangers: [{}, {}, {}] };
    assert.equal(why({ consensus }, 'unavailable'), '1 of 3 exchangers can be compared. Two are needed.');
});

const silent = (venue, ms) => ({ key: 'silent', cause: { venue }, at: noon + ms });

test('the reason that most rates share is told for all of them, as of the latest', () => {
    const own = silent('kraken', 0);
    const unknown = { key: 'stale', at: noon };
    const reasons = [silent('okx', 0), silent('okx', 2000), silent('okx', 1000), unknown, own];
    const common = commonReason(reasons);
    assert.deepEqual(common, silent('okx', 2000));
    assert.equal(spaced(reasonText(common, noon + 7000, true)), 'okx has sent no new price for 5 s.');
    assert.deepEqual(reasons.filter((each) => !isCovered(each, common)), [own]);
    assert.equal(commonReason([...reasons, null]), null, 'not while a rate is fresh');
    assert.equal(commonReason([silent('okx', 0), own]), null, 'nor of half of them');
    assert.equal(commonReason([]), null);
    assert.equal(spaced(reasonText(commonReason([unknown]), noon + 7000, true)), 'The last values are 7 s old.');
    assert.ok(!isCovered(own, null) && !isCovered(null, common));
});

test('a notice gives the reason that the rates share', () => {
    const kinds = new Map([['BTC-USD', 'stale']]);
    const more = (common, chosen = '') =>
        spaced(findNotes({ now: noon + 7000, lostFor: 0, kinds, common, serving: 'okx', known: null, chosen })[0].more);
    assert.equal(more(silent('okx', 0)), 'okx has sent no new price for 7 s.');
    assert.match(more(silent('okx', 0), 'okx'), /^okx has sent no new price for 7 s\. Automatic shows/);
    assert.match(more(null), /Each rate has its reason\.$/);
    assert.match(more(null, 'okx'), /^No prices are shown\. Automatic shows/);
});

test('the consensus is spoken of as what venues agree on, in both languages', () => {
    globalThis.document = { documentElement: {}, querySelectorAll: () => [] };
    assert.deepEqual([sayOf('courses_of', 'okx'), sayOf('courses_of', 'consensus')], ['Rates from okx', 'Consensus rates']);
    setLanguage('ru');
    assert.equal(sayOf('courses_of', 'consensus'), 'Курсы по консенсусу площадок');
    for (const key of ['said_switched', 'note_chosen', 'convert_plain', 'convert_marked'])
        assert.doesNotMatch(sayOf(key, 'consensus'), /консенсус(?=[\s.]|$)/i, 'inflected');
    setLanguage('en');
    delete globalThis.document;
});

test('a feed that waits for its first poll is no fault of the venue', () => {
    const sum = (...states) => sumOf(states.map((state) => ({ state })));
    assert.deepEqual(sum('live', 'live', 'waiting'), { state: 'live', words: 'live' });
    assert.deepEqual(sum('live', 'stale', 'waiting'), { state: 'connecting', words: '1 of 2 feeds live' });
    assert.deepEqual(sum('backing_off', 'connecting'), { state: 'backing_off', words: 'backing off' });
    assert.equal(sum('waiting').state, 'waiting');
});

test('why an exchanger was chosen is told in the language of the page, and as it came if it is not known', () => {
    globalThis.document = { documentElement: {}, querySelectorAll: () => [] };
    setLanguage('ru');
    assert.deepEqual(choiceText('8 fresh at start'), { text: 'при запуске свежих курсов: 8' });
    assert.match(choiceText('8 fresh against 3').text, /^свежих курсов: 8, .*\u00a03$/);
    assert.match(choiceText('preferred and healthy, 8 fresh against 8').text, /^выше по приоритету.* 8, .*\u00a08$/);
    assert.deepEqual(choiceText('8 fresh, by hand'), { text: '8 fresh, by hand', lang: 'en' });
    setLanguage('en');
    delete globalThis.document;
});

test('a markup is applied to an amount exactly, against the customer', () => {
    assert.equal(withMarkup('0.05', '1.5', 'sell'), '0.04925');
    assert.equal(withMarkup('0.05', '1.5', 'buy'), '0.05075');
    assert.equal(withMarkup('123456789012345.123456789012', '0.0001', 'buy'), '123456912469134.135801912468789012');
    assert.equal(withMarkup('100', '0', 'sell'), '100');
    assert.equal(withMarkup('1', '-2.5', 'sell'), '1.025');
    assert.equal(withMarkup('1e5', '1', 'sell'), null);
    assert.equal(withMarkup('-1', '1', 'sell'), null);
    assert.equal(readDecimal('1 000\u00a0000,5'), '1000000.5');
    const cases = ['0', '1.5', '-2', '99.9999', '100', '1.23456', '1e1', '', '.5'];
    assert.deepEqual(cases.filter(isMarkup), ['0', '1.5', '-2', '99.9999']);
});

test('a day begins at the hour that is nearest to 24 hours ago, and is none before it is over', () => {
    const hour = 60 * minute;
    const now = noon + 20 * minute;
    const candle = (ago) => ({ at: noon - ago * hour, open: 100 + ago, high: 130 + ago, low: 90 - ago });
    const candles = Array.from({ length: 26 }, (_, index) => candle(25 - index));
    const day = dayOf(candles, now);
    assert.deepEqual(day, { open: 124, low: 66, high: 154 });
    assert.deepEqual(changeOf(day, 155), { percent: 25, low: 66, high: 155 });
    assert.equal(dayOf(candles.slice(1), now).open, 124);
    assert.equal(dayOf(candles.slice(4), now), null);
    assert.equal(dayOf([], now), null);
});

test('venues have the names that the service tells, and their identifiers until then', () => {
    globalThis.document = { documentElement: {}, querySelectorAll: () => [] };
    setLanguage('en');
    assert.equal(venueName('cbr'), 'cbr');
    assert.equal(venueName(null), '');
    learnVenueNames({
        exchangers: [{ exchanger: 'binance', name: 'Binance', name_ru: 'Binance' }],
        sources: [{ venue: 'cbr', name: 'Bank of Russia', name_ru: 'Банк России' }],
    });
    assert.equal(venueName('cbr'), 'Bank of Russia');
    setLanguage('ru');
    assert.deepEqual([venueName('cbr'), venueName('binance'), venueName('bybit')], ['Банк России', 'Binance', 'bybit']);
    delete globalThis.document;
});
