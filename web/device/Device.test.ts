import { describe, expect, it, vi } from 'vitest';
import type { MeasureAnswer, MeasureRequest } from '../../core/device/messages';
import type { MeasuredRow, Survey } from '../../core/device/measurement';
import { fakeManifest } from '../../core/testing/fake-manifest';
import { Device, type DeviceOptions } from './Device.svelte';

const manifest = fakeManifest();
const HERE: Survey = {
  ...{ threads: 2, adapter: undefined, noGpu: 'No WebGPU.', commonBytes: 0 },
  variants: [{ id: 'q8', missingBytes: 0 }],
};
type Answering = (request: MeasureRequest) => readonly MeasureAnswer[];

/** One thread takes 8 ms a layer, more take as much less; WebGPU takes 1 ms. */
const rowOf = ({ station }: Extract<MeasureRequest, { type: 'measure' }>, variant: string): MeasuredRow => {
  const ms = station.backend === 'webgpu' ? 1 : 8 / station.threads;
  const cold = { runtimeMs: 1, openMs: 2, firstMs: 3 };
  return { ...station, variant, ...cold, layerMs: [ms / 4, ms, 4 * ms], check: 'reference' };
};

const answering =
  (survey: Survey): Answering =>
  (request) => {
    if (request.type === 'survey') return [{ type: 'surveyed', survey }];
    const rows = request.variants.map((variant): MeasureAnswer => {
      const row = rowOf(request, variant);
      const labels = request.isChecked ? { layers: 1, labels: [1, 2] } : undefined;
      const check = row.backend === 'wasm' ? 'reference' : request.expected[variant] ? 'same' : 'unchecked';
      return { type: 'measured', row: { ...row, check }, labels };
    });
    return [...rows, { type: 'done' }];
  };

class MemoryStore {
  readonly kept = new Map<string, string>();
  getItem = (key: string) => this.kept.get(key) ?? null;
  setItem = (key: string, value: string) => void this.kept.set(key, value);
  removeItem = (key: string) => void this.kept.delete(key);
}

function deviceWith(answer: Answering, change: Partial<DeviceOptions> = {}) {
  const asked: MeasureRequest[] = [];
  const terminated = vi.fn();
  const options: DeviceOptions = {
    ...{ manifest, manifestUrl: 'https://page/manifest.json', store: new MemoryStore() },
    navigator: { userAgent: 'A browser', hardwareConcurrency: 4 },
    startWorker: () => {
      const worker: ReturnType<DeviceOptions['startWorker']> = {
        ...{ onmessage: null, onerror: null, terminate: terminated },
        postMessage: (request: MeasureRequest) => {
          asked.push(request);
          for (const data of answer(request)) worker.onmessage?.call(worker as Worker, { data } as MessageEvent);
        },
      };
      return worker;
    },
    ...{ isBusy: () => false, now: () => new Date('2026-03-04T05:06:07Z') },
    ...change,
  };
  return { device: new Device(options), options, asked, terminated };
}

describe('measuring a device', () => {
  it('goes through every number of threads, each in a worker that ends', async () => {
    const { device, asked, terminated } = deviceWith(answering(HERE));
    await device.measure();
    expect(asked.map((request) => (request.type === 'measure' ? request.station.threads : request.type))).toEqual([
      ...['survey', 1, 2],
    ]);
    expect(terminated).toHaveBeenCalledTimes(3);
    expect(device.rows.map(({ threads }) => threads)).toEqual([1, 2]);
    expect([device.phase, device.problem, device.layerMs]).toEqual(['idle', undefined, 4]);
  });

  it('asks before it fetches anything', async () => {
    const survey = { ...HERE, variants: [...HERE.variants, { id: 'fp16', missingBytes: 4000 }] };
    const { device, asked } = deviceWith(answering(survey));
    await device.measure();
    expect([device.phase, device.missingBytes, device.hasSomeHere, asked.length]).toEqual(['asking', 4000, true, 1]);
    await device.goOn('without');
    expect(new Set(device.rows.map(({ variant }) => variant))).toEqual(new Set(['q8']));
    await device.measure();
    await device.goOn('fetch');
    expect(device.rows.map(({ variant }) => variant)).toEqual(['q8', 'fp16', 'q8', 'fp16']);
  });

  it('compares WebGPU with what WASM answered, and takes it where that is the same', async () => {
    const { device, asked } = deviceWith(answering({ ...HERE, adapter: 'acme', noGpu: undefined }));
    await device.measure();
    expect(asked.at(-1)).toMatchObject({ station: { backend: 'webgpu' }, expected: { q8: { labels: [1, 2] } } });
    expect(device.loadChoice()).toEqual({ backend: 'webgpu', threads: 2, variant: 'q8', adapter: 'acme' });
  });

  it('refuses while sentences run, and gives way to them', async () => {
    const busy = deviceWith(answering(HERE), { isBusy: () => true });
    await busy.device.measure();
    expect([busy.device.problem, busy.asked]).toEqual([{ kind: 'busy' }, []]);
    const silent = deviceWith((request) => (request.type === 'survey' ? answering(HERE)(request) : []));
    const measuring = silent.device.measure();
    await vi.waitFor(() => expect(silent.device.phase).toBe('measuring'));
    silent.device.giveWay();
    await measuring;
    expect([silent.device.phase, silent.device.problem]).toEqual(['idle', { kind: 'gave way' }]);
    await vi.waitFor(() => expect(silent.terminated).toHaveBeenCalledTimes(2));
  });

  it('keeps what was measured before where it is cancelled', async () => {
    let isSilent = false;
    const answer = answering(HERE);
    const { device } = deviceWith((request) => (isSilent && request.type === 'measure' ? [] : answer(request)));
    await device.measure();
    isSilent = true;
    const measuring = device.measure();
    await vi.waitFor(() => expect(device.phase).toBe('measuring'));
    expect(device.rows).toEqual([]);
    device.cancel();
    await measuring;
    expect(device.problem).toEqual({ kind: 'cancelled' });
    expect(device.rows).toHaveLength(2);
  });

  it('goes on where one worker fails, and says which', async () => {
    const error = { code: 'RUNTIME_LOST', message: 'It did not start.', retryable: true } as const;
    const { device } = deviceWith((request) =>
      request.type === 'measure' && request.station.threads === 2
        ? [{ type: 'failed', error }]
        : answering(HERE)(request),
    );
    await device.measure();
    expect(device.rows.map(({ threads }) => threads)).toEqual([1]);
    expect(device.skipped).toEqual([{ backend: 'wasm', threads: 2, variant: 'q8', reason: 'It did not start.' }]);
  });

  it('says why nothing could be measured, and keeps nothing', async () => {
    const error = { code: 'MODEL_UNAVAILABLE', message: 'There is no model.', retryable: false } as const;
    const { device, options } = deviceWith((request) =>
      request.type === 'survey' ? answering(HERE)(request) : [{ type: 'failed', error }],
    );
    await device.measure();
    expect(device.problem).toEqual({ kind: 'failed', message: 'There is no model.' });
    expect((options.store as MemoryStore).kept.size).toBe(0);
  });
});

describe('what was measured', () => {
  it('is known at the next visit, until it is forgotten', async () => {
    const first = deviceWith(answering(HERE));
    await first.device.measure();
    const { store } = first.options;
    const next = deviceWith(answering(HERE), { store });
    expect(next.device.kept).toEqual(first.device.kept);
    // The usual weights of WASM, which the page takes by itself.
    expect(next.device.loadChoice()).toEqual({ backend: 'wasm', threads: 2, variant: 'auto', adapter: undefined });
    next.device.forget();
    expect([next.device.loadChoice(), deviceWith(answering(HERE), { store }).device.kept]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('is of one browser alone, and damage is as good as nothing', async () => {
    const { device, options } = deviceWith(answering(HERE));
    await device.measure();
    const { store } = options;
    const navigator = { userAgent: 'Another browser', hardwareConcurrency: 4 };
    expect(deviceWith(answering(HERE), { store, navigator }).device.kept).toBeUndefined();
    store?.setItem('dimee-device', '{"format":');
    expect(deviceWith(answering(HERE), { store }).device.kept).toBeUndefined();
  });

  it('is said not to be kept where the browser keeps nothing', async () => {
    const full = Object.assign(new MemoryStore(), {
      setItem: () => {
        throw new Error('The quota is exceeded.');
      },
    });
    for (const store of [undefined, full]) {
      const { device } = deviceWith(answering(HERE), { store });
      await device.measure();
      expect([device.isKeptHere, device.rows.length]).toEqual([false, 2]);
    }
  });
});
