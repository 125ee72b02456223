import { mount } from 'svelte';
import { DEFAULT_MODEL } from '../core/model/default-model';
import { parseManifest } from '../core/model/manifest';
import App from './App.svelte';
import './design/tokens.css';
import './design/font.css';
import './design/base.css';
import './design/shell.css';
import './print.css';
import NoModel from './shell/NoModel.svelte';
import { Playground } from './Playground.svelte';
import { edgesOfPage } from './state/edge-address';
import { withoutTokens } from './state/EdgeTokens';
import { afterFirstChart, isShownAlready } from './state/first-chart';
import { followInHub } from './state/framing-page';
import { surviveTranslation } from './translation';
import { heldWorker } from './state/held-worker';
import type { TierWorker } from './state/watched-worker';
import { startWorker, type TierTrace } from './state/WorkerTier.svelte';
import { Language } from './words/language.svelte';

const target = document.getElementById('app') ?? document.body;
/** A server of another model writes its id into the page. */
const model = metaOf('dimee-model') ?? DEFAULT_MODEL;
const manifestUrl = new URL(`models/${model}/manifest.json`, document.baseURI);

/**
 * `?debug` in the address: the browser's console tells every message between page and worker. `?threads=3`: as many run.
 * `?embed`: the view alone, for a frame in another page.
 */
const query = new URLSearchParams(location.search);
const language = new Language();
const MOST_THREADS = 16;
const edge = edgesOfPage({ baseUrl: document.baseURI, asked: query.getAll('edge'), built: metaOf('dimee-edge') });
const traceToConsole: TierTrace = (from, message) =>
  console.debug(`${performance.now().toFixed(1)} ms, ${from}: ${message.type}`, withoutTokens(message));

/** The page's first script has told the person so. */
const isTooOld = document.documentElement.hasAttribute('data-too-old');

async function start(): Promise<void> {
  if (isTooOld) return;
  surviveTranslation(target);
  const startTierWorker = workerStarter();
  const [response] = await Promise.all([fetch(manifestUrl), language.start()]);
  if (!response.ok) throw new Error(`The server answered ${response.status} for the model's manifest.`);
  const manifest = parseManifest(await response.json());
  const options = {
    trace: query.has('debug') ? traceToConsole : undefined,
    threads: threadsIn(query),
    startWorker: startTierWorker,
  };
  const playground = new Playground(manifest, manifestUrl, edge.urls, options, language);
  const isEmbed = query.has('embed');
  playground.tour.offer({ isEmbed, hash: location.hash });
  // What is on the screen is to be seen until the same is drawn anew; nobody waits long for that.
  if (isShownAlready()) {
    playground.loadModel();
    await Promise.race([playground.whenShown(), afterFirstChart]);
  }
  target.replaceChildren();
  mount(App, { target, props: { playground, isEmbed } });
  playground.start();
  followInHub();
  if (edge.notice) playground.notices.add(edge.notice);
}

/** Once the first picture is on the screen there is nothing that the worker should not compete with: it starts at once. */
function workerStarter(): () => TierWorker {
  if (!isShownAlready()) return () => heldWorker(startWorker, afterFirstChart);
  let early: TierWorker | undefined = startWorker();
  // One that has ended before anybody listens to it is made anew, so that its end is heard.
  early.onerror = () => (early = undefined);
  return () => {
    const worker = early ?? startWorker();
    early = undefined;
    return worker;
  };
}

function metaOf(name: string): string | undefined {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content;
}

function threadsIn(asked: URLSearchParams): number | undefined {
  const threads = Number(asked.get('threads') ?? undefined);
  return Number.isInteger(threads) && threads >= 1 ? Math.min(threads, MOST_THREADS) : undefined;
}

start().catch((error: unknown) => {
  target.replaceChildren();
  mount(NoModel, { target, props: { reason: String(error), words: language.words.shell.noModel } });
});
