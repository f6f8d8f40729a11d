import type { Judgement } from './judgement.ts';

/** The most frequent mistakes first: what was taken for what, how often. */
export function frequentMistakes({ classes, confusion }: Judgement, most: number) {
  return confusion
    .map((times, at) => ({ label: Math.floor(at / classes), predicted: at % classes, times }))
    .filter(({ label, predicted, times }) => label !== predicted && times > 0)
    .sort((a, b) => b.times - a.times)
    .slice(0, most);
}
