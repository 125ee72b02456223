import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { type IndexHtmlTransformContext, type Plugin, runnerImport } from 'vite';
import { firstModel } from './preload-model.ts';

/** What `web/prerender.ts` has, which Vite runs as it runs the page. */
interface Prerendering {
  readonly languages: readonly string[];
  prerender(
    manifest: unknown,
    read: (file: { readonly path: string }) => Promise<Uint8Array>,
    width: number,
  ): Promise<string>;
}

type Bundle = NonNullable<IndexHtmlTransformContext['bundle']>;

const room = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Pixels of the window that the picture is drawn for; on a phone it is another one. */
const WIDTHS = { wide: 1200, phone: 358 };
const FIGURE = /<div class="figure [^]*?(?=<div class="under)/;

/**
 * Draws the page as it opens into its HTML, with its styles: whoever comes without a link sees the recorded split before any
 * script has come. The page's module is fetched once that is on the screen, and takes its place.
 */
export function firstPicture(models: string): Plugin {
  return {
    name: 'first-picture',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: async (html, { bundle = {} }) => {
        const { languages, wide, phone } = await pagesAsTheyOpen(models);
        const modules = [...html.matchAll(/(?:src|href)="(\.\/assets\/[^"]+\.js)"/g)].map(([, path]) => path);
        const [figure] = FIGURE.exec(phone) ?? [];
        if (figure === undefined || modules.length === 0) throw new Error('The page has no figure, or no module.');
        const both = wide.replace(FIGURE, (own) => own + figure.replace('class="figure', 'class="figure phone'));
        return html
          .replaceAll(/ *<(?:script type="module"|link rel="modulepreload")[^>]*>(?:<\/script>)?\n/g, '')
          .replace(/(?: *<link rel="stylesheet"[^>]*>\n)+/, () => `    <style>${stylesOf(html, bundle)}</style>\n`)
          .replace(
            '<div id="app">',
            (app) => `${app}\n      <div id="as-opened" aria-hidden="true" inert>${both}</div>`,
          )
          .replace(
            '</body>',
            (end) => `  <script>${scriptFor(languages, modules, workerOf(bundle))}</script>\n  ${end}`,
          );
      },
    },
  };
}

/** `modules`: the page's own first, then what it imports; `worker` is what it starts. */
function scriptFor(languages: readonly string[], modules: readonly unknown[], worker: string): string {
  return readFileSync(room('first-picture.js'), 'utf8')
    .replace("/* WORKER */ ''", JSON.stringify(worker))
    .replace('/* LANGUAGES */ []', JSON.stringify(languages))
    .replace('/* SCRIPTS */ []', JSON.stringify(modules));
}

/** Where the script of the mobile tier's worker lies, as the page's own script has it. */
function workerOf(bundle: Bundle): string {
  const [entry] = Object.values(bundle).filter((file) => file.type === 'chunk' && file.isEntry);
  const name = entry?.type === 'chunk' && /new URL\(["'`]([\w./-]*main-[\w-]+\.js)["'`]/.exec(entry.code)?.[1];
  if (!name) throw new Error('The page starts no worker.');
  return `./assets/${name.split('/').at(-1)}`;
}

/** The styles that the page waits for, as they are in their files, with addresses as they are from the page. */
function stylesOf(html: string, bundle: Bundle): string {
  const names = [...html.matchAll(/<link rel="stylesheet"[^>]*href="\.\/([^"]+)"/g)].map(([, name = '']) => name);
  return names
    .map((name) => bundle[name])
    .map((asset) => (asset?.type === 'asset' ? String(asset.source) : ''))
    .join('')
    .replaceAll('url(./', 'url(./assets/');
}

async function pagesAsTheyOpen(models: string): Promise<{ languages: readonly string[]; wide: string; phone: string }> {
  const folder = join(models, await firstModel(models));
  const read = async ({ path }: { readonly path: string }) => new Uint8Array(await readFile(join(folder, path)));
  const manifest: unknown = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
  const { module } = await runnerImport<Prerendering>(room('../web/prerender.ts'), {
    root: room('../web'),
    configFile: false,
    logLevel: 'error',
    mode: 'production',
    // Its styles are those of the build.
    plugins: [svelte({ configFile: false, emitCss: false })],
  });
  const drawn = async (width: number) =>
    (await module.prerender(manifest, read, width))
      .replaceAll(' style="', ' data-style="')
      .replaceAll(/<!--.*?-->/g, '');
  return { languages: module.languages, wide: await drawn(WIDTHS.wide), phone: await drawn(WIDTHS.phone) };
}
