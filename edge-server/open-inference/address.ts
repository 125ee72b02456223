/** Where an engine listens. */
export interface EngineAddress {
  /** Host and port, as gRPC takes them; a name with several addresses is all of them in turn. */
  readonly target: string;
  readonly isSecure: boolean;
}

/** Of `grpcs://` without a port, as of HTTPS. */
const SECURE_PORT = '443';

/** An address like `grpc://host:port`, or undefined where it is none. */
export function readEngineUrl(text: string): EngineAddress | undefined {
  const [, scheme = '', place = ''] = /^(grpcs?):\/\/([^/?#@]+)\/?$/i.exec(text) ?? [];
  const isSecure = scheme.toLowerCase() === 'grpcs';
  const port = /:(\d+)$/.exec(place)?.[1] ?? (isSecure ? SECURE_PORT : undefined);
  if (port === undefined || !URL.canParse(`http://${place}`)) return undefined;
  return { target: `${new URL(`http://${place}`).hostname}:${port}`, isSecure };
}
