/**
 * A person's hand: which way of writing each digit they prefer, how much they lean, press and tremble. People
 * with hands of their own are what makes federated data differ between participants.
 */
import { integerBelow, type RandomSource } from '@tributary/fl-core';
import { around, bell } from './bell.ts';
import { GLYPHS } from './glyphs.ts';

export interface Handwriting {
  /** Preferred way of writing each of the ten digits, an index into its glyphs. */
  readonly variants: readonly number[];
  /** Fraction of digits written in another way than the preferred one. */
  readonly variety: number;
  /** Horizontal shift per unit of height; positive leans to the right. */
  readonly slant: number;
  /** Tangent of half the angle by which the paper is turned; positive turns clockwise. */
  readonly turn: number;
  /** Width and height of the writing box in pixels. */
  readonly width: number;
  readonly height: number;
  /** Half the pen's width in pixels. */
  readonly penRadius: number;
  /** How far points stray, as a fraction of the writing box. */
  readonly tremor: number;
}

/** A hand of its own for each source of randomness. */
export function drawHandwriting(random: RandomSource): Handwriting {
  return {
    variants: GLYPHS.map((ways) => integerBelow(random, ways.length)),
    variety: 0.15,
    slant: 0.3 * bell(random),
    turn: 0.09 * bell(random),
    width: around(13, 3.2, random),
    height: around(18, 2.6, random),
    penRadius: around(1.15, 0.5, random),
    tremor: around(0.035, 0.012, random),
  };
}
