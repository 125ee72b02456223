import { describe, expect, test } from 'vitest';
import { errorData } from '../core/errors';
import { HELP, ignoredHost, readConfiguration } from './configuration';

function failureOf(argv: readonly string[], environment = {}) {
  try {
    readConfiguration(argv, environment);
    return undefined;
  } catch (error) {
    return errorData(error);
  }
}

describe('the configuration', () => {
  test('listens on this machine alone unless told otherwise', () => {
    const configuration = readConfiguration([]);
    expect(configuration).toMatchObject({
      port: 8787,
      host: '127.0.0.1',
      tier: 'edge',
      basePath: '',
      cloudUrl: undefined,
      threads: 1,
    });
  });

  test('takes flags before the environment, and the environment before defaults', () => {
    const environment = {
      PORT: '9000',
      HOST: '0.0.0.0',
      DIMEE_MAX_WAIT_MS: '',
      DIMEE_CLOUD_URL: 'wss://cloud.example/v1/tier',
    };
    const configuration = readConfiguration(['--port', '9001', '--max-in-flight=4'], environment);
    expect(configuration).toMatchObject({
      port: 9001,
      host: '0.0.0.0',
      workers: undefined,
      batchTokens: 384,
      maxQueueTokens: 16_384,
      maxWaitMs: 800,
      maxInFlight: 4,
      cloudUrl: 'wss://cloud.example/v1/tier',
    });
  });

  test.each([
    ['localhost', 'localhost'],
    ['::1', '::1'],
    ['192.168.1.20', '192.168.1.20'],
    ['arm64-apple-darwin20.0.0', '127.0.0.1'],
    ['my-laptop', '127.0.0.1'],
    ['', '127.0.0.1'],
  ])('HOST “%s” listens on %s: what is no address is left aside, with a word', (HOST, host) => {
    expect(readConfiguration([], { HOST }).host).toBe(host);
    expect(ignoredHost({ HOST }) !== undefined).toBe(HOST !== '' && HOST !== host);
    expect(readConfiguration(['--host', '10.0.0.1'], { HOST }).host).toBe('10.0.0.1');
  });

  test('completes a cloud address without a path', () => {
    expect(readConfiguration(['--cloud-url', 'ws://cloud:8788']).cloudUrl).toBe('ws://cloud:8788/v1/tier');
  });

  test.each([
    [['--port', '70000'], '--port must be a whole number from 0 to 65535; not “70000”.'],
    [
      ['--base-path', '/a b'],
      '--base-path must be a path like /playground, of letters, digits and . _ ~ -; not “/a b”.',
    ],
    [['--port', '-1'], '--port'],
    [['--port', '80.5'], 'whole number'],
    [['--port', ''], 'whole number'],
    [['--threads', '0'], '--threads must be a whole number from 1 to 256'],
    [['--max-queue', 'many'], '--max-queue must be a whole number'],
    [['--tier', 'mobile'], '--tier must be one of edge, cloud; not “mobile”.'],
    [
      ['--cloud-url', 'http://cloud'],
      '--cloud-url must be an address like ws://localhost:8788, or grpc://localhost:9000 of an engine; not “http://cloud”.',
    ],
    [['--cloud-url', 'cloud'], 'an address like'],
    [['--cloud-url', 'grpc://cloud'], 'an address like'],
    [['--cloud-url', 'grpc://cloud:9000/path'], 'an address like'],
    [['--tier', 'cloud', '--cloud-url', 'ws://cloud'], '--cloud-url is for the edge tier'],
    [['--tier', 'cloud', '--links', 'links'], '--links is for the edge tier'],
    [['--model', ''], '--model must be given'],
    [['--prot', '8787'], '--prot'],
    [['--port'], '--port'],
    [['8787'], '8787'],
  ])('%j is BAD_CONFIGURATION, and says what was expected', (argv, message) => {
    expect(failureOf(argv)).toMatchObject({ code: 'BAD_CONFIGURATION', message: expect.stringContaining(message) });
    expect(failureOf(argv)?.message).toMatch(/--help|above it|to link to/);
  });

  test('names the variable when the environment is to blame', () => {
    expect(failureOf([], { PORT: 'http' })?.message).toContain('PORT must be a whole number');
  });

  test('explains every option', () => {
    for (const flag of [
      '--port N',
      '--host',
      '--tier',
      '--cloud-url',
      '--threads',
      '--max-in-flight',
      '--held-megabytes',
    ]) {
      expect(HELP).toContain(flag);
    }
  });
});
