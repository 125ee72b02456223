import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { chooseBackend, type Host, noRealGpu } from './backend';

function fakeAdapter(info: Partial<GPUAdapterInfo> = {}, requestDevice = () => Promise.resolve({ destroy: vi.fn() })) {
  const words = {
    vendor: 'acme',
    architecture: 'turbo',
    device: '',
    description: '',
    isFallbackAdapter: false,
    ...info,
  };
  return { info: words, requestDevice } as unknown as GPUAdapter;
}

/** A browser whose answers to `requestAdapter` are these, the last one again and again. */
function hostWith(...answers: (GPUAdapter | null | Error)[]): Host & { readonly asked: () => number } {
  const requestAdapter = vi.fn(() => {
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer ?? null);
  });
  const asked = () => requestAdapter.mock.calls.length;
  return {
    gpu: { requestAdapter },
    crossOriginIsolated: true,
    hardwareConcurrency: 8,
    isSecureContext: true,
    isTriedOnGpu: true,
    asked,
  };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function choose(...request: Parameters<typeof chooseBackend>) {
  const choice = chooseBackend(...request);
  await vi.runAllTimersAsync();
  return choice;
}

describe('chooseBackend', () => {
  test('auto takes WebGPU where a real adapter answers, and names it', async () => {
    expect(await choose('auto', hostWith(fakeAdapter()))).toEqual({
      backend: 'webgpu',
      threads: 4,
      adapter: 'acme, turbo',
      fallback: undefined,
    });
  });

  test('WebGPU that was measured on another adapter is not taken on its word', async () => {
    const { backend, fallback } = await chooseBackend('webgpu', hostWith(fakeAdapter()), 2, 'acme, slow');
    expect(backend).toBe('wasm');
    expect(fallback).toContain('measured on acme, slow');
    expect(await chooseBackend('webgpu', hostWith(fakeAdapter()), 2, 'acme, turbo')).toMatchObject({
      backend: 'webgpu',
    });
  });

  test('a GPU that is software is none to be measured', async () => {
    expect(await noRealGpu(hostWith(fakeAdapter()))).toBeUndefined();
    expect(await noRealGpu(hostWith(fakeAdapter({ architecture: 'swiftshader' })))).toContain('swiftshader');
    expect(await noRealGpu({ gpu: undefined })).toBe('No GPU adapter answers in this browser.');
  });

  test('does not ask for an adapter where WASM is wanted, and then nothing is a fallback', async () => {
    const host = hostWith(fakeAdapter());
    expect(await choose('wasm', host)).toMatchObject({ backend: 'wasm', fallback: undefined });
    expect(host.asked()).toBe(0);
  });

  test.each(['auto', 'webgpu'] as const)('%s says so where the browser has no WebGPU', async (wanted) => {
    const choice = await choose(wanted, { ...hostWith(), gpu: undefined });
    expect(choice).toMatchObject({ backend: 'wasm', adapter: undefined });
    expect(choice.fallback).toMatch(/no WebGPU/);
  });

  test('asks again where no adapter answers at first, and remembers no refusal', async () => {
    const late = hostWith(null, new Error('not yet'), fakeAdapter());
    expect(await choose('auto', late)).toMatchObject({ backend: 'webgpu' });
    const never = hostWith(null);
    expect((await choose('webgpu', never)).fallback).toMatch(/No GPU adapter answers/);
    expect(never.asked()).toBe(3);
  });

  test.each([
    ['flagged', { isFallbackAdapter: true }],
    ['named', { vendor: 'google', architecture: 'swiftshader' }],
    ['described', { vendor: 'mesa', description: 'llvmpipe (LLVM 17)' }],
  ])('auto leaves a %s software adapter alone; asking for WebGPU takes it', async (_, info) => {
    const automatic = await choose('auto', hostWith(fakeAdapter(info)));
    expect(automatic).toMatchObject({ backend: 'wasm', adapter: undefined });
    expect(automatic.fallback).toMatch(/software/);
    expect(await choose('webgpu', hostWith(fakeAdapter(info)))).toMatchObject({ backend: 'webgpu' });
  });

  test('auto leaves a GPU alone in a browser in which it was never tried; asking for WebGPU takes it', async () => {
    const host = { ...hostWith(fakeAdapter()), isTriedOnGpu: false };
    const automatic = await choose('auto', host);
    expect(automatic).toMatchObject({ backend: 'wasm', adapter: undefined });
    expect(automatic.fallback).toMatch(/has not been tried in this browser/);
    expect(await choose('webgpu', host)).toMatchObject({ backend: 'webgpu', fallback: undefined });
  });

  test('threads that are asked for are taken, whatever the processor has', async () => {
    expect(await choose('wasm', { ...hostWith(), hardwareConcurrency: 2 }, 3)).toMatchObject({ threads: 3 });
  });

  test.each(['auto', 'wasm', 'webgpu'] as const)('%s says that plain http is why', async (wanted) => {
    const host = { ...hostWith(), gpu: undefined, crossOriginIsolated: false, isSecureContext: false };
    const choice = await choose(wanted, host);
    expect(choice).toMatchObject({ backend: 'wasm', threads: 1 });
    expect(choice.fallback).toMatch(/plain http/);
  });

  test('an adapter that gives no device is none', async () => {
    const adapter = fakeAdapter({}, () => Promise.reject(new Error('lost')));
    const choice = await choose('webgpu', hostWith(adapter));
    expect(choice).toMatchObject({ backend: 'wasm' });
    expect(choice.fallback).toMatch(/acme, turbo.*no device/);
  });

  test.each([
    [true, 1, 1],
    [true, 2, 1],
    [true, 4, 3],
    [true, 16, 4],
    [false, 16, 1],
  ])('isolated %s with %i cores makes %i threads', async (crossOriginIsolated, hardwareConcurrency, threads) => {
    const host = { ...hostWith(), crossOriginIsolated, hardwareConcurrency };
    expect(await choose('wasm', host)).toMatchObject({ threads });
  });
});
