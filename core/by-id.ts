import { DimeeError } from './errors';

/** @throws DimeeError `BAD_INPUT` for an id that none has, with those there are; `kind` says of what, for people. */
export function byId<Item extends { readonly id: string }>(all: readonly Item[], id: string, kind: string): Item {
  const found = all.find((candidate) => candidate.id === id);
  if (found) return found;
  const known = all.map((candidate) => candidate.id).join(', ');
  throw new DimeeError('BAD_INPUT', `There is no ${kind} “${id}”. Choose one of: ${known}.`);
}
