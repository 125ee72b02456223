/** Where the code is to be had: whoever hosts the page says so in `<meta name="dimee-code">`; undefined where nobody has. */
export function codeAddress(): string | undefined {
  const asked = document.querySelector<HTMLMetaElement>('meta[name="dimee-code"]')?.content;
  return asked !== undefined && /^https?:\/\/./i.test(asked) ? asked : undefined;
}
