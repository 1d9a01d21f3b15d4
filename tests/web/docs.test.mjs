// The page of the API.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertStill, base, close, findViolations, narrow, openBrowser, openPage, overflow, shoot, until, wide } from './browser.mjs';

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
        await assertStill(page);
        await close(page);
    });
}

async function openOperation(page, path) {
    await until(page, 'operations', () => document.querySelectorAll('.opblock').length > 0);
    await page.evaluate(
        (wanted) =>
            [...document.querySelectorAll('.opblock-summary-control')]
                .find((each) => each.textContent.replaceAll('\u200b', '').includes(wanted))
                .click(),
        path,
    );
    await page.waitForSelector('.btn.execute');
}

test('an operation can be tried', async () => {
    const page = await openPage(browser, { path: '/docs' });
    await openOperation(page, '/api/v1/courses');
    await page.click('.btn.execute');
    await until(page, 'an answer', () =>
        /"courses"/.test(document.querySelector('.live-responses-table')?.textContent),
    );
    await close(page);
});

for (const [view, dark] of [
    [wide, false],
    [narrow, true],
]) {
    test(`no barrier is found in the API's page, its controls and schemas, ${dark ? 'dark on a phone' : 'light on a desk'}`, async () => {
        const page = await openPage(browser, { path: '/docs', view, dark });
        await openOperation(page, '/api/v2/convert');
        await page.click('.btn.execute');
        await page.click('.models-control');
        await until(page, 'an answer', () => document.querySelector('.live-responses-table') !== null);
        const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        assert.equal(ground, dark ? 'rgb(28, 32, 34)' : 'rgb(255, 255, 255)');
        assert.deepEqual(await findViolations(page), []);
        assert.equal(await overflow(page), 0);
        await shoot(page, `docs-${view.width}${dark ? '-dark' : ''}`);
        page.faults = page.faults.filter((each) => !/400 \(Bad Request\)/.test(each));
        await close(page);
    });
}
