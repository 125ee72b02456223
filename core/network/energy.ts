import type { ModelledJourney } from './journey';
import type { Access } from './profiles';

/** What a journey is modelled to take from the mobile device's battery, in millijoules. */
export interface Energy {
  /** P_cpu · t of the mobile layers. */
  readonly computeMillijoules: number;
  /** P_tx · t_up. */
  readonly sendingMillijoules: number;
  /** The radio staying awake afterwards, for a sample that crosses alone; those that cross together share one tail. */
  readonly tailMillijoules: number;
}

/** Power of a phone's processor at full load: an assumption, about what a phone without a fan can shed for long. */
const COMPUTE_WATTS = 2.5;

/** Energy = P_cpu · t_mobile + (β + α · bandwidth up) · t_up + P_tail · t_tail where it crosses (Huang et al., MobiSys 2012). */
export function modelEnergy(modelled: ModelledJourney, access: Access | undefined): Energy {
  const computeMillijoules = COMPUTE_WATTS * modelled.computeMs.mobile;
  if (!access || modelled.bytesUp === 0) return { computeMillijoules, sendingMillijoules: 0, tailMillijoules: 0 };
  const { link, radio } = access;
  const sendingMilliwatts = radio.baseMilliwatts + radio.milliwattsPerUpMbps * link.upMbps;
  return {
    computeMillijoules,
    sendingMillijoules: (sendingMilliwatts * modelled.upMs) / 1000,
    tailMillijoules: (radio.tailMilliwatts * radio.tailMs) / 1000,
  };
}
