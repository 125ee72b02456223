import { type Answer, sendJson } from '../static-files';

export interface ProbeSources {
  /** All that the default variant needs is in memory. */
  readonly isLoaded: () => boolean;
  /** It is about to end and takes no more. */
  readonly isDraining: () => boolean;
}

/**
 * What machines ask before they send work here or start the process anew. `/livez` says that the process answers: one that
 * loads or drains is alive, and to end it would help nobody. `/readyz` says whether to send work: 200 or 503, with the reason.
 */
export function probes({ isLoaded, isDraining }: ProbeSources): (path: string) => Answer | undefined {
  const readiness = () => (isDraining() ? 'draining' : isLoaded() ? 'ready' : 'loading');
  return (path) => {
    if (path === '/livez') return (_request, response) => sendJson(response, 200, { status: 'alive' });
    if (path !== '/readyz') return undefined;
    return (_request, response) => {
      const status = readiness();
      sendJson(response, status === 'ready' ? 200 : 503, { status });
    };
  };
}
