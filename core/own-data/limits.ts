/** What a file of a person's own rows may be: more would be read, but not run in an afternoon. */
export const FILE_LIMITS = {
  /** Every row kept is text in the page's memory, twice for a moment. */
  maxBytes: 25_000_000,
  maxRows: 100_000,
  maxColumns: 200,
} as const;
