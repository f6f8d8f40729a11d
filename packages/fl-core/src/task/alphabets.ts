/**
 * Alphabets that text tasks usually have. The first character of each, a space, stands for whatever is not in it.
 * `latin-1` is ISO 8859-1: a character for each byte that stands for one.
 */
const LOWER_CASE = 'abcdefghijklmnopqrstuvwxyz';
const LETTERS = LOWER_CASE.toUpperCase() + LOWER_CASE;
const between = (first: number, last: number): string =>
  Array.from({ length: last - first + 1 }, (_, offset) => String.fromCodePoint(first + offset)).join('');
const ASCII = ` \n${between(0x21, 0x7e)}`;

export const ALPHABETS = {
  'lower-case': ` \n'(),-.:;?!${LOWER_CASE}`,
  english: ` \n!"&'(),-.0123456789:;?${LETTERS}`,
  german: ` \n!"&'(),-.0123456789:;?${LETTERS}ÄÖÜäöüß`,
  ascii: ASCII,
  'latin-1': `${ASCII}${between(0xa1, 0xff)}`,
} as const satisfies Record<string, string>;
export type AlphabetName = keyof typeof ALPHABETS;
