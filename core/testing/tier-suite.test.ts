import { HeldStates } from '../ladder/held-states';
import { LoopbackTier } from '../protocol/loopback-tier';
import { RemoteTier } from '../protocol/remote-tier';
import { fakeLadder } from './fake-ladder';
import { joinEnds } from './join-ends';
import { fakeNetwork } from './socket-pair';
import { testTier, type TierParts } from './tier-suite';

const now = () => performance.now();

function edgeBelowCloud({ manifest, codecs, edgeRuntime, cloudRuntime }: TierParts) {
  const cloud = fakeLadder({ name: 'cloud', manifest, runtime: cloudRuntime, heldStates: new HeldStates(2 ** 20) });
  const upstream = new LoopbackTier({ from: 'edge', to: 'cloud', tier: cloud, codecs, now });
  return fakeLadder({ name: 'edge', manifest, runtime: edgeRuntime, upstream });
}

testTier('LadderTier', (parts) => ({ tier: edgeBelowCloud(parts) }));

testTier('LoopbackTier', (parts) => ({
  tier: new LoopbackTier({
    from: 'mobile',
    to: 'edge',
    tier: edgeBelowCloud(parts),
    codecs: parts.codecs,
    now,
  }),
}));

testTier('RemoteTier', (parts) => {
  const served = edgeBelowCloud(parts);
  const { codecs, manifest } = parts;
  const { openSocket } = fakeNetwork((socket) => void joinEnds(socket, { tier: served, codecs, manifest }));
  const modelHash = parts.manifest.hash;
  const options = { url: 'ws://edge/v1/tier', modelHash, variant: 'q8', client: 'suite' };
  const tier = new RemoteTier({ ...options, from: 'mobile', to: 'edge', codecs, openSocket, now });
  return { tier, close: () => tier.close() };
});
