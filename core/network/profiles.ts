/** The way from the mobile tier to the edge and back. */
export interface NetworkLink {
  /** Round trip of an empty message, mean. */
  readonly roundTripMs: number;
  readonly upMbps: number;
  readonly downMbps: number;
  /** Standard deviation of the round trip. */
  readonly jitterMs: number;
}

/** What sending takes from the battery, as Huang et al. (MobiSys 2012) model it. */
export interface Radio {
  /** Power while sending: base, and on top of it so much for each Mbit/s. */
  readonly baseMilliwatts: number;
  readonly milliwattsPerUpMbps: number;
  /** How long the radio stays awake after the last byte, and at which power. */
  readonly tailMs: number;
  readonly tailMilliwatts: number;
}

export const NETWORKS = ['wifi', '5g', '4g', '3g', 'offline', 'custom'] as const;
export type NetworkId = (typeof NETWORKS)[number];
export type ProfileId = Exclude<NetworkId, 'offline' | 'custom'>;

export const NETWORK_NAMES: Readonly<Record<NetworkId, string>> = {
  wifi: 'Wi-Fi',
  '5g': '5G',
  '4g': '4G',
  '3g': '3G',
  offline: 'Offline',
  custom: 'Custom',
};

/**
 * Typical links; none is a promise of any real one.
 * - Wi-Fi: the Wi-Fi preset of Firefox's network throttling (30 / 15 Mbit/s, 2 ms). Jitter: our assumption.
 * - 5G: medians of Speedtest's 5G tests in the United Kingdom, second half of 2024 (111 / 11 Mbit/s, 31 ms). Jitter, a
 *   quarter of the round trip: our assumption.
 * - 4G: WebPageTest's LTE profile (12 / 12 Mbit/s, 70 ms). 3G: WebPageTest's 3G profile (1.6 Mbit/s / 768 kbit/s, 300 ms).
 *   Jitter of both: Loadero's network conditions for 4G (outgoing) and 3G.
 */
export const LINKS: Readonly<Record<ProfileId, NetworkLink>> = {
  wifi: { roundTripMs: 2, upMbps: 15, downMbps: 30, jitterMs: 1 },
  '5g': { roundTripMs: 31, upMbps: 11, downMbps: 111, jitterMs: 8 },
  '4g': { roundTripMs: 70, upMbps: 12, downMbps: 12, jitterMs: 15 },
  '3g': { roundTripMs: 300, upMbps: 0.8, downMbps: 1.6, jitterMs: 50 },
};

/**
 * Fitted by Huang et al. on phones of 2012 (tables 3 and 4: uplink α and base β in mW, tail); newer ones need less, in
 * about the same proportions. 5G: base and tail twice those of LTE, the lower end of the 2 to 3 times that Xu et al.
 * (SIGCOMM 2020) measured.
 */
const LTE: Radio = { baseMilliwatts: 1288, milliwattsPerUpMbps: 438.4, tailMs: 11_576, tailMilliwatts: 1060 };
const RADIOS: Readonly<Record<ProfileId, Radio>> = {
  wifi: { baseMilliwatts: 132.9, milliwattsPerUpMbps: 283.2, tailMs: 238, tailMilliwatts: 119 },
  '5g': { ...LTE, baseMilliwatts: 2 * LTE.baseMilliwatts, tailMilliwatts: 2 * LTE.tailMilliwatts },
  '4g': LTE,
  '3g': { baseMilliwatts: 817.9, milliwattsPerUpMbps: 869, tailMs: 8088, tailMilliwatts: 804 },
};

/** A link and the radio behind it. */
export interface Access {
  readonly link: NetworkLink;
  readonly radio: Radio;
}

/** How a network is reached; undefined offline. A custom link has the radio of 4G. */
export function accessOf(network: NetworkId, custom: NetworkLink): Access | undefined {
  if (network === 'offline') return undefined;
  if (network === 'custom') return { link: custom, radio: RADIOS['4g'] };
  return { link: LINKS[network], radio: RADIOS[network] };
}
