import type { Playground } from '../../state/Playground.svelte';
import { Optimiser } from './Optimiser.svelte';
import { PolicyTable } from './PolicyTable.svelte';

/** What the Lab knows of choosing a policy. */
export interface Choosing {
  readonly table: PolicyTable;
  readonly optimiser: Optimiser;
}

const known = new WeakMap<Playground, Choosing>();

/** Kept as long as the page: who leaves the Lab and comes back finds it as it was. */
export function choosingIn(playground: Playground): Choosing {
  const found = known.get(playground) ?? made(playground);
  known.set(playground, found);
  return found;
}

function made({ lab, settings }: Playground): Choosing {
  return { table: new PolicyTable(lab, settings), optimiser: new Optimiser(lab, settings) };
}
