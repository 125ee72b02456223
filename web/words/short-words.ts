import type { TierName } from '../../core/layers';
import type { LanguageId } from './languages';

/** Words that stand among numbers and in pictures all over the page, so that every script has them in every language. */
export interface ShortWords {
  /** Between the ends of a range. */
  readonly to: string;
  readonly tiers: Readonly<Record<TierName, string>>;
}

export const SHORT_WORDS: Readonly<Record<LanguageId, ShortWords>> = {
  en: { to: 'to', tiers: { mobile: 'This device', edge: 'Edge', cloud: 'Cloud' } },
  de: { to: 'bis', tiers: { mobile: 'Dieses Gerät', edge: 'Edge', cloud: 'Cloud' } },
};
