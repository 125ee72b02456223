import type { Plugin } from 'vite';

/**
 * Where browsers have Trusted Types and the server asks for them (`edge-server/static-files.ts`), every text that the page hands
 * to a place which makes a script of it comes here first: addresses of the build's own scripts and of its service worker pass.
 * There is no way for HTML, nor for a script's text; what Svelte makes elements of has a policy of its own.
 */
export const OWN_SCRIPTS = `(function () {
  if (!window.trustedTypes) return;
  var serviceWorker = new URL('service-worker.js', document.baseURI).href;
  var assets = new URL('assets/', document.baseURI).href;
  window.trustedTypes.createPolicy('default', {
    createScriptURL: function (address) {
      var whole = new URL(address, document.baseURI).href;
      var isBuilt = whole.indexOf(assets) === 0 && /^[\\w.-]+\\.js$/.test(whole.slice(assets.length));
      if (isBuilt || whole === serviceWorker) return whole;
      throw new TypeError('This page runs its own scripts alone, and not ' + whole);
    },
  });
})();
`;

/** Puts the script before all that fetches one. */
export function ownScripts(): Plugin {
  return {
    name: 'own-scripts',
    apply: 'build',
    transformIndexHtml: () => [{ tag: 'script', children: OWN_SCRIPTS, injectTo: 'head-prepend' }],
  };
}
