/** What this engine makes of the frozen codes; run in a browser by `same-bits.spec.ts`. */
import { frozenCodes } from '../../vectors/compression.ts';

export interface MadeCode {
  readonly title: string;
  readonly expected: Readonly<Record<string, string>>;
  readonly made: Readonly<Record<string, string>>;
}

export function madeCodes(): MadeCode[] {
  return frozenCodes().map(({ section, title, expected, made }) => ({
    title: `${section}: ${title}`,
    expected,
    made: made(),
  }));
}
