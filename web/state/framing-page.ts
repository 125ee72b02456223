/** Shows Spaces in a frame, and takes over a hash and a query that they post, so that its own address can be shared. */
const HUB = 'https://huggingface.co';

/** Keeps the address of the page around this one in step, where that is one that takes part. */
export function followInHub(): void {
  if (window.parent === window || originAround() !== HUB) return;
  // Where it is missing (Firefox before 147, Safari before 26.2), a link is to be had of Share alone.
  const { navigation } = window as { navigation?: EventTarget };
  navigation?.addEventListener('currententrychange', () => {
    window.parent.postMessage({ hash: location.hash, queryString: location.search.slice(1) }, HUB);
  });
}

/** Firefox says it by the referrer alone. */
function originAround(): string | undefined {
  const { ancestorOrigins } = location as Partial<Location>;
  if (ancestorOrigins) return ancestorOrigins[0];
  return document.referrer === '' ? undefined : new URL(document.referrer).origin;
}
