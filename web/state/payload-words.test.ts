import { describe, expect, it } from 'vitest';
import { stretchesOf } from '../../core/layers';
import { PAYLOAD_DTYPES } from '../../core/payload/payload';
import { fakeManifest } from '../../core/testing/fake-manifest';
import { en } from '../words/en';
import { payloadHint, payloadText } from './payload-words';

const manifest = fakeManifest();
const words = en.settings.device;
const split = (mobileLayers: number, edgeLayers: number) => stretchesOf('cascade', { mobileLayers, edgeLayers }, 12);

it('a payload is named with its bytes', () => {
  expect(PAYLOAD_DTYPES.map((dtype) => payloadText(dtype, 384, words))).toEqual([
    'float32, 1,536 bytes a token',
    'float16, 768 bytes a token',
    'int8, 388 bytes a token',
    'int4, 216 bytes a token',
    'coded, at most 216 bytes a token',
    'coded, at most 96 bytes a token',
  ]);
});

describe('the hint', () => {
  it('says why there are no coded payloads', () => {
    const hint = payloadHint({ ...manifest, codecs: [] }, 'int8', split(4, 8), words);
    expect(hint).toBe('This model comes without the files that coded payloads need.');
  });

  it('is silent about the others', () => {
    expect(payloadHint(manifest, 'int4', split(4, 8), words)).toBeUndefined();
  });

  it('says where a coded payload gives way to int8', () => {
    const learned = 'This payload is learned for what comes after layers 3, 4, 5 and 6.';
    const other = 'where your split crosses too, hidden states are sent as int8.';
    expect(payloadHint(manifest, 'coded96', split(4, 6), words)).toBe(learned);
    expect(payloadHint(manifest, 'coded96', split(4, 8), words)).toBe(`${learned} After layer 8, ${other}`);
    expect(payloadHint(manifest, 'coded96', split(2, 8), words)).toBe(`${learned} After layer 2 and 8, ${other}`);
    expect(payloadHint(manifest, 'coded96', stretchesOf('edge', { mobileLayers: 4, edgeLayers: 8 }, 12), words)).toBe(
      learned,
    );
  });
});
