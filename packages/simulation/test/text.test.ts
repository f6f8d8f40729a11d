import { ALPHABETS, bytesToHex, plainSha256 } from '@tributary/fl-core';
import { describe, expect, it } from 'vitest';
import { generateText, TOPICS, textExamples } from '../src/index.ts';

const schema = { kind: 'text', alphabet: ' ab', sequenceLength: 3 } as const;

describe('generated text', () => {
  it('is the same for the same seed on every engine, and another for another seed', () => {
    const text = generateText({ seed: 'frozen', characters: 2000 });
    expect(text.length).toBeGreaterThanOrEqual(2000);
    expect(bytesToHex(plainSha256(new TextEncoder().encode(text)))).toMatchInlineSnapshot(
      `"b2cb993762e1c537a7aec109280626decf98980e9cca0386fa7876c5a9fef590"`,
    );
    expect(generateText({ seed: 'another', characters: 2000 })).not.toBe(text);
  });

  it.each(TOPICS)('of %s needs no characters beyond the lower-case alphabet', (topic) => {
    const strange = [...generateText({ seed: 'letters', topic, characters: 5000 })].filter(
      (character) => !ALPHABETS['lower-case'].includes(character),
    );
    expect(strange).toEqual([]);
  });
});

describe('text as examples', () => {
  it('labels each character with the one after it, in sequences that do not overlap', () => {
    expect(textExamples('abba ab?', schema)).toEqual({
      count: 2,
      inputShape: [3],
      inputs: Float32Array.of(1, 2, 2, 1, 0, 1),
      labelsPerExample: 3,
      labels: Int32Array.of(2, 2, 1, 0, 1, 2),
    });
  });

  it('reads what the alphabet does not have as its first character', () => {
    expect([...textExamples('a?bé', schema).inputs]).toEqual([1, 0, 2]);
  });

  it('is refused when it is shorter than a sequence and its last label', () => {
    expect(() => textExamples('aba', schema)).toThrow('too few');
    expect(textExamples('abab', schema).count).toBe(1);
  });
});
