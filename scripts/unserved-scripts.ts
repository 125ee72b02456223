import type { Plugin } from 'vite';
import { SAY_INSTEAD } from './say-instead.ts';

/** In the place of `%`, what the server answered. */
const WORDS = {
  file: 'The page was opened as a file, and browsers run its scripts from a web server alone, like that of “npm start”.',
  type:
    'This server sends scripts as %; browsers run them as text/javascript alone. ' +
    'Have it send files that end in .js as that, then load the page again.',
  away: 'A script of the page did not come (%). See whether its server is still there, then load the page again.',
};

/**
 * Says why the page's module did not start, where its server is to blame: browsers leave the page blank then, without a
 * word. It stands in the page itself, since a server that mislabels one script mislabels all.
 */
export const UNSERVED_SCRIPTS = `(function () {
  ${SAY_INSTEAD}
  var words = ${JSON.stringify(WORDS)};
  function sentenceFor(answer) {
    var type = answer.getResponseHeader('Content-Type') || 'files without a type';
    if (location.protocol === 'file:') return words.file;
    if (answer.status === 200 && !/javascript/.test(type)) return words.type.replace('%', type);
    return words.away.replace('%', answer.status === 0 ? 'no answer' : 'status ' + answer.status);
  }
  window.addEventListener('error', function (event) {
    var script = event.target;
    if (script.tagName !== 'SCRIPT' || script.type !== 'module') return;
    var request = new XMLHttpRequest();
    request.onloadend = function () { sayInstead('The playground could not start', sentenceFor(request)); };
    request.open('GET', script.src);
    request.send();
  }, true);
})();
`;

/** Puts the script before the module, and behind what says how the page's text is encoded, which browsers look for early. */
export function unservedScripts(): Plugin {
  return {
    name: 'unserved-scripts',
    apply: 'build',
    transformIndexHtml: (html) =>
      html.replace(/<meta charset=.*/, (meta) => `${meta}\n    <script>${UNSERVED_SCRIPTS}</script>`),
  };
}
