import { chromium } from 'playwright';
import { browserOptions } from './scripts/setup.mjs';
const [,, width, theme, locale, ...tops] = process.argv;
const b = await chromium.launch(browserOptions());
const c = await b.newContext({ viewport: { width: +width, height: 1000 }, colorScheme: theme, locale });
const p = await c.newPage();
p.on('pageerror', (e) => console.log('ERR', e.message));
await p.goto('http://localhost:18799/#v=2&task=sst2&view=learn');
await p.waitForTimeout(2500);
console.log('overflow', await p.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 'height', await p.evaluate(() => document.documentElement.scrollHeight));
for (const top of tops) {
  if (top === 'term') { await p.evaluate(() => scrollTo(0, 0)); await p.locator('button.term').nth(2).click(); await p.waitForTimeout(600); }
  else if (top === 'lang') { await p.evaluate(() => scrollTo(0, 0)); await p.getByRole('button', { name: /Language|Sprache/ }).click(); }
  else await p.evaluate((y) => scrollTo(0, y), +top);
  await p.screenshot({ path: `/tmp/s-${width}-${theme}-${locale}-${top}.png` });
}
await b.close();
