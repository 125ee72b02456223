/** The part of a worker's global scope that has Trusted Types, in browsers that do. */
interface TypedScope {
  readonly trustedTypes?: {
    createPolicy(name: string, rules: { createScriptURL(address: string): string }): unknown;
  };
  readonly location: { readonly href: string };
}

/**
 * Of the scripts that a worker asks for, lets through those of the build, which lie beside its own. The ONNX runtime makes a
 * worker for each of its threads by an address, which the page's policy would refuse as a mere text (Trusted Types).
 */
export function takeOwnScriptsAlone({ trustedTypes, location }: TypedScope): void {
  const folder = new URL('.', location.href).href;
  trustedTypes?.createPolicy('default', {
    createScriptURL: (address) => {
      const whole = new URL(address, location.href).href;
      if (whole.startsWith(folder) && /^[\w.-]+\.js$/.test(whole.slice(folder.length))) return whole;
      throw new TypeError(`This worker runs scripts of its own build alone, and not ${whole}`);
    },
  });
}
