// Venues, the service and the connection fail in front of the page's eyes.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import {
    allAre,
    close,
    fault,
    findViolations,
    forgiveLoss,
    intercept,
    mend,
    narrow,
    openBrowser,
    openPage,
    overflow,
    pricesShown,
    shoot,
    tell,
    textOf,
    until,
    untilChart,
    untilFresh,
    untilWithin,
    wide,
} from './browser.mjs';

let browser;
before(async () => {
    browser = await openBrowser();
});
after(() => browser.close());
afterEach(mend);

const isOf = (exchanger) => document.getElementById('courses-head').textContent === `Rates from ${exchanger}`;
const notes = (page) => page.$$eval('.note', (all) => all.map((each) => each.dataset.note));

async function openWell(options) {
    const page = await openPage(browser, options);
    await until(page, 'courses of Binance', isOf, 'Binance');
    await untilFresh(page);
    await until(page, 'venues', () => document.querySelectorAll('.venue').length === 5);
    return page;
}

test('a venue falls silent: another stands in, and it is told why', async () => {
    const page = await openWell();
    const before = await page.$$eval('.journal li', (all) => all.length);
    await page.focus('[data-direction="ETH-USD"] button');
    await fault({ endpoint: 'binance_stream', fault: 'mute' });
    await until(page, 'courses of CoinGecko', isOf, 'CoinGecko');
    await untilFresh(page);
    await until(page, 'a note', () =>
        /^CoinGecko stands in for Binance\. Since .*\(8 fresh rates, the exchanger before it had\s\d\)/.test(
            document.querySelector('[data-note="standin"]')?.textContent,
        ),
    );
    await until(
        page,
        'a line of the journal',
        (count) => document.querySelectorAll('.journal li').length > count,
        before,
    );
    assert.match(await textOf(page, '.journal li:first-child'), /^CoinGecko.*8 fresh rates, the exchanger before it had\s\d/);
    assert.match(await textOf(page, '#said'), /CoinGecko/, 'it is said to those who do not see it');
    assert.equal(
        await page.evaluate(() => document.activeElement.closest('tr')?.dataset.direction),
        'ETH-USD',
        'nobody loses his place',
    );
    await until(page, 'Binance shown as failing', () =>
        /nothing fresh.*0 of 8 fresh/s.test(document.querySelector('[data-venue="binance"]').textContent),
    );
    await shoot(page, 'page-failover');
    assert.deepEqual(await findViolations(page), []);
    await page.click('[data-direction="ETH-USD"] button');
    await untilChart(page, /^ETH-USD, candles/);
    let held = null;
    await intercept(page, (request, { pathname, searchParams }) => {
        const isChart = pathname.startsWith('/api/v2/history/') && searchParams.get('interval') === '5m';
        if (!isChart || held) return false;
        held = request;
        return true;
    });
    await mend();
    await until(page, 'courses of Binance again', isOf, 'Binance');
    await untilChart(page, /^Loading history$/);
    assert.equal(new URL(held.url()).searchParams.get('exchanger'), 'binance');
    await held.continue();
    await untilChart(page, /^ETH-USD, candles/);
    await until(page, 'no note', () => !document.querySelector('.note'));
    await close(page);
});

for (const view of [wide, narrow]) {
    test(`a chosen venue falls silent: the notice says why, once, and no row moves, at ${view.width} pixels`, async () => {
        const page = await openWell({ path: '/?exchanger=binance', view });
        const heights = () => page.$$eval('tbody .row', (all) => all.map((row) => row.offsetHeight));
        const before = await heights();
        await fault({ endpoint: 'binance_stream', fault: 'mute' });
        await until(page, 'the reason', () =>
            /^Binance has no fresh rate\. Binance has sent no new price for \d+\ss\. Automatic shows/.test(
                document.querySelector('[data-note="none"]')?.textContent,
            ),
        );
        const told = await page.$$eval('tbody .row', (all) =>
            all.map((row) => ['value', 'bid', 'ask', 'state'].map((name) => row.querySelector(`.${name}`).textContent.trim()).join()),
        );
        assert.deepEqual([...new Set(told)], ['–,–,–,Too old.']);
        assert.deepEqual(await heights(), before);
        assert.deepEqual(await findViolations(page), []);
        await shoot(page, `absent-${view.width}`);
        await mend();
        await untilFresh(page);
        forgiveLoss(page);
        await close(page);
    });
}

test('one symbol falls silent: only what is made of it loses its price', async () => {
    const page = await openWell({ path: '/?exchanger=binance' });
    await fault({ endpoint: 'binance_stream', fault: 'mute', symbol: 'BTCUSDT' });
    await until(
        page,
        'two stale courses',
        () =>
            [...document.querySelectorAll('[data-state="stale"]')].map((row) => row.dataset.direction).join() ===
            'BTC-RUB,BTC-USD',
    );
    assert.equal((await pricesShown(page)).length, 3 * 6);
    await until(page, 'who is silent', () =>
        /^Too old\. Binance has sent no new price for \d+\ss\.$/.test(
            document.querySelector('[data-direction="BTC-USD"] .state').textContent,
        ),
    );
    assert.match(await textOf(page, '.note'), /^Not fresh: BTC-RUB, BTC-USD\./);
    await mend();
    await untilFresh(page);
    await close(page);
});

test('all venues are gone: nothing on the page is a price', async () => {
    const page = await openWell();
    await page.click('[data-direction="BTC-USD"] button');
    await untilChart(page, /last [\d,.]+$/);
    await fault({ endpoint: 'binance_stream', fault: 'mute' });
    for (const endpoint of ['coingecko_stream', 'coingecko_rest', 'kraken_stream', 'kraken_rest']) {
        await fault(endpoint.endsWith('rest') ? { endpoint, fault: 'status' } : { endpoint, fault: 'mute' });
    }
    // CoinGecko's values may be 50 s old.
    await untilWithin(90000, page, 'all stale', allAre, ['stale', 'unavailable']);
    assert.match(await page.$eval('.chart', (node) => node.getAttribute('aria-label')), /last –$/);
    assert.deepEqual(await pricesShown(page), []);
    assert.doesNotMatch(await textOf(page, '.legs'), /bid|ask/, 'nor of a leg');
    assert.doesNotMatch(await textOf(page, '.exact'), /\d/);
    assert.doesNotMatch(await textOf(page, '[data-direction="BTC-USD"] .day'), /\d/, 'nor of the day');
    assert.match(await textOf(page, '.told'), /Stale since/, 'the words of the service are in the details');
    assert.match(await textOf(page, '[data-level="bad"]'), /^No rate is fresh\./);
    assert.match(await page.title(), /No rate is fresh/);
    assert.match(await textOf(page, '#said'), /No rate is fresh/);
    await page.click('.close');
    await shoot(page, 'stale');
    for (const view of [wide, narrow]) {
        await page.setViewport(view);
        assert.deepEqual(await findViolations(page), []);
        assert.equal(await overflow(page), 0);
    }
    await shoot(page, 'stale-phone');
    await mend();
    await untilFresh(page);
    await close(page);
});

test('the service dies: it is said at once, no price stays, and all comes back by itself', async () => {
    const page = await openWell();
    await tell('kill');
    await until(page, 'connection lost', () =>
        document.querySelector('[data-note="lost"]')?.textContent.startsWith('Connection lost.'),
    );
    assert.equal(await textOf(page, '#link'), 'Connection lost');
    await until(page, 'nothing known', allAre, ['unknown']);
    assert.deepEqual(await pricesShown(page), []);
    assert.match(await page.title(), /Connection lost/);
    await until(page, 'venues not known', () =>
        /^Unknown: no response from the service since/.test(document.getElementById('venues').textContent),
    );
    await shoot(page, 'lost');
    assert.deepEqual(await findViolations(page), []);
    await page.click('[data-direction="BTC-USD"] button');
    await until(
        page,
        'no chart, and why',
        () =>
            document.querySelector('.chart-words').textContent ===
            'History is unavailable. The page retries.',
    );
    await tell('start');
    await until(page, 'live again', () => document.getElementById('link').dataset.link === 'live');
    await untilFresh(page);
    await until(page, 'no note', () => !document.querySelector('.note'));
    await until(page, 'the recovery announced', () =>
        /The connection is back|All rates are fresh|Rates now come from/.test(
            document.getElementById('said').textContent,
        ),
    );
    forgiveLoss(page);
    await close(page);
});

test("the service is frozen: what it said last grows stale before the page's eyes", async () => {
    const page = await openWell();
    await tell('freeze');
    await until(page, 'all past their limit', allAre, ['overdue', 'unknown']);
    assert.deepEqual(await pricesShown(page), []);
    assert.deepEqual(await notes(page), ['none']);
    assert.match(await textOf(page, '.note'), /^No rate is fresh\. The last values reached their age limit at .*arrived\.\s*$/);
    assert.equal((await textOf(page, '[data-direction="BTC-USD"] .state')).trim(), 'Too old.');
    await tell('thaw');
    await untilFresh(page);
    forgiveLoss(page);
    await close(page);
});

test('without history it is said that there is none', async () => {
    await tell('kill');
    await tell('start_without_history');
    const page = await openWell();
    await page.click('[data-direction="BTC-USD"] button');
    await until(
        page,
        'the reason',
        () =>
            document.querySelector('.chart-words')?.textContent ===
            'This service keeps no history, so there is no chart.',
    );
    await until(page, 'that it is said once', () =>
        /keeps no history: there are no changes over 24 h and no charts\.$/.test(
            document.getElementById('as-of').textContent,
        ),
    );
    await until(
        page,
        'a trend of what came meanwhile',
        () => document.querySelector('[data-direction="BTC-USD"] .spark-line').getAttribute('d').split('L').length > 3,
    );
    forgiveLoss(page);
    await close(page);
    await tell('kill');
    await tell('start');
});

test('a service that asks for an API key is not called broken', async () => {
    await tell('kill');
    await tell('start_with_keys');
    try {
        const page = await openPage(browser);
        await until(page, 'the notice', () => document.querySelector('.note')?.dataset.note === 'key');
        await page.waitForSelector('.note', { visible: true });
        assert.deepEqual(await notes(page), ['key']);
        assert.match(await textOf(page, '.note'), /^This service needs an API key\. This page sends none\./);
        assert.deepEqual(await pricesShown(page), []);
        await shoot(page, 'needs-a-key');
        forgiveLoss(page, 401);
        await close(page);
    } finally {
        await tell('kill');
        await tell('start');
    }
});
