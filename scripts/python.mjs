import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { root, run } from './setup.mjs';

/* The Python environments of training/ and cluster/: made when missing, kept between runs and shared by checkouts. */

/** PyTorch's CPU build: on Linux the package index alone would bring gigabytes of CUDA. */
const TORCH = 'torch==2.13.0';
const CPU_BUILDS = 'https://download.pytorch.org/whl/cpu';

/** What a room's environment is made of, beside the packages that its `requirements.txt` names. */
const ROOMS = { training: { torch: TORCH }, cluster: {} };

const isWindows = process.platform === 'win32';

function cacheFolder() {
  const base = process.env.XDG_CACHE_HOME ?? (isWindows ? process.env.LOCALAPPDATA : undefined);
  return join(base ?? join(homedir(), '.cache'), 'dimee-playground');
}

/** A Python of at least 3.11, as a command; undefined, with a sentence on the console, where there is none. */
export function systemPython() {
  const isNewEnough = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))';
  const found = [process.env.PYTHON, 'python3', 'python', 'python3.13', 'python3.12', 'python3.11'].find(
    (command) => command && spawnSync(command, ['-c', isNewEnough], { stdio: 'ignore' }).status === 0,
  );
  if (!found) console.error('There is no Python 3.11 or newer with venv: install it.');
  return found;
}

/** Where a room's environment lies: its Python, and what is there once it is complete. */
function environmentOf(room) {
  const { torch } = ROOMS[room];
  const wanted = createHash('sha256').update(readFileSync(join(root, room, 'requirements.txt')));
  if (torch) wanted.update(torch);
  const folder = join(cacheFolder(), `python-${wanted.digest('hex').slice(0, 12)}`);
  const python = join(folder, ...(isWindows ? ['Scripts', 'python.exe'] : ['bin', 'python']));
  return { folder, python, stamp: join(folder, 'complete') };
}

/**
 * Whether that environment has been made.
 * @param {keyof typeof ROOMS} room
 */
export function hasPython(room) {
  return existsSync(environmentOf(room).stamp);
}

/**
 * The Python of an environment with all that the room's `requirements.txt` names; undefined, with a sentence on the console,
 * where it cannot be had.
 * @param {keyof typeof ROOMS} room
 */
export function ensurePython(room) {
  const { torch } = ROOMS[room];
  const { folder, python, stamp } = environmentOf(room);
  if (existsSync(stamp)) return python;
  const base = systemPython();
  if (!base) return undefined;
  console.log(`Installing the Python packages of ${room}/ into ${folder} …`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(cacheFolder(), { recursive: true });
  const pip = (...args) =>
    run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...args]) === 0;
  const hasTorch = () =>
    !torch || pip('--no-deps', '--retries', '0', '--timeout', '10', '--index-url', CPU_BUILDS, torch) || pip(torch);
  const rest = [...(torch ? [torch] : []), '-r', join(room, 'requirements.txt')];
  if (run(base, ['-m', 'venv', folder]) === 0 && hasTorch() && pip(...rest)) {
    writeFileSync(stamp, '');
    return python;
  }
  console.error(`The Python packages of ${room}/ could not be installed.`);
  return undefined;
}
