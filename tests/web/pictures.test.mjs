// Pictures for people to look at: every width, scheme and language, as tabs of one browser, before and after a venue fails.
// Not a part of the tests: `make pictures` runs it.
import { after, afterEach, before, test } from 'node:test';
import { allAre, fault, mend, narrow, openBrowser, openPage, shoot, until, untilFresh, wide } from './browser.mjs';

let browser;
before(async () => {
    browser = await openBrowser();
});
after(() => browser.close());
afterEach(mend);

const looks = [wide, narrow].flatMap((view) =>
    [false, true].flatMap((dark) => ['en', 'ru'].map((language) => ({ view, dark, language }))),
);
const nameOf = ({ view, dark, language }) => `${view.width}-${dark ? 'dark' : 'light'}-${language}`;

const untilDays = (page) =>
    until(page, 'the change of the day', () =>
        [...document.querySelectorAll('.change')].every((change) => change.dataset.way),
    );
const untilConverted = (page) =>
    until(page, 'a conversion', () => document.querySelector('.converted strong').textContent !== '');

async function shootAll(pages, state) {
    for (const [index, page] of pages.entries()) {
        await page.bringToFront();
        await untilConverted(page);
        await shoot(page, `${state}-${nameOf(looks[index])}`, { fullPage: true });
    }
}

test('the page at rest and failing over, in eight tabs', async () => {
    const pages = [];
    for (const look of looks) {
        const page = await openPage(browser, { ...look, beside: pages[0] });
        pages.push(page);
        await page.click(`input[name=language][value=${look.language}]`);
        await untilFresh(page);
        await untilDays(page);
        await page.type('[name=amount]', '0.05');
        await untilConverted(page);
        await page.evaluate(() => document.activeElement.blur());
    }
    await shootAll(pages, 'rest');
    await fault({ endpoint: 'binance_stream', fault: 'mute' });
    for (const page of pages) {
        await page.bringToFront();
        await until(page, 'a note', () => document.querySelector('[data-note="standin"]'));
        await untilDays(page);
    }
    await shootAll(pages, 'failover');
    await pages[0].browserContext().close();
});

test('an opened rate, a chosen exchanger that is absent, and the page of the API', async () => {
    for (const look of looks) {
        const page = await openPage(browser, { ...look, path: '/?exchanger=binance' });
        await page.click(`input[name=language][value=${look.language}]`);
        await untilFresh(page);
        await page.click('[data-direction="BTC-RUB"] button');
        await until(page, 'a chart', () => document.querySelector('.chart canvas')?.width > 0);
        await page.click('.explanation summary');
        await until(page, 'an explanation', () => document.querySelectorAll('.reasons').length === 5);
        await shoot(page, `opened-${nameOf(look)}`, { fullPage: true });
        await fault({ endpoint: 'binance_stream', fault: 'mute' });
        await until(page, 'no price', allAre, ['stale']);
        await page.click('.close');
        await shoot(page, `absent-${nameOf(look)}`, { fullPage: true });
        await mend();
        await page.goto(`${process.env.KURS_URL}/docs`);
        await until(page, 'operations', () => document.querySelectorAll('.opblock').length > 0);
        await shoot(page, `docs-${nameOf(look)}`);
        await page.browserContext().close();
    }
});
