/** What gives a page WebAssembly's threads, for hosts that send no headers of their own. Our server sends the same. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** The response with the headers of isolation; as it is where it has them, or may not be looked into. */
export function isolated(response: Response): Response {
  const isOpaque = response.status === 0;
  const missing = Object.entries(ISOLATION).filter(([name]) => !response.headers.has(name));
  if (isOpaque || missing.length === 0) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of missing) headers.set(name, value);
  const { body, status, statusText } = response;
  return new Response(body, { status, statusText, headers });
}
