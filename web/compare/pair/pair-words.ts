import { signed } from '../../components/words';

/** A difference: one that is no less than nothing has a plus. */
export function withSign(value: number, digits: number): string {
  const text = signed(value, digits);
  return Number(value.toFixed(digits)) > 0 ? `+${text}` : text;
}

/** A probability with two digits that say something; one that is next to nothing is not written as 0. */
export function pValueInWords(value: number): string {
  return value < 0.001 ? 'below 0.001' : value.toFixed(value < 0.1 ? 3 : 2);
}
