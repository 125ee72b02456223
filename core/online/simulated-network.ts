import { DEFAULT_LAYER_TIMES } from '../network/equipment';
import { transferMs } from '../network/journey';
import { LINKS } from '../network/profiles';
import { drawLot } from '../numbers/lots';

/** What a device knows of its network and of the edge when it chooses. */
export interface NetworkState {
  /** From the device up to the edge. */
  readonly uplinkMbitPerSecond: number;
  /** The share of the edge that others keep busy, 0 to below 1. */
  readonly edgeLoad: number;
}

/** The device's own link: its uplink comes and goes about that of the profile, its round trip stays. */
const LINK = LINKS['5g'];
/** By which factor the uplink lies above or below its median two thirds of the time: our assumption. */
const UPLINK_SPREAD = 2.5;
/** Log odds of the edge's load: 0.35 is the median; two thirds of the time it lies between 0.14 and 0.64. */
const MEDIAN_LOAD_LOGIT = Math.log(0.35 / 0.65);
const LOAD_LOGIT_SPREAD = 1.2;
/** How much of a state is left one sample later: half of it is gone after 14 samples. */
const PERSISTENCE = 0.95;

/**
 * A network that comes and goes, and an edge that others load: the logarithm of the uplink and the log odds of the load
 * are each a first-order autoregression with Gaussian steps. Simulated, not measured; what is chosen for a sample does
 * not change it. Each call gives the state of the next sample; the same seed gives the same states.
 */
export function simulatedNetwork(seed: number): () => NetworkState {
  const fresh = Math.sqrt(1 - PERSISTENCE ** 2);
  let step = 0;
  let [uplink, load] = gaussianPair(seed, step);
  return () => {
    const state = {
      uplinkMbitPerSecond: LINK.upMbps * UPLINK_SPREAD ** uplink,
      edgeLoad: 1 / (1 + Math.exp(-MEDIAN_LOAD_LOGIT - LOAD_LOGIT_SPREAD * load)),
    };
    const [uplinkNoise, loadNoise] = gaussianPair(seed, ++step);
    uplink = PERSISTENCE * uplink + fresh * uplinkNoise;
    load = PERSISTENCE * load + fresh * loadNoise;
    return state;
  };
}

/** Two independent draws of mean 0 and variance 1 (Box and Muller). */
function gaussianPair(seed: number, step: number): [number, number] {
  const radius = Math.sqrt(-2 * Math.log(1 - drawLot(seed, step, 1)));
  const angle = 2 * Math.PI * drawLot(seed, step, 2);
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}

/** One way for a sample to be answered: layers here, bytes across, layers on the edge. */
export interface SimulatedTrip {
  readonly mobileLayers: number;
  readonly edgeLayers: number;
  readonly payloadBytes: number;
}

/**
 * Modelled milliseconds until the answer: layers on the device, and where any are left for the edge, the round trip, the
 * payload on the uplink, and the edge's layers, which take 1 / (1 − load) times as long as on an idle one. Link and layer
 * times are those of `core/network`. Left out, unlike in `modelJourney`: the sample's length, as arms differ in layers and
 * not in tokens, and the few bytes of the answer and of the protocol.
 */
export function modelledLatencyMs(
  { mobileLayers, edgeLayers, payloadBytes }: SimulatedTrip,
  network: NetworkState,
): number {
  const local = DEFAULT_LAYER_TIMES.mobile * mobileLayers;
  if (edgeLayers === 0) return local;
  const remote = (DEFAULT_LAYER_TIMES.edge * edgeLayers) / (1 - network.edgeLoad);
  return local + LINK.roundTripMs + transferMs(payloadBytes, network.uplinkMbitPerSecond) + remote;
}
