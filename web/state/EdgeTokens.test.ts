import { describe, expect, test } from 'vitest';
import { EdgeTokens, withoutTokens } from './EdgeTokens';

/** Stands for the browser's session; a full or forbidden one throws. */
class Session {
  readonly kept = new Map<string, string>();
  isFull = false;

  getItem(key: string): string | null {
    return this.kept.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    if (this.isFull) throw new Error('The quota has been exceeded.');
    this.kept.set(key, value);
  }
}

describe('tokens of edges', () => {
  test('are those of one server each, whatever is asked of it', () => {
    const tokens = new EdgeTokens(new Session());
    tokens.keep('wss://edge.example/v1/tier', 'secret');
    expect(tokens.of('https://edge.example/api/links')).toBe('secret');
    for (const other of ['wss://edge.example:8443/v1/tier', 'ws://edge.example/v1/tier', 'wss://edge.example.evil/']) {
      expect(tokens.of(other)).toBeUndefined();
    }
  });

  test('outlive a reload in the tab, and nothing else', () => {
    const session = new Session();
    new EdgeTokens(session).keep('ws://localhost:8787/v1/tier', 'secret');
    expect(new EdgeTokens(session).of('ws://localhost:8787/v1/tier')).toBe('secret');
    expect(new EdgeTokens(new Session()).of('ws://localhost:8787/v1/tier')).toBeUndefined();
  });

  test.each([undefined, Object.assign(new Session(), { isFull: true })])(
    'last for the page without a store',
    (store) => {
      const tokens = new EdgeTokens(store);
      tokens.keep('ws://edge/', 'secret');
      expect(tokens.of('ws://edge/')).toBe('secret');
    },
  );

  test('are left out of what is shown of a message', () => {
    const load = { manifestUrl: 'm', backend: 'auto', variant: 'auto', mobileLayers: 4 } as const;
    const edges = [{ url: 'ws://one/', token: 'secret' }, { url: 'ws://two/' }];
    const shown = withoutTokens({ type: 'load', ...load, edges });
    expect(JSON.stringify(shown)).not.toContain('secret');
    expect(shown).toMatchObject({ ...load, edges: [{ url: 'ws://one/', token: '…' }, { url: 'ws://two/' }] });
    expect(withoutTokens({ type: 'ping' })).toEqual({ type: 'ping' });
  });
});
