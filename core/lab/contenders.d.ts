import { type OnlinePolicy } from '../online';
import { type Policy } from '../policies';
import type { Aim } from '../trace/optimise';
import { type Trial, type TrialSetting } from './policy-trial';
/** What can be compared: policies that are set beforehand, and those that learn on the way. */
export type Contender = Policy | OnlinePolicy;
export declare const CONTENDERS: readonly Contender[];
/** Tries a policy of either kind on what is reported on; the aim is for those alone whose parameters are chosen. */
export declare function tryContender(contender: Contender, setting: TrialSetting, aim: Aim): Trial;
