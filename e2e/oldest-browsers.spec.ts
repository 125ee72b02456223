import { expect, test } from './testing/playground';

/** What browsers below the floor do not have, each for one of them. */
const LACKING = {
  'Chrome 110': () => (CSS.supports = () => false),
  'Firefox 114': () => Reflect.deleteProperty(Array.prototype, 'toSorted'),
  'Safari 16.3': () => Reflect.deleteProperty(globalThis, 'CompressionStream'),
};

for (const [name, lacks] of Object.entries(LACKING)) {
  test(`a browser like ${name} is told which ones the page runs in, and nothing of a server`, async ({
    ownPage,
    server,
  }) => {
    await ownPage.addInitScript(lacks);
    await ownPage.goto(server.url);
    await expect(ownPage.getByRole('alert')).toContainText('Chrome and Edge 111, Firefox 115, Safari 16.4, and newer');
    await ownPage.waitForTimeout(500);
    await expect(ownPage.locator('body')).not.toContainText('server');
  });
}
