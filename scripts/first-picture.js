/* Stands in the page behind the picture of how it opens, and has the page's module fetched. In every browser's syntax. */
(function () {
  var FIRST_CHART = 'first-chart';
  /** A browser that draws nothing now, in a tab behind others, must not wait for it. */
  var LONGEST_MS = 500;
  var root = document.documentElement;
  var opened = document.getElementById('as-opened');
  var hasStarted = false;

  function language() {
    var stored = null;
    try {
      stored = localStorage.getItem('dimee.language');
    } catch {
      // Kept nowhere.
    }
    var known = [stored]
      .concat(navigator.languages)
      .map(function (tag) {
        return String(tag).toLowerCase().split('-')[0];
      })
      .filter(function (tag) {
        return /* LANGUAGES */ [].indexOf(tag) >= 0;
      });
    return known[0] || 'en';
  }

  /** Whoever comes by a link, into a frame, to another model or in another language sees another picture. */
  function isAsOpened() {
    return (
      location.hash.length <= 1 &&
      !/[?&]embed\b/.test(location.search) &&
      !document.querySelector('meta[name="dimee-model"]') &&
      language() === 'en'
    );
  }

  /** The policy of the page forbids style attributes in HTML, and not that a script sets styles. */
  function setStyles() {
    opened.querySelectorAll('[data-style]').forEach(function (element) {
      element.style.cssText = element.getAttribute('data-style');
    });
  }

  /** The picture is as wide as there is room for; it was drawn for another width. */
  function stretch(figure) {
    var svg = figure.querySelector('svg');
    var drawn = Number(svg.getAttribute('width'));
    var width = figure.clientWidth;
    var times = width / drawn;
    svg.setAttribute('width', width);
    svg.setAttribute('viewBox', [0, 0, width, svg.getAttribute('height')].join(' '));
    svg.querySelectorAll('rect, text, line').forEach(function (mark) {
      ['x', 'x1', 'x2', 'width'].forEach(function (name) {
        if (mark.hasAttribute(name)) mark.setAttribute(name, mark.getAttribute(name) * times);
      });
    });
    svg.querySelectorAll('path').forEach(function (path) {
      path.setAttribute('transform', 'scale(' + times + ' 1)');
    });
    figure.querySelectorAll(':scope > [data-style]').forEach(function (part) {
      part.style.left = parseFloat(part.style.left) * times + 'px';
    });
  }

  function add(tag, attributes) {
    document.head.appendChild(Object.assign(document.createElement(tag), attributes));
  }

  function start() {
    if (hasStarted) return;
    hasStarted = true;
    /* SCRIPTS */ [].forEach(function (path, index) {
      if (index === 0) add('script', { type: 'module', crossOrigin: '', src: path });
      else add('link', { rel: 'modulepreload', crossOrigin: '', href: path });
    });
    add('link', { rel: 'prefetch', href: /* WORKER */ '' });
  }

  if (root.hasAttribute('data-too-old')) return;
  if (!isAsOpened()) {
    opened.remove();
    start();
    return;
  }
  root.classList.add('shows-as-opened');
  setStyles();
  opened.querySelectorAll('.figure').forEach(function (figure) {
    if (figure.clientWidth > 0) stretch(figure);
  });
  setTimeout(start, LONGEST_MS);
  // What a frame draws is there when the next one has begun.
  requestAnimationFrame(function () {
    requestAnimationFrame(function () {
      setTimeout(function () {
        performance.mark(FIRST_CHART);
        start();
      });
    });
  });
})();
