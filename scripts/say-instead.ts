/**
 * A function that says a sentence in place of the page, once there is one. Every browser can read it, since it has nothing
 * newer than 2009 in it.
 */
export const SAY_INSTEAD = `function sayInstead(title, sentence) {
    if (document.readyState === 'loading') {
      document.addEventListener('DOMContentLoaded', function () { sayInstead(title, sentence); });
      return;
    }
    var main = document.createElement('main');
    main.className = 'page';
    main.appendChild(document.createElement('h1')).appendChild(document.createTextNode(title));
    var said = main.appendChild(document.createElement('p'));
    said.setAttribute('role', 'alert');
    said.appendChild(document.createTextNode(sentence));
    var app = document.getElementById('app');
    while (app.firstChild) app.removeChild(app.firstChild);
    app.appendChild(main);
  }`;
