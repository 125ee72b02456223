import type { Scenario } from '../scenario';
import { autobahn } from './autobahn';
import { broken, delayed, lossy, slow } from './bad-lines';
import { engineHangs, engineRestarted, nodeKilled, replicaKilled } from './engine-ends';
import { engineScales, engineShares } from './engine-scale';
import { flood } from './flood';
import { byteASecond, neverReads } from './hostile';
import { clockJumped, diskFull } from './machine';
import { cloudAway, cloudKilled, edgeAway, edgeDrains, edgeKilled, oneOfTwoKilled } from './servers-end';

/** All there are, in the order in which they are played. */
export const SCENARIOS: readonly Scenario[] = [
  edgeKilled,
  edgeAway,
  edgeDrains,
  oneOfTwoKilled,
  cloudKilled,
  cloudAway,
  delayed,
  slow,
  lossy,
  broken,
  replicaKilled,
  nodeKilled,
  engineRestarted,
  engineHangs,
  engineShares,
  engineScales,
  clockJumped,
  diskFull,
  neverReads,
  byteASecond,
  flood,
  autobahn,
];
