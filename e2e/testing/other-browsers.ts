import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import puppeteer from 'puppeteer-core';
import { systemFirefox, systemWebKit } from '../../scripts/setup.mjs';
import { freePort } from './server';

/** A browser that Playwright does not drive: a real one of the system, told what to do in JavaScript. */
export interface OtherBrowser {
  open(url: string): Promise<void>;
  /** The value of an expression in the page, of what it promises where it is a promise. */
  evaluate<Value>(expression: string): Promise<Value>;
  close(): Promise<void>;
}

/** How a browser is started, or undefined where the system has none. */
export type StartBrowser = (() => Promise<OtherBrowser>) | undefined;

const WAIT_MS = { longest: 30_000, step: 50 };
const DRIVER_PATIENCE_MS = 20_000;

export function firefox(extraPrefsFirefox: Record<string, unknown> = {}): StartBrowser {
  const executablePath = systemFirefox();
  if (executablePath === undefined) return undefined;
  return async () => {
    const browser = await puppeteer.launch({ browser: 'firefox', executablePath, headless: true, extraPrefsFirefox });
    const page = await browser.newPage();
    return {
      open: async (url) => void (await page.goto(url)),
      evaluate: async <Value>(expression: string) => (await page.evaluate(expression)) as Value,
      close: () => browser.close(),
    };
  };
}

/** WebKitGTK's MiniBrowser, over classic WebDriver, on a display that nobody sees. */
export function webkit(): StartBrowser {
  const programs = systemWebKit();
  if (programs === undefined) return undefined;
  return async () => {
    const display = spawn(programs.display, ['-displayfd', '1', '-screen', '0', '1440x1000x24'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [number] = (await once(display.stdout, 'data')) as [Buffer];
    const port = await freePort();
    const driver = spawn(programs.driver, [`--port=${port}`], {
      stdio: 'ignore',
      env: { ...process.env, DISPLAY: `:${number.toString().trim()}`, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' },
    });
    const session = await startSession(`http://127.0.0.1:${port}`);
    return {
      open: async (url) => void (await ask(`${session}/url`, { url })),
      evaluate: async <Value>(expression: string) =>
        (await ask(`${session}/execute/sync`, { script: `return (${expression});`, args: [] })) as Value,
      close: async () => {
        await fetch(session, { method: 'DELETE' });
        await Promise.all([ended(driver), ended(display)]);
      },
    };
  };
}

async function startSession(driver: string): Promise<string> {
  const browserOptions = { args: ['--automation'] };
  const alwaysMatch = { 'webkitgtk:browserOptions': browserOptions, timeouts: { script: WAIT_MS.longest } };
  for (const startedAt = Date.now(); ; await pause(WAIT_MS.step)) {
    try {
      const { sessionId } = (await ask(`${driver}/session`, { capabilities: { alwaysMatch } })) as {
        sessionId: string;
      };
      return `${driver}/session/${sessionId}`;
    } catch (error) {
      if (Date.now() - startedAt > DRIVER_PATIENCE_MS) throw error;
    }
  }
}

async function ask(url: string, body: unknown): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  const { value } = (await response.json()) as { value: unknown };
  if (response.ok) return value;
  throw new Error(`WebDriver: ${JSON.stringify(value)}`);
}

async function ended(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const exit = once(process, 'exit');
  process.kill();
  await exit;
}

/** Waits until an expression in the page is true. @throws Error with `what` and what the page shows where it never is. */
export async function until(
  browser: OtherBrowser,
  expression: string,
  what: string,
  longestMs = WAIT_MS.longest,
): Promise<void> {
  for (const startedAt = Date.now(); Date.now() - startedAt < longestMs; await pause(WAIT_MS.step)) {
    if (await browser.evaluate<boolean>(`Boolean(${expression})`)) return;
  }
  const shown = await browser.evaluate<string>('document.body.innerText');
  throw new Error(`After ${longestMs / 1000} s, still not so: ${what}. The page shows:\n${shown.slice(0, 2000)}`);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
