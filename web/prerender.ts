import { render } from 'svelte/server';
import { type ModelFile, parseManifest } from '../core/model/manifest';
import App from './App.svelte';
import { Playground } from './Playground.svelte';
import { heldWorker } from './state/held-worker';
import { startWorker } from './state/WorkerTier.svelte';
import { LANGUAGES } from './words/languages';

export const languages = LANGUAGES.map(({ id }) => id);

/** What the page asks a browser for as it is drawn, and Node lacks. */
const BROWSER = {
  navigator: { languages: ['en'] },
  location: new URL('http://localhost/'),
  localStorage: { getItem: () => null },
};
const NEVER = new Promise<never>(() => undefined);

/**
 * The page as it opens for whoever has never been here, as HTML, with the first task's recorded split.
 * @param width of the window, in pixels.
 */
export async function prerender(
  manifest: unknown,
  read: (file: ModelFile) => Promise<Uint8Array<ArrayBuffer>>,
  width: number,
): Promise<string> {
  for (const [name, value] of Object.entries({ ...BROWSER, innerWidth: width })) {
    Object.defineProperty(globalThis, name, { value, configurable: true });
  }
  const playground = new Playground(parseManifest(manifest), new URL('http://localhost/'), ['ws://localhost/'], {
    startWorker: () => heldWorker(startWorker, NEVER),
    read,
  });
  playground.tour.offer({ isEmbed: false, hash: '' });
  await playground.whenShown();
  const { body } = await render(App, { props: { playground } });
  return body;
}
