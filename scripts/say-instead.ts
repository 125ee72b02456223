/**
 * A function that says a sentence in place of the page, once there is one. Every browser can read it, since it has nothing
 * newer than 2009 in it.
 */
export const SAY_INSTEAD = `function sayInstead(title, sentence) {
    if (document.readyState === 'loading') {
      document.addEventListener('DOMContentLoaded', function () { sayInstead(title, sentence); });
      return;
    }
    document.getElementById('app').innerHTML = '<main class="page"><h1></h1><p role="alert"></p></main>';
    document.querySelector('h1').appendChild(document.createTextNode(title));
    document.querySelector('p').appendChild(document.createTextNode(sentence));
  }`;
