/** As much of it as is used: a pen that writes SVG instead of drawing. */
declare module 'svgcanvas' {
  export class Context {
    constructor(options: { readonly width: number; readonly height: number });
    getSerializedSvg(): string;
  }
}
