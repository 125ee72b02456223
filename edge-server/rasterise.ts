import { createRequire } from 'node:module';

/** One file alone reaches the native rasteriser, which not every machine has. */
const { resolve } = createRequire(import.meta.url);
/** Weights of the typeface that pictures are set in; no font of the machine is looked at, so that all draw alike. */
const FONTS = ['400Regular/Inter_400Regular.ttf', '600SemiBold/Inter_600SemiBold.ttf'];

/**
 * Draws an SVG as PNG, off the main thread.
 * @throws Error where the rasteriser has no build for this machine.
 */
export async function rasterise(svg: string): Promise<Uint8Array> {
  const { renderAsync } = await import('@resvg/resvg-js');
  const fontFiles = FONTS.map((path) => resolve(`@expo-google-fonts/inter/${path}`));
  const image = await renderAsync(svg, { font: { loadSystemFonts: false, fontFiles, defaultFontFamily: 'Inter' } });
  return image.asPng();
}
