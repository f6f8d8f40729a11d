import { ALPHABETS, textDataSchema } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';

describe.each(Object.entries(ALPHABETS))('the alphabet %s', (_name, alphabet) => {
  it('has each character once, a space first, and makes a schema', () => {
    const characters = [...alphabet];
    expect(new Set(characters).size).toBe(characters.length);
    expect(characters[0]).toBe(' ');
    expect(() => textDataSchema.parse({ kind: 'text', alphabet, sequenceLength: 10 })).not.toThrow();
  });
});

it('holds what its name says', () => {
  const sizes = Object.fromEntries(
    Object.entries(ALPHABETS).map(([name, alphabet]) => [name, [...alphabet].length]),
  );
  expect(sizes).toEqual({ 'lower-case': 38, english: 76, german: 83, ascii: 96, 'latin-1': 191 });
  expect([...'ÄÖÜäöüß'].every((letter) => ALPHABETS['latin-1'].includes(letter))).toBe(true);
});
