import type { CompressionForecast } from '@tributary/fl-core';
import { decimal, finePercent, percent } from '../../messages/figures.ts';
import { formWords } from './words.ts';

/** One figure where it hardly matters how much the devices agree, else both. */
export function errorInWords(meanError: CompressionForecast['meanError']): string {
  const { independent, 'half-aligned': halfAligned } = meanError;
  const [one, other] = [shareInWords(independent), shareInWords(halfAligned)];
  const isAlike = Math.max(independent, halfAligned) < 1.3 * Math.min(independent, halfAligned);
  return isAlike || one === other
    ? shareInWords(Math.max(independent, halfAligned))
    : formWords().forecast.errors(one, other);
}

/** Of large ones no decimals, of small ones the first digits. */
function shareInWords(share: number): string {
  if (share === 0 || share >= 0.1) return percent(share);
  return share >= 0.001 ? finePercent(share) : `${decimal(Number((100 * share).toPrecision(1)))}\u00a0%`;
}

/** `1 in 200,000`, for what is rare. */
export function chanceInWords(probability: number): string {
  const text = formWords().forecast;
  return probability === 0 ? text.never : text.oneIn(Number((1 / probability).toPrecision(2)));
}
