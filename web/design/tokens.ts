/** Every token by name, in the order in which `tokens.css` has them. */
export function tokensOf(sheets: Iterable<CSSStyleSheet>): readonly string[] {
  const names = new Set<string>();
  for (const sheet of sheets) {
    for (const rule of sheet.cssRules) {
      if (!(rule instanceof CSSStyleRule) || rule.selectorText !== ':root') continue;
      for (const name of rule.style) if (name.startsWith('--')) names.add(name);
    }
  }
  return [...names];
}
