// The device sleeps, and what the page asks for does not come as it should: the page goes on.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
    allAre,
    close,
    findViolations,
    forgiveLoss,
    intercept,
    openBrowser,
    openPage,
    pricesShown,
    shoot,
    textOf,
    until,
    untilChart,
    untilFresh,
} from './browser.mjs';

let browser;
before(async () => {
    browser = await openBrowser();
});
after(() => browser.close());

test('the device sleeps: the stream is taken up anew, and no price stands before the time is known', async () => {
    const page = await openPage(browser, { hasSockets: false });
    await untilFresh(page);
    const streams = [];
    let isHeld = true;
    await intercept(page, (request, { pathname, searchParams }) => {
        if (pathname === '/api/v2/stream') streams.push(searchParams.get('last_event_id'));
        return isHeld && pathname === '/api/v2/exchangers';
    });
    await page.evaluate(() => {
        const now = Date.now;
        Date.now = () => now() + 60000;
    });
    await until(page, 'no time', allAre, ['untimed']);
    await until(page, 'live', () => document.getElementById('link').dataset.link === 'live');
    assert.match(streams.join(), /^\d+$/, 'one stream, that goes on from what is known');
    assert.deepEqual(await pricesShown(page), []);
    assert.match(await textOf(page, '#notes'), /^The time is not known yet\. Prices are hidden until/);
    assert.equal((await textOf(page, '[data-direction="BTC-USD"] .state')).trim(), 'Unknown.', 'it is said once');
    await shoot(page, 'untimed');
    assert.deepEqual(await findViolations(page), []);
    isHeld = false;
    await untilFresh(page);
    assert.equal(await textOf(page, '#notes'), '');
    await close(page);
});

test('what draws the chart does not come: it is said, and comes when it is asked for again', async () => {
    const page = await openPage(browser);
    await untilFresh(page);
    let isAway = true;
    await intercept(page, (request, { pathname }) => {
        if (!isAway || !pathname.endsWith('/lightweight-charts.mjs')) return false;
        request.abort('connectionfailed');
        return true;
    });
    await page.click('[data-direction="BTC-USD"] button');
    await until(page, 'why there is none', () =>
        /^History is unavailable/.test(document.querySelector('.chart-words').textContent),
    );
    isAway = false;
    await page.click('input[value="1w"]');
    await untilChart(page, /^BTC-USD, candles of 1h/);
    forgiveLoss(page);
    await close(page);
});

test('what cannot be drawn is not the last that is asked for', async () => {
    const page = await openPage(browser);
    await untilFresh(page);
    let isBroken = true;
    await intercept(page, (request, { pathname }) => {
        if (!isBroken || pathname !== '/api/v2/exchangers') return false;
        isBroken = false;
        const body = JSON.stringify({ as_of: new Date().toISOString(), exchangers: [], journal: [] });
        request.respond({ contentType: 'application/json', body });
        return true;
    });
    for (let count = 0; count < 2; ++count) {
        await page.waitForRequest((request) => request.url().endsWith('/api/v2/exchangers'));
    }
    await until(page, 'venues', () => document.querySelectorAll('.venue').length === 5);
    assert.match(page.faults.join(), /^TypeError/);
    page.faults = [];
    await close(page);
});
