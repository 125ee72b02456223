import { describe, expect, it } from 'vitest';
import { fastestOf, type MeasuredRow, referenceMs, stationsOf } from './measurement';
import { csvOfDevice, isOfDevice, jsonOfDevice, parseDevice } from './record';

const row = (
  backend: MeasuredRow['backend'],
  threads: number,
  ms: number,
  change: Partial<MeasuredRow> = {},
): MeasuredRow => ({
  ...{ backend, threads, variant: 'q8', runtimeMs: 200, openMs: 20.12345, firstMs: 9 },
  ...{ layerMs: [ms / 4, ms, 4 * ms], check: backend === 'wasm' ? 'reference' : 'same' },
  ...change,
});

const measured = {
  ...{ measuredAt: '2026-03-04T05:06:07.000Z', userAgent: 'A browser, "new"', cores: 8, adapter: undefined },
  ...{ model: { id: 'tiny', hash: 'abc' }, rows: [row('wasm', 1, 6), row('wasm', 4, 2.00049)] },
  skipped: [{ backend: 'wasm', threads: 2, variant: 'q8', reason: 'It did not start.' }],
} as const;

describe('what is measured', () => {
  it.each([
    [1, [1]],
    [2, [1, 2]],
    [3, [1, 2, 3]],
    [4, [1, 2, 4]],
    [16, [1, 8, 16]],
  ])('of %i threads are %j', (threads, counts) => {
    expect(stationsOf({ threads, adapter: undefined })).toEqual(
      counts.map((count) => ({ backend: 'wasm', threads: count })),
    );
  });

  it('has WebGPU where a real adapter answers', () => {
    expect(stationsOf({ threads: 1, adapter: 'acme' })).toEqual([
      { backend: 'wasm', threads: 1 },
      { backend: 'webgpu', threads: 1 },
    ]);
  });
});

describe('the fastest', () => {
  it('is the one with the quickest layer of 32 tokens', () => {
    expect(fastestOf([row('wasm', 1, 6), row('wasm', 2, 3), row('wasm', 4, 5)])?.threads).toBe(2);
    expect(referenceMs(row('wasm', 1, 6))).toBe(6);
  });

  it.each(['other', 'unchecked'] as const)('is none whose labels are %s', (check) => {
    expect(fastestOf([row('wasm', 1, 6), row('webgpu', 1, 0.5, { check })])?.backend).toBe('wasm');
    expect(fastestOf([row('webgpu', 1, 0.5, { check })])).toBeUndefined();
  });

  it('is WebGPU where it gives the labels of WASM', () => {
    expect(fastestOf([row('wasm', 1, 6), row('webgpu', 1, 0.5)])?.backend).toBe('webgpu');
  });

  it('is not changed for what may be chance', () => {
    expect(fastestOf([row('wasm', 1, 6), row('wasm', 4, 5.8)])?.threads).toBe(1);
  });

  it('is none where nothing was measured', () => {
    expect(fastestOf([])).toBeUndefined();
  });
});

describe('a measurement that is kept or shared', () => {
  it('comes back as it was, to the microsecond', () => {
    const written = { ...measured, rows: [row('wasm', 4, 2.0004)] };
    const back = row('wasm', 4, 2, { openMs: 20.123, layerMs: [0.5, 2, 8.002] });
    expect(parseDevice(jsonOfDevice(written))).toEqual({ ...measured, rows: [back] });
    expect(parseDevice(jsonOfDevice({ ...measured, adapter: 'acme' })).adapter).toBe('acme');
  });

  it.each([
    ['', 'no JSON'],
    ['[1, 2]', 'no measurement'],
    ['{"format":"dimee-device"}', 'at “measuredAt”'],
    [jsonOfDevice(measured).replace('"wasm"', '"abacus"'), 'rows.0.backend'],
    [jsonOfDevice(measured).replace('"cores": 8', '"cores": -8'), 'cores'],
    [jsonOfDevice(measured).replace('"firstMs": 9', '"firstMs": null'), 'rows.0.firstMs'],
    [jsonOfDevice(measured).replace('dimee-device', 'someone-else'), 'format'],
  ])('is refused as %j, with what is wrong', (text, problem) => {
    expect(() => parseDevice(text)).toThrow(problem);
    expect(() => parseDevice(text)).toThrow('Paste what “Copy JSON” gives.');
  });

  it('is a table with a row a configuration, the fastest marked', () => {
    const [names, first, second, ...rest] = csvOfDevice(measured).trimEnd().split('\n');
    expect(names?.split(',').slice(0, 9)).toEqual([
      ...['backend', 'threads', 'weights', 'runtime_ms', 'open_ms', 'first_ms'],
      ...['layer_8_tokens_ms', 'layer_32_tokens_ms', 'layer_128_tokens_ms'],
    ]);
    expect(first).toMatch(/^wasm,1,q8,200,20\.123,9,1\.5,6,24,reference,false,/);
    expect(second).toMatch(/^wasm,4,q8,200,20\.123,9,0\.5,2,8\.002,reference,true,/);
    expect(second).toContain('"A browser, ""new"""');
    expect(rest).toEqual([]);
  });

  it('is of this device as long as browser, cores and weights are the same', () => {
    const { userAgent, cores, model } = measured;
    expect(isOfDevice(measured, { userAgent, cores, model })).toBe(true);
    expect(isOfDevice(measured, { userAgent: 'A newer one', cores, model })).toBe(false);
    expect(isOfDevice(measured, { userAgent, cores: 4, model })).toBe(false);
    expect(isOfDevice(measured, { userAgent, cores, model: { ...model, hash: 'def' } })).toBe(false);
  });
});
