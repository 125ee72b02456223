import { spawnSync } from 'node:child_process';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jump } from '../../testing/jumping-clock.mjs';
import { findings, type Scenario, unless } from '../scenario';

const CLOCK = new URL('../../testing/jumping-clock.mjs', import.meta.url).href;
const JUMPING = ['--import', `data:text/javascript,${encodeURIComponent(`import { jump } from '${CLOCK}'; jump();`)}`];

export const clockJumped: Scenario = {
  name: 'clock-jumped',
  about: 'the time of day jumps by months, back and forth, at clients, edge and cloud',
  async play(stage) {
    const cloud = await stage.start(['--tier', 'cloud'], JUMPING);
    const edge = await stage.start(['--cloud-url', cloud.url], JUMPING);
    const stop = jump();
    try {
      return findings(await stage.ask(edge.url).tally());
    } finally {
      stop();
    }
  },
};

/** Of a disk that is full but for a little. */
const DISK_BYTES = 256 * 1024;

export const diskFull: Scenario = {
  name: 'disk-full',
  about: 'the disk of logs and links is full: samples are answered, links are refused until there is room',
  async play(stage) {
    const disk = await Disk.mount();
    if (!disk) return { figures: {}, faults: [], skipped: 'a small disk (tmpfs) can only be mounted by root' };
    const log = openSync(disk.path('log'), 'a');
    try {
      const flags = ['--links', disk.path('links'), '--log-level', 'debug'];
      const edge = await stage.start(flags, [], log);
      await disk.fill();
      const tally = await stage.ask(edge.url).tally();
      const refused = await keepLink(edge.port);
      await disk.makeRoom();
      const kept = await keepLink(edge.port);
      const bytesBefore = fstatSync(log).size;
      await stage.ask(edge.url).tally();
      const faults = [
        ...unless(fstatSync(log).size > bytesBefore, 'with room again nothing is logged'),
        ...unless(refused === 507, `a link that cannot be kept is answered ${refused}, not 507`),
        ...unless(kept === 200, `with room again a link is answered ${kept}`),
      ];
      return findings(tally, { linkWhenFull: refused, linkAfterwards: kept }, faults);
    } finally {
      await stage.clear();
      closeSync(log);
      await disk.unmount();
    }
  },
};

/** The status that a link to keep is answered with. */
async function keepLink(port: number): Promise<number> {
  const { status } = await fetch(`http://127.0.0.1:${port}/api/links`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ hash: '#v=2' }),
  });
  return status;
}

/** A small disk in memory. */
class Disk {
  private constructor(private readonly folder: string) {}

  /** Undefined where this account may not. */
  static async mount(): Promise<Disk | undefined> {
    const folder = await mkdtemp(join(tmpdir(), 'dimee-disk-'));
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', folder]);
    if (status === 0) return new Disk(folder);
    await rm(folder, { recursive: true });
    return undefined;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  async fill(): Promise<void> {
    await writeFile(this.path('full'), Buffer.alloc(2 * DISK_BYTES)).catch(() => undefined);
  }

  makeRoom(): Promise<void> {
    return rm(this.path('full'));
  }

  async unmount(): Promise<void> {
    spawnSync('umount', [this.folder]);
    await rm(this.folder, { recursive: true, force: true });
  }
}
