// The page as its readers use it, while all is well.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
    assertStill,
    base,
    close,
    contrast,
    findViolations,
    forgiveLoss,
    groundOf,
    intercept,
    narrow,
    narrowest,
    openBrowser,
    openPage,
    overflow,
    pictureOf,
    shoot,
    textOf,
    until,
    untilFresh as untilPricesFresh,
    wide,
} from './browser.mjs';

/// The names of venues arrive apart from the prices.
async function untilFresh(page, count) {
    await untilPricesFresh(page, count);
    await until(page, 'the names of venues', () => document.querySelectorAll('.venue').length === 5);
}

let browser;
before(async () => {
    browser = await openBrowser();
});
after(() => browser.close());

const directions = [
    'BTC-RUB',
    'BTC-USD',
    'ETH-RUB',
    'ETH-USD',
    'USDTTRC-RUB',
    'USDTTRC-USD',
    'USDTERC-RUB',
    'USDTERC-USD',
];

/// What comes live alone does not reach the left edge within a minute.
const untilTrends = (page) =>
    until(page, 'half an hour of each', () =>
        [...document.querySelectorAll('.spark-line')].every(
            (line) => line.getAttribute('d').length > 150 && Number(/^M([\d.]+)/.exec(line.getAttribute('d'))[1]) < 12,
        ),
    );

const untilDays = (page) =>
    until(page, 'the change of the day', () =>
        [...document.querySelectorAll('.change')].every((change) => change.dataset.way),
    );

async function openChart(page, direction) {
    await page.click(`[data-direction="${direction}"] button`);
    await until(page, 'a chart', () => document.querySelector('.chart canvas')?.width > 0);
}

test('eight courses appear, in the order of the service, and move', async () => {
    const page = await openPage(browser, { still: false });
    await untilFresh(page);
    assert.deepEqual(await page.$$eval('tbody .row .code', (all) => all.map((each) => each.textContent)), directions);
    const shown = await textOf(page, '[data-direction="BTC-USD"] .value');
    assert.match(shown, /^\d\d,\d{3}\.\d\d$/);
    await until(
        page,
        'another price',
        (old) => document.querySelector('[data-direction="BTC-USD"] .value').textContent !== old,
        shown,
    );
    assert.match(await page.title(), /^Kurs$/);
    await close(page);
});

test('a course shows both sides, its age and its origin', async () => {
    const page = await openPage(browser, { path: '/?exchanger=binance' });
    await untilFresh(page);
    await untilDays(page);
    const cells = await page.$$eval('[data-direction="BTC-RUB"] td', (all) => all.map((each) => each.textContent));
    const [value, bid, ask, day, , age, origin] = cells;
    const number = (text) => Number(text.replaceAll(',', ''));
    assert.ok(number(bid) <= number(value) && number(value) <= number(ask), cells.join());
    assert.match(age, /^\d+(\.\d)?\ss$|^\d+\smin\s\d\d\ss$/);
    assert.match(day, /^[+−]?\d\.\d\d\s%lowest [\d,]+ – highest [\d,]+$/);
    assert.equal(origin, 'Binance, Kraken, CoinGecko');
    const exact = await page.$eval('[data-direction="BTC-RUB"] data', (node) => node.getAttribute('value'));
    assert.match(exact, /^\d+\.\d{6,}$/, 'the whole value is kept');
    await page.click('[data-direction="BTC-RUB"] button');
    await until(page, 'the formula', () =>
        /: Binance BTCUSDT × Kraken USDT\/USD × CoinGecko tether\/rub ÷ tether\/usd$/.test(
            document.querySelector('.formula')?.textContent,
        ),
    );
    forgiveLoss(page); // Binance may not be fresh for a moment
    await close(page);
});

test('the value and the API link of a rate are copied, also without the clipboard of secure pages', async () => {
    const page = await openPage(browser);
    const allowed = ['clipboard-read', 'clipboard-write', 'clipboard-sanitized-write'];
    await page.browserContext().overridePermissions(base, allowed);
    await untilFresh(page);
    await page.bringToFront();
    await page.evaluate(() => (window.clipboard = navigator.clipboard));
    const read = () => page.evaluate(() => window.clipboard.readText());
    const announced = () => document.getElementById('said').textContent === 'Copied.';
    await page.focus('[data-direction="USDTTRC-USD"] .copy button');
    await page.keyboard.press('Enter');
    await until(page, 'that it is announced', announced);
    assert.match(await read(), /^[01]\.\d{4,}$/);
    await page.evaluate(() => {
        Object.defineProperty(navigator, 'clipboard', { value: undefined });
        document.getElementById('said').textContent = '';
    });
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await until(page, 'that it is announced', announced);
    assert.equal(await read(), `${base}/api/v2/courses/USDTTRC-USD`);
    assert.equal(await page.evaluate(() => document.activeElement.title), 'Copy the API link of USDTTRC-USD');
    await close(page);
});

test('an amount is converted with the markup of the operator, which the browser keeps', async () => {
    const page = await openPage(browser, { path: '/?exchanger=binance' });
    await untilFresh(page);
    await page.type('[name=markup]', '1.5');
    await page.type('[name=amount]', '0,05');
    const says = (pattern) =>
        until(page, pattern, (wanted) => new RegExp(wanted).test(document.getElementById('converted').innerText), pattern);
    await says('^The customer gives 0\\.05 BTC and gets [\\d,.]+ RUB\\.');
    await says('1 BTC = [\\d,.]+ RUB, with 1\\.5 % on [\\d,.]+ of Binance\\s+The rate is .* old and expires at');
    await page.select('[name=to]', 'ETH');
    await page.click('[name=side][value=buy]');
    await says('^The customer gets 0\\.05 BTC and pays [\\d.]+ ETH\\.');
    assert.deepEqual(await findViolations(page), []);
    await page.select('[name=to]', 'BTC');
    await says('^The parameters from and to are both BTC\\. Give two different assets\\.$');
    await page.reload();
    await untilFresh(page);
    assert.equal(await page.$eval('[name=markup]', (node) => node.value), '1.5');
    page.faults = page.faults.filter((each) => !/400 \(Bad Request\)/.test(each));
    forgiveLoss(page); // Binance may not be fresh for a moment
    await close(page);
});

test('a conversion whose rate has expired is no error: it is asked for again', async () => {
    const page = await openPage(browser, { path: '/?exchanger=binance' });
    await untilFresh(page);
    await page.type('[name=amount]', '2');
    await until(page, 'a conversion', () => document.querySelector('.converted strong').textContent !== '');
    await intercept(page, (_, { pathname }) => pathname === '/api/v2/convert');
    await until(page, 'that it has expired', () => /^The rate has expired/.test(document.getElementById('converted').innerText));
    assert.equal(await page.$('.refused'), null);
    forgiveLoss(page); // Binance may not be fresh for a moment
    await close(page);
});

test('venues, their lines and the journal are shown', async () => {
    const page = await openPage(browser);
    await until(page, 'venues', () => document.querySelectorAll('.venue').length === 5);
    await until(page, 'Binance active', () =>
        /active.*8 of 8 fresh/s.test(document.querySelector('[data-venue="binance"]').innerText),
    );
    const lines = await textOf(page, '[data-venue="binance"]');
    assert.match(lines, /live.*last price.*Details.*since.*last price.*reconnects/s);
    assert.equal(lines.match(/last price/g).length, 3, 'the listing brings none');
    assert.match(await textOf(page, '[data-venue="kraken"] .venue-sum'), /^live/, 'its polls wait while its stream is up');
    await page.click('[data-venue="binance"] summary');
    await page.waitForResponse((answer) => answer.url().endsWith('/api/v2/exchangers'));
    await until(page, 'still open', () => /reconnects/.test(document.querySelector('[data-venue="binance"]').innerText));
    assert.match(await textOf(page, '.journal li:first-child'), /Binance.*now/s);
    await close(page);
});

test('the consensus is called what it is', async () => {
    const page = await openPage(browser, { path: '/?exchanger=consensus' });
    await until(page, 'its heading', () => document.getElementById('courses-head').textContent === 'Consensus rates');
    await page.click('input[name=language][value=ru]');
    assert.equal(await textOf(page, '#courses-head'), 'Курсы по консенсусу площадок');
    await close(page);
});

test('an exchanger can be chosen, and stays chosen', async () => {
    const page = await openPage(browser);
    await untilFresh(page);
    await until(page, 'the choice', () => document.querySelector('input[name=exchanger][value=coingecko]'));
    await page.click('input[name=exchanger][value=coingecko]');
    await until(
        page,
        'courses of CoinGecko',
        () => document.getElementById('courses-head').textContent === 'Rates from CoinGecko',
    );
    await untilFresh(page);
    assert.match(await textOf(page, '[data-direction="BTC-USD"] .origin'), /^CoinGecko/);
    assert.equal(await textOf(page, '[data-direction="BTC-USD"] .bid'), '–', 'it publishes no bid and ask');
    await page.reload();
    await untilFresh(page);
    assert.equal(await textOf(page, '#courses-head'), 'Rates from CoinGecko');
    await close(page);
});

const chosenOn = (page) => page.$$eval('input[name=exchanger]:checked', (all) => all.map((each) => each.value));

/// In seven tabs of one browser, which opens six connections to a host of HTTP/1.1.
test('an exchanger in the address is what the API understands by it, in as many tabs as there are', async () => {
    const queries = ['CoinGecko', 'COINGECKO', 'coingeko', 'coin%67ecko', 'coingecko&exchanger=coingecko', '', ''];
    const pages = [];
    for (const query of queries)
        pages.push(await openPage(browser, { path: query ? `/?exchanger=${query}` : '/', beside: pages[0] }));
    for (const [index, page] of pages.entries()) {
        await page.bringToFront();
        await untilFresh(page);
        await until(page, 'the choice', () => document.querySelector('input[name=exchanger]:checked'));
        assert.equal(await page.$eval('#link', (node) => node.innerText), 'Live');
        assert.deepEqual(await page.$$('[data-level=bad]'), []);
        assert.deepEqual(page.faults, []);
        const isChosen = queries[index] !== '';
        assert.deepEqual(await chosenOn(page), [isChosen ? 'coingecko' : '']);
        if (isChosen) assert.equal(await textOf(page, '#courses-head'), 'Rates from CoinGecko', queries[index]);
    }
    await shoot(pages.at(-1), 'seventh-tab');
    await close(pages[0]);
});

test('an exchanger that there is not is replaced by no other, and there is a way to Automatic', async () => {
    const queries = ['mtgox', 'coin', '%3Cb%3Ex', 'binance&exchanger=coingecko', 'cbr'];
    const pages = await Promise.all(queries.map((query) => openPage(browser, { path: `/?exchanger=${query}` })));
    for (const page of pages) {
        await until(page, 'a note', () => document.querySelector('[data-note="unknown"]'));
        await until(page, 'the choice', () => document.querySelector('input[name=exchanger]'));
    }
    // Longer than between two readings of the exchangers, so that nothing undoes it later.
    await new Promise((resolve) => setTimeout(resolve, 3000));
    for (const [index, page] of pages.entries()) {
        const query = queries[index];
        const name = new URLSearchParams(`exchanger=${query}`).getAll('exchanger').join();
        const words = await textOf(page, '[data-note="unknown"]');
        assert.ok(words.startsWith(`There is no exchanger “${name}” here. No prices are shown.`), words);
        assert.deepEqual(await page.$$eval('tbody .row', (all) => all.length), 0);
        assert.deepEqual(await chosenOn(page), []);
        assert.match(await page.title(), /There is no exchanger/);
        assert.ok(page.url().endsWith(`/?exchanger=${query}`));
        if (index === 0) {
            await page.bringToFront();
            assert.deepEqual(await findViolations(page), []);
            await shoot(page, 'unknown-exchanger');
        }
        await page.$eval(index === 0 ? '.way-out' : 'input[name=exchanger][value=binance]', (node) => node.click());
        await untilFresh(page);
        assert.match(await textOf(page, '#courses-head'), index === 0 ? /^Rates from / : /^Rates from Binance$/);
        assert.deepEqual(await chosenOn(page), index === 0 ? [''] : ['binance']);
        assert.deepEqual(await page.$$('[data-note="unknown"]'), []);
        assert.equal(await page.$eval('#link', (node) => node.innerText), 'Live');
        page.faults = page.faults.filter((each) => !/400 \(Bad Request\)/.test(each));
        await close(page);
    }
});

test('a picture of what has moved meanwhile is taken again', async () => {
    const places = [0, 60, 60, 60];
    const pictures = ['of something else', 'of the node'];
    const node = { evaluate: async () => places.shift(), screenshot: async () => pictures.shift() };
    assert.equal(await pictureOf(node), 'of the node');
});

for (const scheme of ['light', 'dark']) {
    test(`what is chosen is visible in forced colours, ${scheme}`, async () => {
        const page = await openPage(browser, { dark: scheme === 'dark', forced: true });
        await untilFresh(page);
        await until(page, 'the choice', () => document.querySelector('input[name=exchanger][value=coingecko]'));
        await openChart(page, 'BTC-USD');
        await page.evaluate(() => document.activeElement.blur());
        await page.mouse.move(0, 0);
        for (const name of ['language', 'theme', 'exchanger', 'range-BTC-USD']) {
            const grounds = { true: [], false: [] };
            for (const input of await page.$$(`input[name="${name}"]`))
                grounds[await input.evaluate((node) => node.checked)].push(await groundOf(page, input));
            assert.equal(grounds.true.length, 1, name);
            assert.ok(grounds.false.length > 0, name);
            for (const other of grounds.false) {
                assert.ok(contrast(grounds.true[0], other) >= 3, `${name}: ${JSON.stringify(grounds)}`);
            }
        }
        await shoot(page, `forced-${scheme}`);
        await close(page);
    });
}

test('HTTP errors do not end the stream, as when nginx has no replica to ask', async () => {
    const page = await openPage(browser, { path: 'about:blank', hasSockets: false });
    const statuses = [502, 503, 504];
    await intercept(page, (request, { pathname }) => {
        if (pathname !== '/api/v2/stream' || statuses.length === 0) return false;
        request.respond({ status: statuses.shift(), contentType: 'application/problem+json', body: '{}' });
        return true;
    });
    await page.goto(process.env.KURS_URL);
    await untilFresh(page);
    assert.deepEqual(statuses, []);
    await until(page, 'live', () => document.getElementById('link').dataset.link === 'live');
    page.faults = page.faults.filter((each) => !/50[234] \(/.test(each));
    await close(page);
});

test('trends come from history', async () => {
    const page = await openPage(browser);
    await untilFresh(page);
    await untilTrends(page);
    await untilDays(page);
    await shoot(page, 'page');
    await close(page);
});

test('a chart of the day opens by the keyboard alone, and closes', async () => {
    const page = await openPage(browser, { path: '/?exchanger=binance' });
    await untilFresh(page);
    const isThere = () => document.activeElement.closest('[data-direction="BTC-USD"]') !== null;
    for (let presses = 0; !(await page.evaluate(isThere)); ++presses) {
        assert.ok(presses < 20, 'the course is reached by Tab');
        await page.keyboard.press('Tab');
    }
    assert.equal(
        await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle),
        'solid',
        'the focus is visible',
    );
    await page.keyboard.press('Enter');
    await until(page, 'a chart', () => document.querySelector('.chart canvas')?.width > 0);
    await until(page, 'words for those who do not see it', () =>
        /^BTC-USD, candles of 5m: from [\d,.]+ to [\d,.]+, last/.test(
            document.querySelector('.chart').getAttribute('aria-label'),
        ),
    );
    assert.equal(
        await page.$eval('[data-direction="BTC-USD"] button', (node) => node.getAttribute('aria-expanded')),
        'true',
    );
    assert.match(await textOf(page, '.legs'), /Binance BTCUSDT bid [\d,.]+, ask [\d,.]+/);
    for (let presses = 0; presses < 3; ++presses) await page.keyboard.press('Tab'); // past the buttons that copy
    await page.keyboard.press('ArrowRight');
    await until(page, 'the week', () =>
        /candles of 1h/.test(document.querySelector('.chart').getAttribute('aria-label')),
    );
    await page.keyboard.press('Escape');
    await until(page, 'no chart', () => !document.querySelector('.chart'));
    assert.ok(await page.evaluate(isThere), 'the focus is back where it was');
    forgiveLoss(page); // Binance may not be fresh for a moment
    await close(page);
});

test('a panel explains a rate, opened by the keyboard', async () => {
    const page = await openPage(browser);
    await untilFresh(page);
    await openChart(page, 'BTC-USD');
    await page.focus('.explanation summary');
    await page.keyboard.press('Enter');
    await until(page, 'an explanation', () => document.querySelectorAll('.reasons').length === 5);
    const words = await textOf(page, '.explanation');
    assert.match(words, /Active exchanger.*Binance since .*8 fresh .*next in line: /);
    assert.match(words, /Kraken fresh, [\d,.]+, .* old, BTC\/USD/);
    assert.match(words, /USDT-USD Kraken USDT\/USD, used, [\d.]+/);
    assert.match(words, /Limits.*allowance 0\.5 %.*Binance BTCUSDT 5\.0\ss/);
    assert.deepEqual(await findViolations(page), []);
    await page.setViewport({ width: narrowest.width, height: narrowest.height });
    await page.click('input[name=language][value=ru]');
    await until(page, 'the panel is closed', () => !document.querySelector('.explanation').open);
    await page.click('.explanation summary');
    await until(page, 'Russian', () =>
        /Активный источник.*допустимое расхождение 0,5 %/.test(document.querySelector('.explanation').textContent),
    );
    assert.equal(await overflow(page), 0);
    await shoot(page, 'explanation');
    await page.keyboard.press('Escape');
    await until(page, 'no panel', () => !document.querySelector('.explanation'));
    await close(page);
});

test('the assets come compressed, also without nginx', async () => {
    const page = await (await fetch(base)).text();
    const named = [...page.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path]) => path);
    assert.ok(named.includes('/assets/page.css'));
    for (const path of new Set(['/', '/docs', '/assets/swagger-ui-bundle.js', ...named])) {
        const plain = await fetch(base + path, { headers: { 'accept-encoding': 'identity' } });
        const packed = await fetch(base + path, { headers: { 'accept-encoding': 'gzip' } });
        assert.equal(plain.headers.get('content-encoding'), null, path);
        assert.equal(packed.headers.get('content-encoding'), 'gzip', path);
        assert.equal(await packed.text(), await plain.text(), path);
        const size = (answer) => Number(answer.headers.get('content-length'));
        assert.ok(size(packed) < size(plain), path);
    }
});

test('the page speaks Russian and English, and remembers which', async () => {
    const page = await openPage(browser, { path: '/?exchanger=binance' });
    await untilFresh(page);
    assert.equal(await page.$eval('html', (node) => node.lang), 'en');
    await page.click('input[name=language][value=ru]');
    await untilFresh(page);
    assert.equal(await textOf(page, '#courses-head'), 'Курсы Binance');
    assert.match(await textOf(page, '[data-direction="BTC-USD"] .value'), /^\d\d\s\d{3},\d\d$/);
    await page.reload();
    await untilFresh(page);
    assert.equal(await page.$eval('html', (node) => node.lang), 'ru');
    const text = (await page.evaluate(() => document.body.innerText)).replaceAll(/[\w.]+:\d+/g, '');
    assert.doesNotMatch(
        text,
        /\b(Value|Age|since|active|Rates|fresh|details)\b/i,
        'no English among it',
    );
    await untilTrends(page);
    await shoot(page, 'russian');
    forgiveLoss(page); // Binance may not be fresh for a moment
    await close(page);
});

test('dark follows the system, and the switch wins over it', async () => {
    const page = await openPage(browser, { dark: true });
    await untilFresh(page);
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.equal(await ground(), 'rgb(14, 17, 22)');
    await untilTrends(page);
    await shoot(page, 'dark');
    await page.click('input[name=theme][value=light]');
    assert.equal(await ground(), 'rgb(245, 246, 248)');
    await page.reload();
    await untilFresh(page);
    assert.equal(await ground(), 'rgb(245, 246, 248)');
    await close(page);
});

for (const [name, view] of [
    ['a desk', wide],
    ['a phone', narrow],
]) {
    for (const dark of [false, true]) {
        test(`no barrier is found on ${name}, ${dark ? 'dark' : 'light'}`, async () => {
            const page = await openPage(browser, { view, dark });
            await untilFresh(page);
            await until(page, 'venues', () => document.querySelectorAll('.venue').length === 5);
            await untilDays(page);
            await assertStill(page);
            if (!dark && view === narrow) {
                await untilTrends(page);
                await shoot(page, 'page-phone', { captureBeyondViewport: false });
            }
            await openChart(page, 'BTC-USD');
            await shoot(page, `chart-${view.width}${dark ? '-dark' : ''}`);
            assert.deepEqual(await findViolations(page), []);
            await close(page);
        });
    }
}

test('on a phone the fields of the converter stand in line, and origins are whole', async () => {
    const page = await openPage(browser, { view: narrow, path: '/?exchanger=binance' });
    await untilFresh(page);
    await page.click('input[name=language][value=ru]');
    await untilFresh(page);
    const tops = await page.$$eval('.field > :last-child', (all) => all.map((each) => each.getBoundingClientRect().top));
    assert.equal(new Set(tops).size, 2, tops.join());
    const isCut = (node) => node.scrollWidth > node.clientWidth || node.scrollHeight > node.clientHeight;
    const origin = await page.$('[data-direction="BTC-RUB"] .origin');
    assert.equal(await origin.evaluate((node) => node.textContent), 'Binance, Kraken, CoinGecko');
    assert.equal(await origin.evaluate(isCut), false);
    forgiveLoss(page); // Binance may not be fresh for a moment
    await close(page);
});

test('nothing needs scrolling sideways at 360 pixels', async () => {
    const page = await openPage(browser, { view: narrowest });
    await untilFresh(page);
    for (const language of ['en', 'ru']) {
        await page.click(`input[name=language][value=${language}]`);
        await openChart(page, 'BTC-RUB');
        await until(page, 'venues', () => document.querySelectorAll('.venue').length === 5);
        assert.equal(await overflow(page), 0, language);
        await page.click('.close');
    }
    await shoot(page, 'page-360', { fullPage: true });
    await close(page);
});
