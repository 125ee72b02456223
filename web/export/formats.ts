/** Kinds of files that a card may offer, in the order in which they stand. */
export const FORMATS = [
  { id: 'csv', name: 'CSV', type: 'text/csv' },
  { id: 'json', name: 'JSON', type: 'application/json' },
  { id: 'md', name: 'Markdown', type: 'text/markdown' },
  { id: 'png', name: 'PNG', type: 'image/png' },
  { id: 'svg', name: 'SVG', type: 'image/svg+xml' },
] as const;

export type FormatId = (typeof FORMATS)[number]['id'];

/** What makes each file that can be had; a text is written as it is. */
export type ExportFiles = Readonly<Partial<Record<FormatId, () => Blob | string | Promise<Blob | string>>>>;
