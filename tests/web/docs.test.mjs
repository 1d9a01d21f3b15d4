// The page of the API.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { base, close, narrow, openBrowser, openPage, shoot, until, wide } from './browser.mjs';

let browser;
before(async () => {
    browser = await openBrowser();
});
after(() => browser.close());

/// An operation of two subjects is shown with each.
const shown = () => [
    ...new Set(
        [...document.querySelectorAll('.opblock-summary-path')].map((each) =>
            each.textContent.replaceAll('\u200b', ''),
        ),
    ),
];

for (const [name, view] of [
    ['a desk', wide],
    ['a phone', narrow],
]) {
    test(`the API's page shows every operation of both versions on ${name}, and asks nobody else`, async () => {
        const page = await openPage(browser, { path: '/docs', view });
        await until(page, 'operations', () => document.querySelectorAll('.opblock').length > 0);
        const { paths } = await (await fetch(`${base}/openapi.json`)).json();
        assert.ok('/api/v1/courses' in paths && '/api/v2/courses' in paths);
        assert.deepEqual((await page.evaluate(shown)).sort(), Object.keys(paths).sort());
        if (view === wide) await shoot(page, 'docs');
        await close(page);
    });
}

test('an operation can be tried', async () => {
    const page = await openPage(browser, { path: '/docs' });
    await until(page, 'operations', () => document.querySelectorAll('.opblock').length > 0);
    await page.evaluate(() =>
        [...document.querySelectorAll('.opblock-summary-control')]
            .find((each) => each.textContent.replaceAll('\u200b', '').includes('/api/v1/courses'))
            .click(),
    );
    await page.waitForSelector('.btn.execute');
    await page.click('.btn.execute');
    await until(page, 'an answer', () =>
        /"courses"/.test(document.querySelector('.live-responses-table')?.textContent),
    );
    await close(page);
});
