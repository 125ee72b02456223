import { join } from 'node:path';
import { build } from 'vite';
import { root } from './setup.mjs';

/* The exit rule of core/ as one script for the engine's V8: made at each start, so that it cannot be an older one. */

/** @returns {Promise<string>} a script after which `exitRule.openRules` is there. */
export async function exitRuleScript() {
  const lib = { entry: join(root, 'cluster/exit-rule.ts'), formats: ['iife'], name: 'exitRule' };
  const options = { write: false, minify: false, lib };
  const [{ output }] = await build({ root, configFile: false, publicDir: false, logLevel: 'error', build: options });
  return output[0].code;
}
